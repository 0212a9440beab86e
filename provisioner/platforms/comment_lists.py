"""The comments of a pull request, as the API of each platform has them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.liveagent.http.pacing import Pacer
from provisioner.platforms.build_facts import BuildFacts
from provisioner.platforms.pages import Page, Row, at, rows, rows_of
from provisioner.platforms.platform_api import CODE, PlatformApi
from provisioner.platforms.pull_comments import Comment, CommentList


class _Listed:
    """What most platforms share: a list with pages, and one path for each comment."""

    limit = 65_000
    takes_html = True
    method = "PATCH"

    def __init__(self, api: PlatformApi, facts: BuildFacts) -> None:
        self.api = api
        self.facts = facts

    @property
    def path(self) -> str:
        raise NotImplementedError

    def create(self, text: str) -> None:
        self.api.call("POST", self.path, self.body(text))

    def update(self, comment: Comment, text: str) -> None:
        self.api.call(self.method, comment.place, self.body(text))

    def delete(self, comment: Comment) -> None:
        self.api.call("DELETE", comment.place)

    def body(self, text: str) -> Mapping[str, Any]:
        return {"body": text}


class _GitHub(_Listed):
    """Comments of GitHub."""

    @property
    def path(self) -> str:
        return f"/repos/{self.facts.repository}/issues/{self.facts.number}/comments"

    def own_author(self) -> str:
        # The token of a job may not call /user (D), but may ask who views.
        # GitHub Enterprise Server answers at /api/graphql, beside /api/v3 (D).
        root = urlsplit(self.facts.api).path.rstrip("/").removesuffix("/v3")
        query = {"query": "{ viewer { login } }"}
        content = self.api.call("POST", "/graphql", query, root=root).content
        return _text(at(content, "data", "viewer", "login"))

    def comments(self) -> Iterator[Comment]:
        base = f"/repos/{self.facts.repository}/issues/comments"
        for row in rows(self.api, self.path):
            author = str(at(row, "user", "login"))
            yield Comment(f"{base}/{_number(row)}", author, str(row.get("body")))


class _Gitea(_Listed):
    """Comments of Gitea and Forgejo."""

    ACTIONS_USER = -2
    """The id of the user of a job's own token (I: source code of Gitea and Forgejo)."""

    @property
    def path(self) -> str:
        return f"/repos/{self.facts.repository}/issues/{self.facts.number}/comments"

    def own_author(self) -> str:
        try:
            return _text(at(self.api.call("GET", "/user").content, "id"))
        except RejectedError:
            return str(self.ACTIONS_USER)

    def comments(self) -> Iterator[Comment]:
        base = f"/repos/{self.facts.repository}/issues/comments"
        # The list has no pages (D).
        for row in rows_of(self.path, self.api.call("GET", self.path).content):
            author = str(at(row, "user", "id"))
            yield Comment(f"{base}/{_number(row)}", author, str(row.get("body")))


class _GitLab(_Listed):
    """Notes of GitLab."""

    limit = 900_000
    method = "PUT"

    @property
    def path(self) -> str:
        facts = self.facts
        return f"/projects/{facts.repository}/merge_requests/{facts.number}/notes"

    def own_author(self) -> str:
        return _text(at(self.api.call("GET", "/user").content, "id"))

    def comments(self) -> Iterator[Comment]:
        for row in rows(self.api, self.path):
            author = str(at(row, "author", "id"))
            yield Comment(f"{self.path}/{_number(row)}", author, str(row.get("body")))


class _Bitbucket(_Listed):
    """Comments of Bitbucket Cloud."""

    limit = 32_000
    takes_html = False
    method = "PUT"

    @property
    def path(self) -> str:
        facts = self.facts
        return f"/repositories/{facts.repository}/pullrequests/{facts.number}/comments"

    def own_author(self) -> str:
        return _text(at(self.api.call("GET", "/user").content, "uuid"))

    def comments(self) -> Iterator[Comment]:
        for row in rows(self.api, self.path, page_of=self._page_of, page_size="pagelen"):
            if not row.get("deleted"):
                author, text = str(at(row, "user", "uuid")), str(at(row, "content", "raw"))
                yield Comment(f"{self.path}/{_number(row)}", author, text)

    def body(self, text: str) -> Mapping[str, Any]:
        return {"content": {"raw": text}}

    @staticmethod
    def _page_of(content: Any, _headers: Mapping[str, str]) -> Page:
        return at(content, "values"), not at(content, "next")


