"""Dividing changes into what the target's API can do and what a person has to.

On the surface that LiveAgent documents, roles can't be written or listed, departments and
memberships only be read, and a profile neither. Work that depends on a manual step waits: it comes
back as a change once the API shows that the step was done.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.state import LiveState, Surface, id_of_unnamed_role
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning import manual
from provisioner.planning.changes import Action, Change, FieldChange, Reason
from provisioner.planning.manual import ManualStep


def divide(
    changes: Iterable[Change],
    desired: DesiredState,
    live: LiveState,
    role_ids: Mapping[str, str],
) -> tuple[tuple[Change, ...], tuple[ManualStep, ...]]:
    """Divide changes into what the target's API can do and what a person has to.

    Returns:
        The changes that an apply makes, sorted by address, and the manual steps in the order in
        which a person can do them.
    """
    if live.surface is Surface.FULL:
        return tuple(changes), ()
    possible: list[Change] = []
    steps: list[ManualStep] = []
    for change in changes:
        if change.address.kind is Kind.DEPARTMENT:
            steps += _department(change)
        elif change.address.kind is Kind.AGENT:
            steps += _agent(change, role_ids)
            possible.append(_without_manual(change, role_ids))
        if change.action is Action.NO_OP and change.address.kind is Kind.DEPARTMENT:
            possible.append(change)
    steps += (_role_definition(resource) for resource in desired.of(Kind.ROLE))
    return tuple(possible), tuple(sorted(steps, key=_working_order))


def _working_order(step: ManualStep) -> tuple[int, str, int, str]:
    """Sort so that a person can work from the top: what others need comes first."""
    kinds = (Kind.DEPARTMENT, Kind.ROLE, Kind.AGENT)
    sections = tuple(manual.PANEL)
    address = step.address
    return kinds.index(address.kind), str(address), sections.index(step.section), step.id


def _department(change: Change) -> Iterator[ManualStep]:
    todo = {
        Action.CREATE: f'create the department "{change.name}"',
        Action.DELETE: f'delete the department "{change.name}"',
        Action.UPDATE: f'rename the department to "{change.name}"',
    }
    if change.action in todo:
        yield ManualStep(
            address=change.address,
            name=change.name,
            section=manual.DEPARTMENT,
            todo=(todo[change.action],),
            values={"name": change.name, "action": change.action.value},
            source=change.source,
        )


def _role_definition(role: Resource) -> ManualStep:
    name = role.attributes["name"]
    permissions = role.attributes.get("permissions") or {}
    if role.absent:
        todo = [f'delete the role "{name}" if it exists']
    else:
        todo = [f'create the role "{name}" if it does not exist']
        todo += [
            f"{state or 'default'}: {permission}"
            for permission, state in sorted(permissions.items())
        ]
        if "permissions" in role.attributes:
            todo.append("every other permission: the product's default")
    return ManualStep(
        address=role.address,
        name=name,
        section=manual.ROLE_DEFINITION,
        todo=tuple(todo),
        values={"name": name, "absent": role.absent, "permissions": permissions},
        verifiable=False,
        source=role.span(),
    )


def _agent(change: Change, role_ids: Mapping[str, str]) -> Iterator[ManualStep]:
    if change.action is Action.DELETE:
        return
    before, after = change.before or {}, change.after or {}
    name = after.get("name", change.name)
    role = after.get("role")
    if role is not None and role != before.get("role") and not _writable_role(change, role_ids):
        yield _role_of_agent(change, name, role_ids)
    live = before.get("departments", {})
    departments = after.get("departments", live)
    if departments.keys() != live.keys():
        yield _membership(change, name)
    settings = {
        department: wanted
        for department, entry in departments.items()
        if (wanted := _unwritable(MEMBERSHIP_SETTINGS, entry, live.get(department, {})))
    }
    if settings:
        yield _section(
            change, name, manual.SETTINGS_OF_MEMBERSHIP, settings, {"departments": settings}
        )
    for field, wanted in sorted(_unwritable(AGENT_SETTINGS, after, before).items()):
        yield _section(
            change,
            name,
            field,
            {field: wanted},
            {field: wanted},
            verifiable=field in before,
        )


def _unwritable(
    names: Iterable[str], after: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return those of some fields that are to change."""
    return {
        name: after[name] for name in names if name in after and after[name] != before.get(name)
    }


def _section(
    change: Change,
    name: str,
    section: str,
    values: Mapping[str, Any],
    shown: Any,
    *,
    verifiable: bool = False,
) -> ManualStep:
    return ManualStep(
        address=change.address,
        name=name,
        section=section,
        todo=tuple(_lines(shown)),
        values=values,
        verifiable=verifiable,
        source=change.source,
    )


