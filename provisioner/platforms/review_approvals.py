"""Approvals of a plan: asks its reviewers, and counts who has approved its pull request.

For each scope of the plan, one of its reviewers must be among those who approve. The author of the
pull request never counts.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from provisioner.diagnostics import Diagnostic, TargetError, UsageError
from provisioner.planning.consent.approvals import Approvals
from provisioner.platforms.allowances import may_write
from provisioner.platforms.build_facts import BuildFacts
from provisioner.platforms.pages import at, rows, rows_of
from provisioner.platforms.platform_api import CODE, PlatformApi

STATUS = "provisioner/approvals"
"""The status of a commit on GitHub, which the protection of main requires."""

_MOST_CHARACTERS = 140
"""The longest description of a status (D)."""

People = Mapping[str, AbstractSet[str]]
"""Mapping from the name of a reviewer in a plan to the people behind it."""


@dataclass(frozen=True, slots=True)
class GivenApprovals:
    """The approvals that a pull request has.

    Attributes:
        given: how many people approve.
        required: how many must.
        missing: the scopes without an approval of one of their reviewers.
        warnings: people who are not known, or can't be asked.
    """

    given: int
    required: int
    missing: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def are_enough(self) -> bool:
        """Return whether the pull request may be merged."""
        return not self.required or (self.given >= self.required and not self.missing)

    def __str__(self) -> str:
        """Return the number of approvals, and the scopes without one."""
        if not self.required:
            return "No approval is needed"
        waiting = f", none for {', '.join(self.missing)}" if self.missing else ""
        return " ".join(f"{self.given} of {self.required} approvals{waiting}".split())


class ReviewBoard(Protocol):
    """The reviews of one pull request."""

    def author(self) -> str:
        """Return the author of the pull request."""

    def people(self, name: str) -> AbstractSet[str]:
        """Return a user, or the members of a team or group."""

    def ask(self, people: People, author: str) -> Iterable[Diagnostic]:
        """Ask those who were not asked yet; yields a warning for each that can't be."""

    def approving(self) -> AbstractSet[str]:
        """Return who approves."""


class _GitHubReviews:
    """Reviews on GitHub, of the last commit and of people who may write. Logins are casefolded."""

    def __init__(self, api: PlatformApi, facts: BuildFacts, teams: PlatformApi) -> None:
        """Prepare calls; the token of `teams` reads and asks teams, which that of a job can't."""
        self._api = api
        self._teams = teams
        self._facts = facts
        self._root = f"/repos/{facts.repository}"
        self._pull = f"{self._root}/pulls/{facts.number}"
        self._reviewed: dict[str, str] | None = None

    def author(self) -> str:
        return _known(at(self._api.call("GET", self._pull).content, "user", "login"))

    def people(self, name: str) -> AbstractSet[str]:
        owner, _, team = name.partition("/")
        if not team:
            return {name.casefold()}
        path = f"/orgs/{quote(owner, safe='')}/teams/{quote(team, safe='')}/members"
        return {_known(row.get("login")) for row in rows(self._teams, path)}

    def ask(self, people: People, author: str) -> Iterable[Diagnostic]:
        # A review that somebody gave must not ask people again whom a person took off the list.
        if self._facts.event != "pull_request":
            return
        for name in people:
            if name.casefold() not in {author, *self._last()}:
                _, is_team, short = name.rpartition("/")
                body = {"team_reviewers" if is_team else "reviewers": [short]}
                try:
                    self._teams.call("POST", f"{self._pull}/requested_reviewers", body)
                except TargetError as error:
                    yield _warning(f"@{name} can't be asked for a review", error)

    def approving(self) -> AbstractSet[str]:
        return {
            login
            for login, state in self._last().items()
            if state == "APPROVED" and may_write(self._api, self._facts, login)
        }

    def _last(self) -> Mapping[str, str]:
        """Return the last state of each person who did more than comment."""
        if self._reviewed is None:
            counted = [row for row in rows(self._api, f"{self._pull}/reviews") if self._counts(row)]
            self._reviewed = {
                _known(at(row, "user", "login")): str(row.get("state")).upper() for row in counted
            }
        return self._reviewed

    def _counts(self, row: Mapping[str, Any]) -> bool:
        return (
            row.get("commit_id") == self._facts.commit
            and at(row, "user", "type") == "User"
            and row.get("state") != "COMMENTED"
        )


