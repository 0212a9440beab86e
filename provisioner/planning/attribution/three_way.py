"""Three-way attribution of drift: which side has left the state that both had."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.address import Identity
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import Action, Change, at
from provisioner.planning.manual.left_open import LeftField, LeftOpen, left_field
from provisioner.planning.manual.manual_step import ManualStep


class Side(StrEnum):
    """The side that has changed since the last apply, or since a commit.

    Nobody has changed a value that an apply left to a person, who has not set it yet.
    """

    FILES = "files"
    ACCOUNT = "account"
    BOTH = "both"
    NOBODY = "nobody"


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
        left_open: the manual steps that the last apply left open.
    """

    since: str
    sides: Mapping[tuple[Identity, FieldPath], Side] = field(default_factory=dict)
    left_open: LeftOpen = field(default_factory=dict)

    def of(self, change: Change, path: FieldPath = ()) -> Side | None:
        """Return the side of a difference; None if it is not known."""
        return self.sides.get((change.address.identity, path))

    def of_step(self, step: ManualStep) -> Side | None:
        """Return the side of all differences in the section of a step; None if not known."""
        known = {
            side
            for (identity, path), side in self.sides.items()
            if identity == step.address.identity and path[:1] in {(step.section,), ()}
        }
        if not known and step.id in self.left_open.get(str(step.address), {}).get("steps", ()):
            return Side.NOBODY
        changed = known - {Side.NOBODY} or known
        return Side.BOTH if len(changed) > 1 else next(iter(changed), None)


def drift_sides(
    since: str,
    changes: tuple[Change, ...],
    earlier: EarlierValue,
    left_open: LeftOpen | None = None,
) -> DriftSides:
    """Return the side that has changed for each difference.

    `left_open` are the manual steps that the last apply left open.
    """
    left_open = left_open or {}
    sides: dict[tuple[Identity, FieldPath], Side] = {}
    for change in changes:
        identity = change.address.identity
        if change.action in {Action.CREATE, Action.DELETE}:
            value = earlier(identity, ())
            same = value is (change.action is Action.CREATE)
            side = None if value is UNKNOWN else Side.ACCOUNT if same else Side.FILES
            by_path: dict[FieldPath, Side | None] = {(): side}
        else:
            by_path = {
                one.path: _side(earlier(identity, one.path), declared=one.after, live=one.before)
                for one in change.fields
            }
        for path, side in by_path.items():
            if known := _corrected(side, left_field(left_open, change, path)):
                sides[identity, path] = known
    return DriftSides(since, sides, left_open)


def _side(earlier: Any, *, declared: Any, live: Any) -> Side | None:
    if earlier is UNKNOWN:
        return None
    if earlier is UNMANAGED or earlier == live:
        return Side.FILES
    return Side.ACCOUNT if earlier == declared else Side.BOTH


def _corrected(side: Side | None, left: LeftField | None) -> Side | None:
    """Return a side, corrected where an apply left the field to a person."""
    if left is None:
        return side
    if left.is_untouched:
        return Side.NOBODY if left.is_same and side in {None, Side.ACCOUNT} else Side.FILES
    return side or (Side.ACCOUNT if left.is_same else Side.BOTH)


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
