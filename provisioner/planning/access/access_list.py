"""Data about who has access: people with their role and departments, and where it is declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from provisioner.address import Address
from provisioner.diagnostics import Span
from provisioner.model.fields import FieldPath
from provisioner.planning.access.access_fields import ROLE, power
from provisioner.planning.access.access_scope import OutsideScope
from provisioner.planning.access.ownership import Ownership
from provisioner.planning.changes import Commit
from provisioner.planning.plans.revision import Version


class Mark(StrEnum):
    """How an access value of an account relates to the files."""

    DECLARED = "declared"
    DEFAULT = "default"
    """The files leave it out, and it is the account's default."""
    UNMANAGED = "unmanaged"
    """The files leave it out, and it is more than the account's default."""
    UNDECLARED = "undeclared"
    """No file declares the agent."""
    DIFFERS = "differs"
    """The files declare another value, or none."""
    MISSING = "missing"
    """The files declare it, and the account does not have it."""
    NOT_LOOKED_AT = "not-looked-at"
    """The project ignores the field, or the account shows no usable value."""


class AccountState(StrEnum):
    """The state of an agent: that which the files declare, or that it is not there."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ABSENT = "absent"
    """The files declare it absent, and it is still in the account."""
    MISSING = "missing"
    """The files declare it, and it is not in the account."""


class LineCommits(Protocol):
    """Finds the commits of lines of the files."""

    @property
    def unknown(self) -> str:
        """Why a line that was asked for has no known commit; "" if each one has."""

    def of_line(self, span: Span) -> Commit | None:
        """Return the last commit that changed a line; without an id if it is not committed."""
        ...


@dataclass(frozen=True, slots=True)
class NoCommits:
    """The commits of a project without a git repository.

    Attributes:
        unknown: why no commit is known.
    """

    unknown: str

    def of_line(self, span: Span) -> Commit | None:
        """Return None: no commit is known."""
        del span
        return None


@dataclass(frozen=True, slots=True)
class DeclaredAt:
    """The place in the files that declares an access value.

    Attributes:
        span: the line.
        profile: the name of the profile that it is in; "" for the agent's own entry.
        since: the newest commit that changed a line of the value, or gave it to the agent; without
            an id if that is not committed yet; None if the history is not known.
    """

    span: Span
    profile: str = ""
    since: Commit | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "file": self.span.file,
            "line": self.span.line,
            "profile": self.profile,
            "since": commit_data(self.since),
        }


@dataclass(frozen=True, slots=True)
class AccessValue:
    """A role or a membership of an agent.

    Attributes:
        path: `("role",)`, or `("departments", NAME)`; `("departments",)` for all of them where a
            list of declared access leaves them out.
        value: the role; of a membership the services and the role there, as far as the API shows
            them; None if the account does not have it.
        declared: the same as the files declare it; None if they don't.
        mark: how the two relate.
        place: where it is declared; None if it is not.
    """

    path: FieldPath
    value: Any
    declared: Any
    mark: Mark
    place: DeclaredAt | None = None

    @property
    def shown(self) -> Any:
        """The value of the account, or the declared one if no account was read."""
        return self.declared if self.mark is Mark.DECLARED and self.value is None else self.value

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "path": list(self.path),
            "value": self.value,
            "declared": self.declared,
            "mark": self.mark.value,
            "declared_at": self.place.as_data() if self.place else None,
        }


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """The access of one agent.

    Attributes:
        address: the address of the agent.
        name: the agent's name; "" if it is not known.
        state: the agent's state.
        values: the role, then the memberships by name.
        place: the entry in the files; None if no file declares the agent.
        state_place: the line of its state; None if the files leave it out.
        protected: the line of `protect` that covers the agent; None if there is none.
        exception: why an undeclared agent is no drift; "" otherwise.
        former: the former email, if a later version renames the agent; "" otherwise.
    """

    address: Address
    name: str
    state: AccountState
    values: tuple[AccessValue, ...]
    place: DeclaredAt | None = None
    state_place: DeclaredAt | None = None
    protected: Span | None = None
    exception: str = ""
    former: str = ""

    @property
    def role(self) -> AccessValue:
        """The role."""
        return self.values[0]

    @property
    def memberships(self) -> tuple[AccessValue, ...]:
        """The departments."""
        return self.values[1:]

    @property
    def newest(self) -> DeclaredAt | None:
        """The place of the access that was declared last; lines that are not committed are newer.

        If all places have the same commit, it is the entry itself.
        """
        own = (self.place,) if self.place else ()
        places = [*own, *(one.place for one in self.values if one.place)]
        return max(places, key=_age, default=None)

    @property
    def power(self) -> int:
        """How much the role lets the agent do: 0 for the most."""
        return power(ROLE, self.role.shown)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        place, newest = self.place, self.newest
        return {
            "address": str(self.address),
            "email": self.address.key,
            "name": self.name,
            "state": self.state.value,
            "declared": place is not None,
            "declared_at": place.as_data() if place else None,
            "since": commit_data(newest.since) if newest else None,
            "protected": span_data(self.protected),
            "exception": self.exception,
            "role": self.role.as_data(),
            "departments": [
                {"name": one.path[1] if len(one.path) > 1 else None, **one.as_data()}
                for one in self.memberships
            ],
        }


@dataclass(frozen=True, slots=True)
class AccessList:
    """Who has access to an account.

    Attributes:
        target: name of the account in the project; "" for declared access of no certain account.
        people: the agents, the most powerful first.
        version: the version of the files that declares the access.
        is_live: whether the account was read; otherwise it is the declared access.
        url: address of the account; "" for the embedded sandbox, or if it was not read.
        is_v3: whether the account has only the documented API.
        snapshot_time: time of the snapshot that replaces the account; "" if there is none.
        ownership: how much of the account's access the files own; None if it was not read.
        outside_scope: the numbers of what the list leaves out.
        not_looked_at: the parts of the account that the API does not show, in words.
        unknown_history: why commits are missing; "" if none is.
    """

    target: str
    people: tuple[PersonAccess, ...]
    version: Version = field(default_factory=Version)
    is_live: bool = True
    url: str = ""
    is_v3: bool = False
    snapshot_time: str = ""
    ownership: Ownership | None = None
    outside_scope: OutsideScope = field(default_factory=OutsideScope)
    not_looked_at: tuple[str, ...] = ()
    unknown_history: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "format_version": "1.0",
            "target": self.target,
            "url": self.url,
            "live": self.is_live,
            "snapshot_time": self.snapshot_time,
            "files": self.version.as_data(),
            "people": [one.as_data() for one in self.people],
            "ownership": self.ownership.as_data() if self.ownership else None,
            "outside_scope": self.outside_scope.as_data(),
            "not_looked_at": list(self.not_looked_at),
            "unknown_history": self.unknown_history,
        }


def commit_data(commit: Commit | None) -> dict[str, Any] | None:
    """Return a commit as JSON data; a line that is not committed has `commit` null."""
    if commit is None:
        return None
    is_committed = bool(commit.id)
    return {
        "commit": commit.id or None,
        "day": commit.time[:10] if is_committed else None,
        "summary": commit.summary if is_committed else None,
    }


def span_data(span: Span | None) -> Mapping[str, Any] | None:
    """Return a place in the files as JSON data."""
    return {"file": span.file, "line": span.line} if span else None


def newest_commit(commits: list[Commit | None]) -> Commit | None:
    """Return the newest of several commits: one that is not committed yet, or the latest."""
    known = [commit for commit in commits if commit is not None]
    return max(known, key=_time, default=None)


def _age(place: DeclaredAt) -> tuple[int, str]:
    return (-1, "") if place.since is None else _time(place.since)


def _time(commit: Commit) -> tuple[int, str]:
    return (0, commit.time) if commit.id else (1, "")