class _GitLabReviews:
    """Approvals on GitLab. People are ids, as text."""

    def __init__(self, api: PlatformApi, facts: BuildFacts) -> None:
        self._api = api
        self._path = f"/projects/{facts.repository}/merge_requests/{facts.number}"
        self._request = api.call("GET", self._path).content

    def author(self) -> str:
        return _known(at(self._request, "author", "id"))

    def people(self, name: str) -> AbstractSet[str]:
        if "/" not in name:
            params = {"username": name}
            content = self._api.call("GET", "/users", params=params).content
            if found := {_known(row.get("id")) for row in rows_of("/users", content)}:
                return found
        path = f"/groups/{quote(name, safe='')}/members/all"
        return {_known(row.get("id")) for row in rows(self._api, path)}

    def ask(self, people: People, author: str) -> Iterable[Diagnostic]:
        listed = rows_of(self._path, at(self._request, "reviewers"))
        asked = {_known(row.get("id")) for row in listed}
        wanted = {one for ids in people.values() for one in ids} - {author}
        if wanted - asked:
            try:
                ids = sorted(int(one) for one in (wanted | asked) - {author})
                self._api.call("PUT", self._path, {"reviewer_ids": ids})
            except TargetError as error:
                yield _warning("the reviewers can't be asked", error)

    def approving(self) -> AbstractSet[str]:
        path = f"{self._path}/approvals"
        given = at(self._api.call("GET", path).content, "approved_by")
        return {_known(at(row, "user", "id")) for row in rows_of(path, given)}


def given_approvals(
    api: PlatformApi, facts: BuildFacts, needed: Approvals, teams: PlatformApi
) -> GivenApprovals:
    """Ask the reviewers of a plan, and return the approvals that its pull request has.

    `teams` is the same platform, called with a token that may read the members of teams.

    Raises:
        UsageError: the platform is neither GitHub nor GitLab.
        TargetError: it declined a call, or gave no usable answer.
    """
    if not (needed.required or needed.reviewers):
        return GivenApprovals(0, 0)
    board: ReviewBoard
    match facts.platform:
        case "github":
            board = _GitHubReviews(api, facts, teams)
        case "gitlab":
            board = _GitLabReviews(api, facts)
        case other:
            summary = f"approvals can't be read from {other}"
            raise UsageError(Diagnostic(code="usage", summary=summary, hint="use GitHub or GitLab"))
    author = board.author()
    people: dict[str, AbstractSet[str]] = {}
    warnings = []
    for name in dict.fromkeys(one.name.removeprefix("@") for one in needed.reviewers):
        try:
            people[name] = board.people(name)
        except TargetError as error:
            people[name] = set()
            warnings.append(_warning(f"the members of @{name} are not known", error))
    warnings += board.ask(people, author)
    approving = board.approving() - {author}
    scopes: dict[str, set[str]] = {}
    for one in needed.reviewers:
        scopes.setdefault(one.scope, set()).update(people[one.name.removeprefix("@")])
    missing = tuple(scope for scope, reviewers in scopes.items() if not reviewers & approving)
    return GivenApprovals(len(approving), needed.required, missing, tuple(warnings))


def set_status(api: PlatformApi, facts: BuildFacts, description: str, *, is_success: bool) -> str:
    """Set the status of the commit on GitHub, and return it as a line.

    Raises:
        TargetError: GitHub declined the call, or gave no usable answer.
    """
    text = description[: _MOST_CHARACTERS - 1] + "."
    state = "success" if is_success else "pending"
    body = {"state": state, "description": text, "context": STATUS}
    api.call("POST", f"/repos/{facts.repository}/statuses/{quote(facts.commit, safe='')}", body)
    return f"{state}: {text}"


def _known(value: Any) -> str:
    """Return the login or id of a person; logins have no letter case.

    Raises:
        TargetError: there is none; the author could be taken for somebody else.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise TargetError(
            Diagnostic(code=CODE, summary="the platform sent a person without a name")
        )
    return str(value).casefold()


def _warning(summary: str, error: TargetError) -> Diagnostic:
    reason = error.diagnostics[0]
    return Diagnostic(code=CODE, summary=f"{summary}: {reason.summary}", hint=reason.hint)