class _Azure:
    """Comments of Azure DevOps: the first one of each thread."""

    limit = 140_000
    takes_html = True
    VERSION = "api-version=7.0"
    CLOSED = 4
    """The status of a thread that holds no merge: a branch policy may ask to resolve the others."""

    def __init__(self, api: PlatformApi, facts: BuildFacts) -> None:
        """Keep the API, and the path of the threads."""
        self.api = api
        self.path = f"/{facts.repository}/pullRequests/{facts.number}/threads"

    def own_author(self) -> str:
        """Return the id of the token's user."""
        content = self.api.call("GET", "/_apis/connectionData").content
        return _text(at(content, "authenticatedUser", "id"))

    def comments(self) -> Iterator[Comment]:
        """Yield the first comment of each thread; the list has no pages (D)."""
        content = self.api.call("GET", f"{self.path}?{self.VERSION}").content
        for thread in rows_of(self.path, at(content, "value")):
            first = next(rows_of(self.path, thread.get("comments") or []), None)
            if first and not (thread.get("isDeleted") or first.get("isDeleted")):
                number = f"{_number(thread)}/comments/{_number(first)}"
                place = f"{self.path}/{number}?{self.VERSION}"
                author = str(at(first, "author", "id"))
                yield Comment(place, author, str(first.get("content", "")))

    def create(self, text: str) -> None:
        """Begin a thread."""
        comment = {"parentCommentId": 0, "content": text, "commentType": 1}
        body = {"comments": [comment], "status": self.CLOSED}
        self.api.call("POST", f"{self.path}?{self.VERSION}", body)

    def update(self, comment: Comment, text: str) -> None:
        """Replace the text of a comment."""
        self.api.call("PATCH", comment.place, {"content": text})

    def delete(self, comment: Comment) -> None:
        """Delete a comment."""
        self.api.call("DELETE", comment.place)


_LISTS: Mapping[str, Callable[[PlatformApi, BuildFacts], CommentList]] = {
    "github": _GitHub,
    "gitlab": _GitLab,
    "bitbucket": _Bitbucket,
    "azure": _Azure,
    "gitea": _Gitea,
}


def _headers(platform: str, token: str) -> Mapping[str, str]:
    """Return the token in the form that a platform reads."""
    match platform:
        case "gitlab":
            return {"PRIVATE-TOKEN": token}
        case "gitea":
            return {"Authorization": f"token {token}"}
        case _:
            return {"Authorization": f"Bearer {token}"}


def platform_api(facts: BuildFacts, pacer: Pacer | None = None) -> PlatformApi:
    """Return the API of a platform, called with the token of a job."""
    return PlatformApi(facts.api, facts.token, _headers(facts.platform, facts.token), pacer)


def comment_list(api: PlatformApi, facts: BuildFacts) -> CommentList:
    """Return the comments of the pull request of a job."""
    return _LISTS[facts.platform](api, facts)


def github_rows(api: PlatformApi, facts: BuildFacts) -> Iterator[Row]:
    """Yield the comments of a pull request as GitHub sends them."""
    return rows(api, _GitHub(api, facts).path)


def _text(value: Any) -> str:
    """Return the name of the token's user as text.

    Raises:
        TargetError: the platform did not name it; a comment of somebody else could be taken for it.
    """
    if not isinstance(value, str | int) or value == "":
        summary = "the platform does not show the author of the token's comments"
        hint = "name the author in PROVISIONER_COMMENT_AUTHOR, as docs/commands.md describes"
        raise TargetError(Diagnostic(code=CODE, summary=summary, hint=hint))
    return str(value)


def _number(row: Row) -> int:
    """Return the number of a comment.

    Raises:
        TargetError: it has none.
    """
    if not isinstance(row.get("id"), int):
        raise TargetError(Diagnostic(code=CODE, summary="the platform sent a comment without id"))
    return int(row["id"])