def _lines(value: Any, *path: str) -> Iterator[str]:
    """Yield a line for each value to be set."""
    if isinstance(value, Mapping):
        for key, part in sorted(value.items()):
            yield from _lines(part, *path, key)
    else:
        shown = ("yes" if value else "no") if isinstance(value, bool) else value
        text = "none" if shown == "" else str(shown).replace("\n", " ⏎ ")
        yield f"{' / '.join(path)}: {text}"


def _role_of_agent(change: Change, name: str, role_ids: Mapping[str, str]) -> ManualStep:
    role: str = (change.after or {})["role"]
    unnamed = id_of_unnamed_role((change.before or {}).get("role", ""))
    known = fold(role) in role_ids
    hint = ""
    if unnamed:
        hint = (
            f'the agent has a role with the id {unnamed}; if that is "{role}", say so in '
            f'provisioner.yaml: role_ids: {{"{role}": "{unnamed}"}}'
        )
    elif not known:
        hint = (
            "the API tells a custom role by its id only; once an agent has the role, the next "
            "plan shows the id to put into role_ids"
        )
    return ManualStep(
        address=change.address,
        name=name,
        section=manual.ROLE,
        todo=(f'set the role to "{role}"',),
        values={"role": role},
        # A live role with a name shows that it is not done; an id alone shows nothing.
        verifiable=known or unnamed is None,
        hint=hint,
        source=change.source,
    )


def _membership(change: Change, name: str) -> ManualStep:
    before = (change.before or {}).get("departments", {})
    after = (change.after or {}).get("departments", {})
    joins = sorted(after.keys() - before.keys())
    leaves = sorted(before.keys() - after.keys())
    return ManualStep(
        address=change.address,
        name=name,
        section=manual.MEMBERSHIP,
        todo=(
            *(f'join "{department}"' for department in joins),
            *(f'leave "{department}"' for department in leaves),
        ),
        values={"join": joins, "leave": leaves},
        then=tuple(_waiting(change, joins)),
        source=change.source,
    )


def _waiting(change: Change, joins: Iterable[str]) -> Iterator[str]:
    """Yield what an apply will do in departments once the agent is a member of them."""
    after = change.after or {}
    for department in joins:
        entry = after["departments"][department]
        parts = [f"{name} {'yes' if entry[name] else 'no'}" for name in SERVICES if name in entry]
        if department in after.get("hours", {}):
            parts.append("planned hours")
        if parts:
            yield f"in {department}: {', '.join(parts)}"


def _writable_role(change: Change, role_ids: Mapping[str, str]) -> bool:
    """Tell whether the API can give the agent its new role: both ids must be known."""
    role = (change.after or {}).get("role", "")
    unnamed = id_of_unnamed_role((change.before or {}).get("role", ""))
    return unnamed is None and (role in BUILT_IN_ROLES or fold(role) in role_ids)


def _without_manual(change: Change, role_ids: Mapping[str, str]) -> Change:
    """Return a change of an agent without what only a person can do."""
    if change.action not in {Action.CREATE, Action.UPDATE} or change.after is None:
        return change
    before = change.before or {}
    after = dict(change.after)
    if "departments" in after:
        after["departments"] = _possible_departments(after["departments"], before)
    if "hours" in after:
        members = before.get("departments", {})
        after["hours"] = {name: week for name, week in after["hours"].items() if name in members}
    if "role" in after and not _writable_role(change, role_ids):
        after["role"] = before.get("role", "agent")
    for name in after.keys() & {*AGENT_SETTINGS}:
        if name in before:
            after[name] = before[name]
        else:
            del after[name]
    if change.action is Action.CREATE:
        # Nobody is a member of anything yet, so all that hangs on a membership waits.
        after.pop("departments", None)
        after.pop("hours", None)
        return replace(change, after=after)
    fields = tuple(field for field in change.fields if not _manual_field(field, before, after))
    if fields:
        return replace(change, after=after, fields=fields)
    reason = Reason.WAITS_FOR_A_PERSON if change.fields else change.reason
    return replace(change, after=before, fields=(), action=Action.NO_OP, reason=reason)


def _possible_departments(
    wanted: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the live memberships with those of the wanted values that the API can write."""
    return {
        name: {
            key: value
            for key, value in wanted.get(name, entry).items()
            if key not in MEMBERSHIP_SETTINGS
        }
        for name, entry in before.get("departments", {}).items()
    }


def _manual_field(field: FieldChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether a field's change is out of the API's reach."""
    match field.path:
        case ("departments", _):
            return True
        case ("departments", _, key):
            return key in MEMBERSHIP_SETTINGS
        case ("hours", department, *_):
            return department not in before.get("departments", {})
        case ("role",):
            return bool(after["role"] == before["role"])
        case _:
            return field.path[0] in AGENT_SETTINGS
