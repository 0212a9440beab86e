"""A stand-in for the issues and pull requests of GitHub and GitLab."""

import re
from typing import Any

from tests.unit.liveagent.scripted import Reply, Request

_ROOTS = {"github": "/repos/acme/helpdesk", "gitlab": "/api/v4/projects/7"}
_PULLS = {"github": "pulls", "gitlab": "merge_requests"}


class KeptIssues:
    """What a platform keeps besides comments of pull request 3.

    Attributes:
        issues: number to title, text, state and author.
        pulls: the same for pull requests, with their branches.
        comments: the number, and the text, of each comment.
    """

    def __init__(self, platform: str, me: str) -> None:
        self.platform = platform
        self.me = me
        self.issues: dict[int, dict[str, Any]] = {}
        self.pulls: dict[int, dict[str, Any]] = {}
        self.comments: list[tuple[int, str]] = []

    def answer(self, request: Request) -> Reply | None:
        """Answer a request about issues; None if it is about something else."""
        if self.platform not in _ROOTS:
            return None
        pulls = _PULLS[self.platform]
        path = rf"{_ROOTS[self.platform]}/(issues|{pulls})(?:/(\d+)(/comments|/notes)?)?"
        found = re.fullmatch(path, request.path)
        number = int(found[2] or 0) if found else 0
        if not found or (number and number not in {*self.issues, *self.pulls}):
            return None
        kept = self.pulls if found[1] == pulls else self.issues
        if found[3]:
            self.comments.append((number, request.body["body"]))
        elif number:
            assert request.method == {"github": "PATCH", "gitlab": "PUT"}[self.platform]
            self._change(kept[number], request.body)
        elif request.method == "POST":
            # The numbers of GitHub are shared by issues and pull requests.
            number = 40 + len(self.issues) + len(self.pulls)
            kept[number] = {"state": "open", "author": self.me}
            self._change(kept[number], request.body)
        else:
            return Reply([self._row(n, one) for n, one in kept.items() if self._fits(one, request)])
        return Reply({})

    def _change(self, one: dict[str, Any], body: dict[str, str]) -> None:
        names = {"description": "body", "source_branch": "head", "target_branch": "base"}
        if body.get("state_event") == "close":
            body = {"state": "closed"}
        one.update({names.get(name, name): value for name, value in body.items()})

    def _fits(self, one: dict[str, Any], request: Request) -> bool:
        query = request.query
        assert query["state"] == {"github": "open", "gitlab": "opened"}[self.platform]
        author = query.get("creator") or query.get("author_id") or one["author"]
        branch = query.get("source_branch") or query.get("head", "").removeprefix("acme:")
        return bool(
            one["state"] == "open" and one["author"] == author and branch in {"", one.get("head")}
        )

    def _row(self, number: int, one: dict[str, Any]) -> dict[str, Any]:
        if self.platform == "github":
            return {"number": number, "body": one["body"], "user": {"login": one["author"]}}
        return {"iid": number, "description": one["body"], "author": {"id": int(one["author"])}}
