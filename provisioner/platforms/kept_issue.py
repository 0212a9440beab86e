"""Keeps one issue, or the one pull request of a branch, up to date.

It is found by the hidden first line of its text and by its author: anybody can write the line, so
an issue of somebody else is never touched.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.platforms.build_facts import BuildFacts
from provisioner.platforms.comment_lists import comment_list
from provisioner.platforms.pages import at, rows
from provisioner.platforms.platform_api import PlatformApi
from provisioner.render.markdown.comment_cut import cut
from provisioner.render.markdown.kept_ticks import keep_ticks
from provisioner.render.markdown.size_budget import size


class IssueOutcome(StrEnum):
    """What was done."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    NONE_OPEN = "there is none to close"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An open issue or pull request.

    Attributes:
        place: its path in the API.
        comments: the path of its comments.
        text: its Markdown.
    """

    place: str
    comments: str
    text: str


@dataclass(frozen=True, slots=True)
class IssueList:
    """The open issues, or pull requests of a branch, as the API of a platform has them.

    Attributes:
        path: of the list.
        query: limits it to open ones of the token's user.
        number: the key of their numbers.
        text: the key of their texts.
        method: of a change.
        fresh: further values of a new one.
        closed: the change that closes one.
        comments: the path of comments below a number.
        author: the keys of the author of a row.
    """

    path: str
    query: Mapping[str, str]
    number: str
    text: str
    method: str
    fresh: Mapping[str, str]
    closed: Mapping[str, str]
    comments: str
    author: tuple[str, ...]

    def rows(self, api: PlatformApi, author: str, mark: str) -> Iterator[IssueRow]:
        """Yield those of an author with a mark as their first line."""
        for row in rows(api, self.path, self.query):
            number, text = row.get(self.number), str(row.get(self.text) or "")
            # GitHub lists pull requests as issues, too (D).
            is_other = self.path.endswith("/issues") and "pull_request" in row
            if is_other or str(at(row, *self.author)) != author or not isinstance(number, int):
                continue
            if text.split("\n", 1)[0].rstrip("\r") == mark:
                yield IssueRow(f"{self.path}/{number}", self.comments.format(number), text)


def _on_github(facts: BuildFacts, author: str, branch: str, base: str) -> IssueList:
    root = f"/repos/{facts.repository}"
    owner = facts.repository.partition("/")[0]
    return IssueList(
        path=f"{root}/pulls" if branch else f"{root}/issues",
        query={"state": "open"}
        | ({"head": f"{owner}:{branch}"} if branch else {"creator": author}),
        number="number",
        text="body",
        method="PATCH",
        fresh={"head": branch, "base": base} if branch else {},
        closed={"state": "closed"},
        comments=root + "/issues/{}/comments",
        author=("user", "login"),
    )


def _on_gitlab(facts: BuildFacts, author: str, branch: str, base: str) -> IssueList:
    path = f"/projects/{facts.repository}/{'merge_requests' if branch else 'issues'}"
    return IssueList(
        path=path,
        query={"state": "opened", "author_id": author, "scope": "all"}
        | ({"source_branch": branch} if branch else {}),
        number="iid",
        text="description",
        method="PUT",
        fresh={"source_branch": branch, "target_branch": base} if branch else {},
        closed={"state_event": "close"},
        comments=path + "/{}/notes",
        author=("author", "id"),
    )


class KeptIssue:
    """The one issue with a hidden first line, or the one pull request of a branch."""

    def __init__(
        self, api: PlatformApi, facts: BuildFacts, mark: str, branch: str = "", base: str = "main"
    ) -> None:
        """Find it.

        Args:
            api: of the platform.
            facts: of the job.
            mark: the hidden first line.
            branch: that of the pull request; "" for an issue.
            base: the branch that the pull request would be merged into.

        Raises:
            UsageError: the platform is neither GitHub nor GitLab.
            TargetError: it declined a call, or gave no usable answer.
        """
        lists = {"github": _on_github, "gitlab": _on_gitlab}
        if facts.platform not in lists:
            summary = f"issues can't be kept on {facts.platform}"
            raise UsageError(Diagnostic(code="usage", summary=summary, hint="use GitHub or GitLab"))
        comments = comment_list(api, facts)
        self._api = api
        self._mark = mark
        self._limit = comments.limit
        author = facts.author or comments.own_author()
        self._list = lists[facts.platform](facts, author, branch, base)
        self._open = [*self._list.rows(api, author, mark)]

    def keep(self, title: str, text: str) -> IssueOutcome:
        """Open or update it; tasks that are the same keep their ticks. `text` has no first line.

        Raises:
            TargetError: the platform declined a call, or gave no usable answer.
        """
        head = f"{self._mark}\n"
        old = self._open[0].text if self._open else ""
        new = head + cut(keep_ticks(text, old), self._limit - size(head))
        body: dict[str, Any] = {"title": title, self._list.text: new}
        if not self._open:
            self._api.call("POST", self._list.path, {**body, **self._list.fresh})
            return IssueOutcome.OPENED
        if old.replace("\r\n", "\n").rstrip() == new.rstrip():
            return IssueOutcome.UNCHANGED
        self._api.call(self._list.method, self._open[0].place, body)
        return IssueOutcome.UPDATED

    def close(self, reason: str) -> IssueOutcome:
        """Close it with a comment.

        Raises:
            TargetError: the platform declined a call, or gave no usable answer.
        """
        for row in self._open:
            self._api.call("POST", row.comments, {"body": reason})
            self._api.call(self._list.method, row.place, self._list.closed)
        return IssueOutcome.CLOSED if self._open else IssueOutcome.NONE_OPEN
