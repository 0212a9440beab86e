"""Numbers and shares of changes that are over their limits: by kind, and by department."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.live.state import LiveState
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Scalar, Shape
from provisioner.planning.changes import Action, Change
from provisioner.planning.checks.plan_check import Excess, PlanCheck
from provisioner.suggestions import shown_names


def deletes(check: PlanCheck) -> Iterator[Excess]:
    """Yield the kinds with too many deletions, and the departments that too many agents leave."""
    for kind in Kind:
        deleted, population = check.changed(kind, Action.DELETE), check.population(kind)
        limits = check.guards.of_kind(kind)
        if limit := _exceeded(len(deleted), "max_delete", limits, population):
            yield _of_kind(deleted, "deletes", limit, check, kind)
    for department in check.guards.by_department:
        limits = check.guards.of_department(department)
        members = _members(check, department)
        leaving = [
            change
            for change in check.changes
            if change.address.identity in members and _leaves(change, department)
        ]
        if limit := _exceeded(len(leaving), "max_delete", limits, len(members)):
            yield _of_department(leaving, "leave it", limit, department, len(members))


def updates(check: PlanCheck) -> Iterator[Excess]:
    """Yield the kinds and departments of which too many objects and agents are updated."""
    updated = {
        kind: [
            change
            for change in check.changed(kind, Action.UPDATE)
            if not change.only_moves_domain and not _fills_in_defaults(change, check.live)
        ]
        for kind in Kind
    }
    for kind in Kind:
        limits, population = check.guards.of_kind(kind), check.population(kind)
        if limit := _exceeded(len(updated[kind]), "max_update", limits, population):
            yield _of_kind(updated[kind], "updates", limit, check, kind)
    for department in check.guards.by_department:
        members = _members(check, department)
        changes = [one for one in updated[Kind.AGENT] if one.address.identity in members]
        limits = check.guards.of_department(department)
        if limit := _exceeded(len(changes), "max_update", limits, len(members)):
            yield _of_department(changes, "are updated", limit, department, len(members))


def _exceeded(count: int, name: str, limits: Mapping[str, int], population: int) -> str:
    """Return the limit that a count is over, as a text; "" for none.

    Shares apply from `min_population` live objects on.
    """
    percent, most = limits.get(f"{name}_percent"), limits.get(name)
    if (
        percent is not None
        and population >= limits["min_population"]
        and count * 100 > percent * population
    ):
        return f"{percent} %"
    return f"{most}" if most is not None and count > most else ""


def _members(check: PlanCheck, department: str) -> set[Identity]:
    """Return the live agents of a department, in the scope of the project."""
    return {
        identity
        for identity, existing in check.managed.objects.items()
        if identity[0] is Kind.AGENT and _is_member(existing.attributes, department)
    }


def _leaves(change: Change, department: str) -> bool:
    """Return whether an agent leaves a department: moved out, suspended or deleted."""
    return change.action is not Action.NO_OP and not _is_member(change.after, department)


def _is_member(attributes: Mapping[str, Any] | None, department: str) -> bool:
    names = (attributes or {}).get("departments") or ()
    return any(fold(name) == fold(department) for name in names)


def _of_department(
    changes: Sequence[Change], verb: str, limit: str, department: str, members: int
) -> Excess:
    names = shown_names([change.address.key for change in changes])
    return Excess(
        len(changes),
        f'{len(changes)} of {members} agents of department "{department}" {verb}, more than '
        f"{limit}: {names}",
        "if that is meant",
        next((change.source for change in changes if change.source), None),
    )


def _of_kind(
    changes: Sequence[Change], noun: str, limit: str, check: PlanCheck, kind: Kind
) -> Excess:
    names = shown_names([change.address.key for change in changes])
    return Excess(
        len(changes),
        f"{len(changes)} of {check.population(kind)} {kind.plural} with {noun}, "
        f"more than {limit}: {names}",
        "if that is meant",
    )


def _fills_in_defaults(change: Change, live: LiveState) -> bool:
    """Return whether an update only sets fields that have their default values.

    An apply that was interrupted leaves such updates, and they take nothing from anybody.
    """
    shape, defaults = KINDS[change.address.kind].shape, live.defaults.get(change.address.kind, {})
    return not change.risk and all(
        _is_default(shape, defaults, field.path, field.before) for field in change.fields
    )


def _is_default(shape: Shape | None, default: Any, path: tuple[str, ...], value: Any) -> bool:
    if value is None or value == {}:
        return True
    if not path:
        known = shape.default if isinstance(shape, Scalar) else None
        return bool(value == (known if default is None else default))
    name, *rest = path
    inner = default.get(name) if isinstance(default, Mapping) else None
    match shape:
        case FieldGroup():
            return _is_default(shape.fields.get(name), inner, tuple(rest), value)
        case Collection():
            return _is_default(shape.entry, None, tuple(rest), value)
        case _:
            return False
