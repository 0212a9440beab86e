"""Three-way attribution of drift: which side has left the state that both had."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.address import Identity
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import Action, Change, at


class Side(StrEnum):
    """The side that has changed since the last apply, or since a commit."""

    FILES = "files"
    ACCOUNT = "account"
    BOTH = "both"


UNKNOWN = object()
"""The value of a field of which the earlier state is not known."""

UNMANAGED = object()
"""The value of a field that the earlier files did not declare."""

EarlierValue = Callable[[Identity, FieldPath], Any]
"""Returns the earlier value of a field, as an account would hold it, or `UNKNOWN` or `UNMANAGED`.
For the path () it returns whether the object had to exist."""


@dataclass(frozen=True, slots=True)
class DriftSides:
    """The sides that have changed, for each difference between files and account.

    Attributes:
        since: the earlier state, in words, such as `run 14` or `origin/main`.
        sides: identity and path to side; the path () for an object that is missing or unwanted.
    """

    since: str
    sides: Mapping[tuple[Identity, FieldPath], Side] = field(default_factory=dict)

    def of(self, change: Change, path: FieldPath = ()) -> Side | None:
        """Return the side of a difference; None if it is not known."""
        return self.sides.get((change.address.identity, path))

    def of_section(self, identity: Identity, section: str) -> Side | None:
        """Return the side of all differences in a section of an object; None if not known."""
        known = {
            side
            for (other, path), side in self.sides.items()
            if other == identity and path[:1] in {(section,), ()}
        }
        return Side.BOTH if len(known) > 1 else next(iter(known), None)


def drift_sides(since: str, changes: tuple[Change, ...], earlier: EarlierValue) -> DriftSides:
    """Return the side that has changed for each difference."""
    sides: dict[tuple[Identity, FieldPath], Side] = {}
    for change in changes:
        identity = change.address.identity
        if change.action in {Action.CREATE, Action.DELETE}:
            value = earlier(identity, ())
            if value is not UNKNOWN:
                same = value is (change.action is Action.CREATE)
                sides[identity, ()] = Side.ACCOUNT if same else Side.FILES
            continue
        for one in change.fields:
            value = earlier(identity, one.path)
            if value is not UNKNOWN:
                sides[identity, one.path] = _side(value, declared=one.after, live=one.before)
    return DriftSides(since, sides)


def _side(earlier: Any, *, declared: Any, live: Any) -> Side:
    if earlier is UNMANAGED or earlier == live:
        return Side.FILES
    return Side.ACCOUNT if earlier == declared else Side.BOTH


def values_of_files(changes: tuple[Change, ...]) -> EarlierValue:
    """Return the values that earlier files declared."""
    by_identity = {change.address.identity: change for change in changes}

    def earlier(identity: Identity, path: FieldPath) -> Any:
        change = by_identity.get(identity)
        if change is None:
            return UNMANAGED
        if not path:
            return change.after is not None
        return UNMANAGED if change.after is None else at(path, change.after)

    return earlier


def values_of_records(runs: Iterable[Iterable[Change]]) -> EarlierValue:
    """Return the values that runs wrote."""
    written: dict[tuple[Identity, FieldPath], Any] = {}
    created: dict[Identity, Mapping[str, Any] | None] = {}
    for changes in runs:
        for change in changes:
            identity = change.address.identity
            if change.action is not Action.UPDATE:
                written = {key: value for key, value in written.items() if key[0] != identity}
                created[identity] = change.after
            for one in change.fields:
                written[identity, one.path] = one.after

    def earlier(identity: Identity, path: FieldPath) -> Any:
        if (identity, path) in written:
            return written[identity, path]
        if identity not in created:
            return UNKNOWN
        after = created[identity]
        if not path:
            return after is not None
        return at(path, after) if after is not None and path[0] in after else UNKNOWN

    return earlier
