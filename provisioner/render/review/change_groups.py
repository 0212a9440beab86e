"""Changes grouped for reviewers: joiners, movers, leavers, and departments and roles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from provisioner.address import Address, Kind
from provisioner.planning.attribution.parts import Part, lost_services
from provisioner.planning.changes import (
    LOGINS,
    Action,
    Attribution,
    Change,
    FieldChange,
    Reason,
    Risk,
)
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render.review.equal_changes import EqualChange, Update, fold_equal
from provisioner.render.review.newcomers import ByHand, Newcomers, newcomers


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The changes of one attribution, in the parts that reviewers think in.

    Attributes:
        attribution: branch or earlier drift; None if the plan was made without a base.
        joiners: agents that are created.
        movers: agents that are updated.
        leavers: agents that are deleted or suspended.
        structure: departments and roles.
        newcomers: the joiners by role and departments.
        moves: departments that movers join and leave, equal ones together.
        equal: all other fields of movers, equal ones together.
    """

    attribution: Attribution | None
    joiners: tuple[Change, ...]
    movers: tuple[Change, ...]
    leavers: tuple[Change, ...]
    structure: tuple[Change, ...]
    newcomers: Newcomers
    moves: tuple[EqualChange, ...]
    equal: tuple[EqualChange, ...]


JOINS = "Joins"
MOVES = "Moves"
CHANGES = "Changes"
LEAVES = "Leaves"
STRUCTURE = "Departments and roles"
"""The titles of the sections of a group, in their order."""


def group_changes(
    parts: Iterable[Part], steps: Iterable[ManualStep] = ()
) -> tuple[ChangeGroup, ...]:
    """Return a group for each attribution."""
    by_hand = _by_hand(steps)
    return tuple(_group(attribution, changes, by_hand) for attribution, changes in parts)


def _group(
    attribution: Attribution | None, changes: Iterable[Change], by_hand: ByHand
) -> ChangeGroup:
    members: dict[str, list[Change]] = {}
    for change in changes:
        whole_weeks = replace(change, fields=merge_days(change.fields))
        members.setdefault(_part(change), []).append(whole_weeks)
    joiners, movers, leavers, structure = (
        tuple(members.get(name, ())) for name in ("joiners", "movers", "leavers", "structure")
    )
    moves, equal = fold_updates((change, change.fields) for change in movers)
    return ChangeGroup(
        attribution,
        joiners,
        movers,
        leavers,
        structure,
        newcomers(joiners, by_hand),
        moves,
        equal,
    )


def fold_updates(
    updates: Iterable[Update],
) -> tuple[tuple[EqualChange, ...], tuple[EqualChange, ...]]:
    """Return departments that agents join and leave, and all other fields; equal ones together.

    Args:
        updates: changes of agents, each with the fields to look at.
    """
    moves: list[Update] = []
    others: list[Update] = []
    for change, fields in updates:
        moves.append((change, tuple(field for field in fields if is_move(field))))
        others.append((change, tuple(field for field in fields if not is_move(field))))
    return fold_equal(moves), fold_equal(others)


def unlisted_fields(change: Change) -> tuple[FieldChange, ...]:
    """Return the fields of an update that are in no list of gained power or lost access."""
    return tuple(field for field in change.fields if not _is_listed(change, field))


def _is_listed(change: Change, field: FieldChange) -> bool:
    rights = not _RIGHTS.isdisjoint(change.risk)
    match field.path:
        case ("role",):
            return rights
        case ("permissions", *_):
            return rights and "grant" in {field.before, field.after}
        case (section, _) if section == LOGINS:
            return change.loses
        case _:
            return change.loses and any(True for _ in lost_services(field))


_RIGHTS = frozenset({Risk.RAISES_RIGHTS, Risk.LOWERS_RIGHTS})


def is_move(field: FieldChange) -> bool:
    """Return whether an agent joins or leaves a department by the change of a field."""
    return len(field.path) == 2 and field.path[0] == "departments"


def _part(change: Change) -> str:
    if change.address.kind is not Kind.AGENT:
        return "structure"
    if change.action is Action.CREATE:
        return "joiners"
    gone = change.action is Action.DELETE or change.reason is Reason.SUSPENDED
    return "leavers" if gone else "movers"


def _by_hand(steps: Iterable[ManualStep]) -> ByHand:
    values: dict[Address, dict[str, tuple[str, ...]]] = {}
    for step in steps:
        own = values.setdefault(step.address, {})
        if step.section == manual_step.MEMBERSHIP:
            own["departments"] = tuple(step.values["join"])
        elif step.section == manual_step.ROLE:
            own["role"] = (step.values["role"],)
    return values


def merge_days(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return fields with the days of one service as one field: `("hours", "Support", "chats")`.

    Days stay apart where their place in the files, profile, attribution or commit differs.
    """
    return tuple(_merged(fields))


def _merged(fields: Iterable[FieldChange]) -> Iterator[FieldChange]:
    for _, same in groupby(fields, key=_service):
        days = [*same]
        if len(days[0].path) < 4 or days[0].path[0] != "hours":
            yield from days
            continue
        before, after = (
            {field.path[3]: value for field in days if (value := getattr(field, side)) is not None}
            for side in ("before", "after")
        )
        yield replace(days[0], path=days[0].path[:3], before=before, after=after)


def _service(field: FieldChange) -> tuple[Any, ...]:
    """Return the key of fields that are merged; a field that is not a planned day has its own."""
    source = (field.source, field.profile, field.attribution, field.commit)
    if field.path[0] == "hours" and len(field.path) == 4:
        return field.path[:3], source
    return field.path, source
