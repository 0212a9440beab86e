"""Changes grouped for reviewers: joiners, movers, leavers, structure, and causes in profiles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Span
from provisioner.planning.attribution.parts import Part
from provisioner.planning.changes import Action, Attribution, Change, FieldChange, Reason
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render.review.change_texts import before_and_after
from provisioner.render.review.equal_changes import EqualChange, fold_equal
from provisioner.render.review.newcomers import ByHand, Newcomers, newcomers
from provisioner.render.sentences import Sentence

ProfileValue = tuple[str, Span, tuple[str, ...]]
"""A profile, the place of one of its values, and the path of the field."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A value of a profile that changes several agents.

    Attributes:
        field: the change of one of these agents; it names the profile, the field and the place.
        effects: each effect on the field, with the names of the agents that have it.
    """

    field: FieldChange
    effects: tuple[tuple[Sentence, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        """How many agents the value changes."""
        return sum(len(names) for _, names in self.effects)


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The changes of one attribution, in the parts that reviewers think in.

    Attributes:
        attribution: branch or earlier drift; None if the plan was made without a base.
        joiners: agents that are created.
        movers: agents that are updated.
        leavers: agents that are deleted or suspended.
        structure: departments and roles.
        causes: values of profiles that change several movers.
        other_movers: the movers without the fields that `causes` has; movers that have no other
            field are left out.
        newcomers: the joiners by role and departments.
        moves: departments that movers join and leave, equal ones together.
        equal: all other fields of movers, equal ones together.
        by_hand: the role and departments that agents get from a person.
    """

    attribution: Attribution | None
    joiners: tuple[Change, ...]
    movers: tuple[Change, ...]
    leavers: tuple[Change, ...]
    structure: tuple[Change, ...]
    causes: tuple[Cause, ...]
    other_movers: tuple[Change, ...]
    newcomers: Newcomers
    moves: tuple[EqualChange, ...]
    equal: tuple[EqualChange, ...]
    by_hand: ByHand


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
    causes, others = find_causes(movers)
    moves, equal = (
        fold_equal(replace(change, fields=fields) for change, fields in side)
        for side in _moves_apart(movers)
    )
    return ChangeGroup(
        attribution,
        joiners,
        movers,
        leavers,
        structure,
        causes,
        others,
        newcomers(joiners, by_hand),
        moves,
        equal,
        by_hand,
    )


_Fields = tuple[Change, tuple[FieldChange, ...]]


def _moves_apart(changes: Iterable[Change]) -> tuple[list[_Fields], list[_Fields]]:
    """Return the fields that are departments which agents join or leave, and all other fields."""
    moves, others = [], []
    for change in changes:
        own = tuple(field for field in change.fields if is_move(field))
        moves.append((change, own))
        others.append((change, tuple(field for field in change.fields if field not in own)))
    return moves, others


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


def find_causes(
    changes: tuple[Change, ...],
) -> tuple[tuple[Cause, ...], tuple[Change, ...]]:
    """Return the values of profiles that change several agents, and the remaining changes.

    Returns:
        The causes, and the changes without the fields that a cause has.
    """
    by_value: dict[ProfileValue, list[tuple[Change, FieldChange]]] = {}
    for change in changes:
        for field in change.fields:
            if field.profile and field.source:
                key = (field.profile, field.source, field.path)
                by_value.setdefault(key, []).append((change, field))
    shared = [pairs for pairs in by_value.values() if len(pairs) > 1]
    covered = {(change.address, field.path) for pairs in shared for change, field in pairs}
    remaining = (
        (change, tuple(f for f in change.fields if (change.address, f.path) not in covered))
        for change in changes
    )
    return (
        tuple(map(_cause, shared)),
        tuple(
            replace(change, fields=fields)
            for change, fields in remaining
            if fields or not change.fields
        ),
    )


def _cause(pairs: list[tuple[Change, FieldChange]]) -> Cause:
    names: dict[Sentence, list[str]] = {}
    for change, field in pairs:
        names.setdefault(before_and_after(field), []).append(change.name)
    return Cause(pairs[0][1], tuple((effect, tuple(own)) for effect, own in names.items()))


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
