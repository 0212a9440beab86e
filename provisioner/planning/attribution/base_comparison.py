"""Splits a plan's changes into those that a branch introduces and earlier drift (`plan --base`).

The files of the branch and those of its base are compared with the same live state. A change that
both comparisons have is drift; any other change is the branch's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from provisioner.address import Kind
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.planning.attribution.commits import CommitFinder, History
from provisioner.planning.changes import Action, Attribution, Change, FieldChange
from provisioner.planning.manual.manual_step import ManualStep

Key = tuple[Kind, str]


class ComparedFiles(Protocol):
    """The comparison of a project's files with an account."""

    @property
    def desired(self) -> DesiredState:
        """The declared objects."""

    @property
    def live(self) -> LiveState:
        """The account, under the names that the files use."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """One change for each declared object."""

    @property
    def steps(self) -> tuple[ManualStep, ...]:
        """The manual steps."""


def attribute(
    branch: ComparedFiles, base: ComparedFiles | None, history: History
) -> tuple[tuple[Change, ...], tuple[ManualStep, ...]]:
    """Return the changes and manual steps of a branch, with attribution and commits.

    Without a base, no change has an attribution.
    """
    changes, steps = branch.changes, branch.steps
    if base is not None:
        changes = _attributed_changes(branch, base)
        steps = _attributed_steps(steps, base.steps)
    finder = CommitFinder(branch.desired, base.desired if base else None, history)
    return tuple(map(finder.with_commits, changes)), steps


def _attributed_changes(branch: ComparedFiles, base: ComparedFiles) -> tuple[Change, ...]:
    """Return the changes of a branch with `attribution` set on all except no-ops."""
    in_base = {_key(change): change for change in base.changes}
    names = new_names(base.live, branch.live)
    return tuple(_attributed(change, in_base.get(_key(change)), names) for change in branch.changes)


def _attributed_steps(
    steps: Iterable[ManualStep], in_base: Iterable[ManualStep]
) -> tuple[ManualStep, ...]:
    """Return manual steps with `attribution` set. The id of a step depends on its values."""
    drifted = {step.id for step in in_base}
    return tuple(
        replace(step, attribution=_attribution(drift=step.id in drifted)) for step in steps
    )


def _attribution(*, drift: bool) -> Attribution:
    return Attribution.DRIFT if drift else Attribution.BRANCH


def _key(change: Change) -> Key:
    """Return a key that a rename does not change: the object's id, where it has one."""
    kind, name = change.address.identity
    return (kind, f"id {change.id}") if change.id else (kind, name)


def new_names(base: LiveState, branch: LiveState) -> Mapping[Key, str]:
    """Return the name in the branch of each department and role, by its name in the base."""
    by_id = {(kind, existing.id): existing for (kind, _), existing in branch.objects.items()}
    return {
        (kind, existing.address.key): by_id[kind, existing.id].address.key
        for (kind, _), existing in base.objects.items()
        if kind is not Kind.AGENT and (kind, existing.id) in by_id
    }


def _attributed(change: Change, in_base: Change | None, names: Mapping[Key, str]) -> Change:
    if change.action is Action.NO_OP:
        return change
    if in_base is None or in_base.action is not change.action:
        return _as_a_whole(change, Attribution.BRANCH)
    if change.action is not Action.UPDATE:
        return _as_a_whole(change, _attribution(drift=change.after == in_base.after))
    drifted = [_new_value(field, names) for field in in_base.fields]
    fields = tuple(
        replace(field, attribution=_attribution(drift=_new_value(field, {}) in drifted))
        for field in change.fields
    )
    drift = all(field.attribution is Attribution.DRIFT for field in fields)
    return replace(change, fields=fields, attribution=_attribution(drift=drift))


def _as_a_whole(change: Change, attribution: Attribution) -> Change:
    fields = tuple(replace(field, attribution=attribution) for field in change.fields)
    return replace(change, attribution=attribution, fields=fields)


def _new_value(field: FieldChange, names: Mapping[Key, str]) -> tuple[tuple[str, ...], Any]:
    """Return a field's path and new value, with departments and roles under their new names."""
    match field.path:
        case ("departments" | "hours" as section, name, *rest):
            return (section, names.get((Kind.DEPARTMENT, name), name), *rest), field.after
        case ("role",):
            return field.path, names.get((Kind.ROLE, field.after), field.after)
        case _:
            return field.path, field.after
