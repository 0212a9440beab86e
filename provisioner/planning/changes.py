"""What a plan consists of: one `Change` for each declared object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Span
from provisioner.model.kinds import KINDS


class Action(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NO_OP = "no-op"


class Reason(StrEnum):
    """Why it happens. For display only: nothing may decide by it."""

    DECLARED_MISSING = "declared-missing"
    DIFFERS = "differs"
    DECLARED_ABSENT = "declared-absent"
    UNDECLARED = "undeclared"
    RENAMED = "renamed"
    RESTORED = "restored"
    SUSPENDED = "declared-suspended"
    IN_SYNC = "in-sync"
    UNDONE = "undone"
    WAITS_FOR_A_PERSON = "waits-for-a-person"


class Risk(StrEnum):
    """What a reviewer should know before approving a change."""

    DELETES = "deletes"
    LOWERS_RIGHTS = "lowers-rights"
    REMOVES_ACCESS = "removes-access"
    RAISES_RIGHTS = "raises-rights"
    LOGS_OUT = "logs-out"
    SENDS_MAIL = "sends-mail"


def at(path: tuple[str, ...], attributes: Any) -> Any:
    """Return the value at a path of an object's fields; None where there is none."""
    for key in path:
        if not isinstance(attributes, Mapping) or key not in attributes:
            return None
        attributes = attributes[key]
    return attributes


_LOSSES = frozenset({Risk.DELETES, Risk.LOWERS_RIGHTS, Risk.REMOVES_ACCESS})
"""The risks by which somebody can do less than before."""


class Attribution(StrEnum):
    """Whether this branch introduces a change or it is earlier drift (`plan --base`)."""

    BRANCH = "branch"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Commit:
    """What last changed a line of a file.

    Attributes:
        id: 40 hexadecimal digits.
        summary: the first line of its message.
    """

    id: str
    summary: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's change.

    Attributes:
        path: the field's keys from the outside in, such as `("departments", "Support", "chats")`.
        before: the live value; None also where the object has no such field yet.
        after: the value it gets; None where the entry goes away.
        source: where the files say so; None where they say it by leaving something out.
        profile: the name of the profile that says so; "" for the object itself.
        attribution: whether the branch causes it; None where the plan was made without a base.
        commit: what made the files say so; None where that is not known or not committed.
    """

    path: tuple[str, ...]
    before: Any
    after: Any
    source: Span | None = None
    profile: str = ""
    attribution: Attribution | None = None
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to one object.

    Attributes:
        address: the object's stable name.
        name: its email or name as it is spelt in the files.
        action: what happens.
        reason: why.
        before: the live fields, or None where the object does not exist.
        after: the fields as they will be, or None where it is deleted.
        fields: of an update, the fields that change; sorted.
        id: the server's id, where the object exists; of an agent who is to be created, the id of
            the deleted account that is restored.
        source: where the files declare it.
        risk: what a reviewer should know, the gravest first.
        attribution: whether the branch causes any of it; None where the plan was made without a
            base.
        commit: what made the files say so; of an update only where all fields have the same.
    """

    address: Address
    name: str
    action: Action
    reason: Reason
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fields: tuple[FieldChange, ...] = ()
    id: str | None = None
    source: Span | None = None
    risk: tuple[Risk, ...] = ()
    attribution: Attribution | None = None
    commit: Commit | None = None

    @property
    def loses(self) -> bool:
        """Whether somebody can do less than before by the change."""
        return not _LOSSES.isdisjoint(self.risk)

    @property
    def former_identity(self) -> tuple[Kind, str] | None:
        """The live identity of an object that the change renames; None where it does not."""
        kind, own = self.address.identity
        path = (KINDS[kind].identity,)
        former = next((fold(field.before) for field in self.fields if field.path == path), own)
        return None if former == own else (kind, former)

    @property
    def names(self) -> bool:
        """Whether the object gets an email or name that it did not have."""
        return self.action is Action.CREATE or self.former_identity is not None


def renamed_away(changes: Iterable[Change]) -> dict[tuple[Kind, str], Change]:
    """Return live identity to the change that renames the object, and so frees the name."""
    return {former: change for change in changes if (former := change.former_identity) is not None}
