"""Telling what a branch changes from what was to be changed before: two lists of changes, compared.

Both were made from the same live state: one from the files of the branch, one from those of its
base. What both would do alike is drift; what only the branch would do, or would do otherwise, is
the branch's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Kind
from provisioner.live.state import LiveState
from provisioner.planning.changes import Action, Attribution, Change, FieldChange
from provisioner.planning.manual.manual_step import ManualStep

Key = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the base of a branch would do to the same account.

    Attributes:
        changes: its changes.
        steps: its manual steps.
        live: the live state that they were made from, under the names of the base's files.
    """

    changes: tuple[Change, ...]
    steps: tuple[ManualStep, ...]
    live: LiveState


def with_origins(
    changes: Iterable[Change], live: LiveState, earlier: Earlier
) -> tuple[Change, ...]:
    """Return changes that say whose they are; what is in sync is nobody's.

    Args:
        changes: those of the branch.
        live: the live state that they were made from, under the names of the branch's files.
        earlier: what the base would do.
    """
    before = {_key(change): change for change in earlier.changes}
    names = _new_names(earlier.live, live)
    return tuple(_told(change, before.get(_key(change)), names) for change in changes)


def steps_with_origins(steps: Iterable[ManualStep], earlier: Earlier) -> tuple[ManualStep, ...]:
    """Return manual steps that say whose they are: a step of the same values is the same step."""
    before = {step.id for step in earlier.steps}
    return tuple(
        replace(step, origin=Attribution.DRIFT if step.id in before else Attribution.BRANCH)
        for step in steps
    )


def _key(change: Change) -> Key:
    """Return what stays when an object is renamed: its id, where it has one."""
    kind, name = change.address.identity
    return (kind, f"id {change.id}") if change.id else (kind, name)


def _new_names(before: LiveState, now: LiveState) -> Mapping[Key, str]:
    """Return the name in the base of each department and role to the one in the branch."""
    by_id = {(kind, existing.id): existing for (kind, _), existing in now.objects.items()}
    return {
        (kind, existing.address.key): by_id[kind, existing.id].address.key
        for (kind, _), existing in before.objects.items()
        if kind is not Kind.AGENT and (kind, existing.id) in by_id
    }


def _told(change: Change, before: Change | None, names: Mapping[Key, str]) -> Change:
    if change.action is Action.NO_OP:
        return change
    if before is None or before.action is not change.action:
        return _all(change, Attribution.BRANCH)
    if change.action is Action.UPDATE:
        wanted = [_wanted(field, names) for field in before.fields]
        fields = tuple(
            replace(
                field,
                origin=Attribution.DRIFT if _wanted(field, {}) in wanted else Attribution.BRANCH,
            )
            for field in change.fields
        )
        own = any(field.origin is Attribution.BRANCH for field in fields)
        return replace(
            change, fields=fields, origin=Attribution.BRANCH if own else Attribution.DRIFT
        )
    alike = change.after == before.after
    return _all(change, Attribution.DRIFT if alike else Attribution.BRANCH)


def _all(change: Change, origin: Attribution) -> Change:
    fields = tuple(replace(field, origin=origin) for field in change.fields)
    return replace(change, origin=origin, fields=fields)


def _wanted(field: FieldChange, names: Mapping[Key, str]) -> tuple[tuple[str, ...], Any]:
    """Return a field with the value it gets, departments and roles under their new names."""
    match field.path:
        case ("departments" | "hours" as section, name, *rest):
            return (section, names.get((Kind.DEPARTMENT, name), name), *rest), field.after
        case ("role",):
            return field.path, names.get((Kind.ROLE, field.after), field.after)
        case _:
            return field.path, field.after
