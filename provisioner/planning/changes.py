"""The changes of a plan: one `Change` for each declared object, with its field changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Identity, Kind, fold
from provisioner.diagnostics import Span
from provisioner.model.desired import Mode
from provisioner.model.kinds import KINDS

LOGINS = "logins"
"""The key of the LivePhone logins that a suspension ends, by id; it is no field of the YAML."""


class Action(StrEnum):
    """The action of a change."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NO_OP = "no-op"


class Reason(StrEnum):
    """The reason for an action. For display only: no code may depend on it."""

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
    """A risk of a change that a reviewer should know, by severity."""

    DELETES = "deletes"
    LOWERS_RIGHTS = "lowers-rights"
    REMOVES_ACCESS = "removes-access"
    RAISES_RIGHTS = "raises-rights"
    LOGS_OUT = "logs-out"
    SENDS_MAIL = "sends-mail"


def at(path: tuple[str, ...], attributes: Any) -> Any:
    """Return the value at a path of an object's fields, or None."""
    for key in path:
        if not isinstance(attributes, dict) or key not in attributes:
            return None
        attributes = attributes[key]
    return attributes


def editable(value: Any) -> Any:
    """Return a copy of fields in which each mapping has one place.

    An account holds equal mappings once, and `deepcopy` would keep that.
    """
    return {key: editable(one) for key, one in value.items()} if isinstance(value, dict) else value


_LOSSES = frozenset({Risk.DELETES, Risk.LOWERS_RIGHTS, Risk.REMOVES_ACCESS})
"""The risks that somebody can do less than before."""


class Attribution(StrEnum):
    """Whether this branch introduces a change or it is earlier drift (`plan --base`)."""

    BRANCH = "branch"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that changed a line of a file.

    Attributes:
        id: 40 hexadecimal digits; "" for a line that is not committed.
        summary: the first line of its message.
        time: its time in UTC, such as `2026-03-02T09:00:00Z`; "" if it was not read.
    """

    id: str
    summary: str
    time: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The change of one field.

    Attributes:
        path: the field's keys from the outside in, such as `("departments", "Support", "chats")`.
        before: the live value; None also where the object does not have the field yet.
        after: the new value; None if the entry is removed.
        source: the place in the files that declares the new value; None if the value follows
            from something that the files leave out.
        profile: the name of the profile that declares the value; "" for the object itself.
        attribution: branch or earlier drift; None if the plan was made without a base.
        commit: the commit that caused the change; None if it is unknown or not committed.
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
    """The change of one object.

    Attributes:
        address: the object's stable name.
        name: its email or name as the files spell it.
        action: the action.
        reason: the reason for the action.
        before: the live fields; None if the object does not exist.
        after: the fields after an apply; None if the object is deleted.
        fields: the changed fields of an update, sorted by path.
        id: the server's id of an existing object. For an agent to be created, the id of the
            deleted account that is restored.
        source: the place in the files that declares the object.
        risk: the risks, by severity.
        defaults: the fields of `after` that no file declares, with LiveAgent's value for a new
            object.
        attribution: branch, if the branch causes any part of the change, or earlier drift; None
            where the plan was made without a base.
        commit: the commit that caused the change; None for an update with several commits.
        mode: why apply does not make the change; None if it does.
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
    defaults: tuple[str, ...] = ()
    attribution: Attribution | None = None
    commit: Commit | None = None
    mode: Mode | None = None

    @property
    def is_held(self) -> bool:
        """Whether apply does not make the change because of the mode of the object."""
        return self.mode is not None and self.action is not Action.NO_OP

    @property
    def restores(self) -> bool:
        """Whether the change restores the account of a deleted agent."""
        return self.action is Action.CREATE and self.id is not None

    @property
    def loses(self) -> bool:
        """Whether somebody can do less than before by the change."""
        return not _LOSSES.isdisjoint(self.risk)

    @property
    def former_identity(self) -> Identity | None:
        """The live identity of an object that the change renames, or None."""
        kind, own = self.address.identity
        path = (KINDS[kind].identity,)
        former = next((fold(field.before) for field in self.fields if field.path == path), own)
        return None if former == own else (kind, former)

    @property
    def only_renames(self) -> bool:
        """Whether the change gives an object another email or name, and changes nothing else."""
        return self.former_identity is not None and len(self.fields) == 1

    @property
    def only_moves_domain(self) -> bool:
        """Whether the change moves the mailbox of an agent to another domain and nothing else."""
        former = self.former_identity
        if not self.only_renames or former is None or former[0] is not Kind.AGENT:
            return False
        return former[1].rpartition("@")[0] == self.address.identity[1].rpartition("@")[0]

    @property
    def takes_name(self) -> bool:
        """Whether the object gets an email or name that it did not have."""
        return self.action is Action.CREATE or self.former_identity is not None


def renamed_away(changes: Iterable[Change]) -> dict[Identity, Change]:
    """Return the former identity of each renamed object, with the change that frees the name."""
    return {former: change for change in changes if (former := change.former_identity) is not None}
