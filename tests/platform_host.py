"""A stand-in for the platforms of repositories: the comments of pull request 3 of each of them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.platform_issues import KeptIssues
from tests.unit.liveagent.scripted import Reply, Request, scripted

ME, OTHER = "9", "5"
TOKEN = "comment-token-0123"  # noqa: S105  of the stand-in
PLATFORMS = ("github", "gitlab", "bitbucket", "azure", "gitea")

_PATHS = {
    "github": "/repos/acme/helpdesk/issues/3/comments",
    "gitlab": "/api/v4/projects/7/merge_requests/3/notes",
    "bitbucket": "/repositories/acme/helpdesk/pullrequests/3/comments",
    "azure": "/acme/help%20desk/_apis/git/repositories/r1/pullRequests/3/threads",
    "gitea": "/api/v1/repos/acme/helpdesk/issues/3/comments",
}
_ONE = {
    "github": r"/repos/acme/helpdesk/issues/comments/(\d+)",
    "azure": _PATHS["azure"] + r"/(\d+)/comments/1",
    "gitea": r"/api/v1/repos/acme/helpdesk/issues/comments/(\d+)",
}
_TOKENS = {**dict.fromkeys(PLATFORMS, "Authorization"), "gitlab": "PRIVATE-TOKEN"}
_UPDATES = {"gitlab": "PUT", "bitbucket": "PUT"}


class Host:
    """What a platform keeps.

    Attributes:
        comments: number to author and text.
        token: the one that it accepts.
        other_token: another one, for answers that check which of them they get.
        number: of its pull request.
        status: the status of every answer, if it is not 0.
        headers: of every answer.
        extra: further answers by path, or functions that give them.
        issues: what it keeps besides.
        requests: the requests so far.
        url: its address.
    """

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.token = TOKEN
        self.other_token = ""
        self.number = 3
        self.comments: dict[int, tuple[str, str]] = {1: (OTHER, "Looks good")}
        self.status = 0
        self.headers: dict[str, str] = {}
        self.extra: dict[str, Any] = {}
        self.issues = KeptIssues(platform, ME)
        self.requests: list[Request] = []
        self.url = ""

    @property
    def own(self) -> list[str]:
        """The texts of the comments that the token has written."""
        return [text for author, text in self.comments.values() if author == ME]

    def answer(self, request: Request) -> Reply:
        """Answer as the platform does."""
        token = request.headers[_TOKENS[self.platform]].split()[-1]
        assert token in {self.token, self.other_token}
        if self.status:
            return Reply({"message": "not today"}, self.status, self.headers)
        if reply := self.issues.answer(request) or self._extra(request):
            return reply
        if request.path.endswith(("/user", "/graphql", "/connectionData")):
            return Reply(self._user())
        if request.path == self._path:
            if request.method == "POST":
                self.comments[max(self.comments) + 1] = (ME, self._text(request.body))
                return Reply({})
            return self._page(int(request.query.get("page", 1)))
        return self._answer_of_one(request)

    def _extra(self, request: Request) -> Reply | None:
        extra = self.extra.get(request.path, ...)
        if extra is ...:
            return None
        return extra(request) if callable(extra) else Reply(extra)

    @property
    def _path(self) -> str:
        return _PATHS[self.platform].replace("/3/", f"/{self.number}/")

    def _answer_of_one(self, request: Request) -> Reply:
        """Change or delete one comment."""
        one = _ONE.get(self.platform, self._path + r"/(\d+)")
        found = re.fullmatch(one, request.path)
        assert found, request.path
        number = int(found[1])
        if request.method == "DELETE":
            del self.comments[number]
            return Reply(raw=b"", status=204)
        assert request.method == _UPDATES.get(self.platform, "PATCH")
        self.comments[number] = (self.comments[number][0], self._text(request.body))
        return Reply({})

    def _user(self) -> Any:
        match self.platform:
            case "github":
                return {"data": {"viewer": {"login": ME}}}
            case "azure":
                return {"authenticatedUser": {"id": ME}}
            case "bitbucket":
                return {"uuid": ME}
            case _:
                return {"id": int(ME)}

    def _text(self, body: Any) -> str:
        match self.platform:
            case "bitbucket":
                return str(body["content"]["raw"])
            case "azure":
                return str(
                    body["comments"][0]["content"] if "comments" in body else body["content"]
                )
            case _:
                return str(body["body"])

    def _page(self, page: int) -> Reply:
        rows = [self._row(number, *one) for number, one in sorted(self.comments.items())]
        match self.platform:
            case "gitlab":  # a page of this stand-in has one note
                following = str(page + 1) if page < len(rows) else ""
                return Reply(rows[page - 1 : page], headers={"X-Next-Page": following})
            case "bitbucket":
                more = {"next": "https://elsewhere.acme.example"} if page < len(rows) else {}
                return Reply({"values": rows[page - 1 : page], **more})
            case "azure":
                return Reply({"value": [{"id": 8, "comments": []}, *rows]})
            case "github":
                return Reply(rows[(page - 1) * 100 : page * 100])
            case _:
                return Reply(rows)

    def _row(self, number: int, author: str, text: str) -> Any:
        match self.platform:
            case "github":
                return {"id": number, "body": text, "user": {"login": author, "type": "User"}}
            case "gitea":
                return {"id": number, "body": text, "user": {"id": int(author)}}
            case "bitbucket":
                return {"id": number, "content": {"raw": text}, "user": {"uuid": author}}
            case "azure":
                first = {"id": 1, "content": text, "author": {"id": author}}
                return {"id": number, "comments": [first]}
            case _:
                return {"id": number, "body": text, "author": {"id": int(author)}}


@contextmanager
def platform_host(platform: str) -> Iterator[tuple[str, Host]]:
    """Serve a platform; yields its address and what it keeps."""
    host = Host(platform)
    with scripted(host.answer) as (url, requests):
        host.requests, host.url = requests, url
        yield url, host


def variables(platform: str, url: str, folder: Path) -> dict[str, str]:
    """Return what a platform sets in a job of pull request 3; `folder` gets the event's file."""
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/helpdesk",
        "GITHUB_SERVER_URL": "https://git.acme.example",
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_NUMBER": "12",
    }
    match platform:
        case "github":
            event = {"pull_request": {"number": 3, "head": {"sha": "abcdef0123456789"}}}
            (folder / "event.json").write_text(json.dumps(event))
            path = {"GITHUB_EVENT_PATH": str(folder / "event.json"), "GITHUB_TOKEN": TOKEN}
            return {**github, "GITHUB_API_URL": url, **path}
        case "gitea":
            reference = {"GITHUB_REF": "refs/pull/3/head", "GITHUB_SHA": "abcdef0123456789"}
            own = {"GITEA_ACTIONS": "true", "GITHUB_API_URL": f"{url}/api/v1", "GITEA_TOKEN": TOKEN}
            return {**github, **reference, **own}
        case "gitlab":
            return {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": f"{url}/api/v4",
                "CI_PROJECT_ID": "7",
                "CI_MERGE_REQUEST_IID": "3",
                "CI_COMMIT_SHA": "abcdef0123456789",
                "CI_JOB_URL": "https://git.acme.example/acme/helpdesk/-/jobs/5",
                "PROVISIONER_NOTE_TOKEN": TOKEN,
            }
        case "bitbucket":
            return {
                "BITBUCKET_BUILD_NUMBER": "12",
                "BITBUCKET_REPO_FULL_NAME": "acme/helpdesk",
                "BITBUCKET_GIT_HTTP_ORIGIN": "http://git.acme.example/acme/helpdesk",
                "BITBUCKET_PR_ID": "3",
                "BITBUCKET_COMMIT": "abcdef0123456789",
                "BITBUCKET_TOKEN": TOKEN,
                "PROVISIONER_COMMENT_API": url,
            }
        case _:
            return {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": f"{url}/acme/",
                "SYSTEM_TEAMPROJECT": "help desk",
                "BUILD_REPOSITORY_ID": "r1",
                "BUILD_BUILDID": "12",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "3",
                "SYSTEM_PULLREQUEST_SOURCECOMMITID": "abcdef0123456789",
                "SYSTEM_ACCESSTOKEN": TOKEN,
            }
