"""What the target's API can't do becomes a manual step, never silence and never a lie.

On the surface that LiveAgent documents, roles can't be written or listed, and departments and
memberships only be read. A plan is divided: what an apply can do stays a change, what a person has
to do in the panel becomes a step with the exact values. Work that depends on a manual step waits:
it comes back as a change once the API shows that the step was done.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Span
from provisioner.live.state import LiveObject, LiveState, Surface, id_of_unnamed_role
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import BUILT_IN_ROLES, MEMBERSHIP_FIELDS, PROFILE_FIELDS
from provisioner.model.settings import Acknowledgement
from provisioner.planning.changes import Action, Change, FieldChange, Reason

ID_DIGITS = 8
"""Hex digits of the digest that binds a step's id to its values."""


class Section(StrEnum):
    """The part of an object that a manual step is about."""

    DEPARTMENT = "department"
    ROLE_DEFINITION = "permissions"
    ROLE = "role"
    MEMBERSHIP = "departments"
    MEMBERSHIP_SETTINGS = "department-settings"
    ALIAS = "alias"
    PHOTO = "photo"
    TO_SOLVE_ONLY = "to_solve_only"
    NOTIFICATIONS = "notifications"
    SIGNATURE = "signature"
    CHAT = "chat"
    PANEL = "panel"
    LEVEL = "level"
    SOUNDS = "sounds"
    TWO_FACTOR = "two_factor"


_AGENT = "Configuration > Agents > {name}"

PANEL = {
    Section.DEPARTMENT: "Configuration > Departments",
    Section.ROLE_DEFINITION: "Configuration > Agents > Roles",
    Section.ROLE: f"{_AGENT} > Role",
    Section.MEMBERSHIP: f"{_AGENT} > Departments",
    Section.MEMBERSHIP_SETTINGS: f"{_AGENT} > Departments",
    Section.ALIAS: f"{_AGENT} > Alias",
    Section.PHOTO: f"{_AGENT} > Photo",
    Section.TO_SOLVE_ONLY: f"{_AGENT} > To solve only",
    Section.NOTIFICATIONS: f"{_AGENT} > Notifications",
    Section.SIGNATURE: f"{_AGENT} > Signature",
    Section.CHAT: f"{_AGENT} > Chats",
    Section.PANEL: f"{_AGENT} > Panel theme",
    Section.LEVEL: f"{_AGENT} > Level",
    Section.SOUNDS: f"{_AGENT} > Sounds",
    Section.TWO_FACTOR: f"{_AGENT} > Two-factor login",
}
"""Where in the panel a person does it. The way to the agents is the vendor's own (D); the names of
the sections are those of the product page (I)."""


@dataclass(frozen=True, slots=True)
class ManualStep:
    """What a person has to do in the panel.

    Attributes:
        address: the object it is about.
        name: the object's name as the panel shows it.
        section: which part of it.
        todo: what to do, a line each, with the exact values.
        values: the same as data; the id is bound to it.
        then: what an apply will do once this is done, a line each.
        verifiable: whether the API will show that it was done.
        hint: what makes it verifiable, if anything can.
        source: where the files declare it.
        acknowledged: who says that it is done; only for what can't be verified.
    """

    address: Address
    name: str
    section: Section
    todo: tuple[str, ...]
    values: Mapping[str, Any]
    then: tuple[str, ...] = ()
    verifiable: bool = True
    hint: str = ""
    source: Span | None = None
    acknowledged: Acknowledgement | None = None

    @property
    def id(self) -> str:
        """A name for the step with exactly these values: other values are another step."""
        text = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
        return f"{self.address}#{self.section}@{digest}"

    @property
    def panel(self) -> str:
        """The path in the panel."""
        return PANEL[self.section].format(name=self.name)

    @property
    def open(self) -> bool:
        """Whether it is still to be done, as far as is known."""
        return self.acknowledged is None


def name_roles(live: LiveState, role_ids: Mapping[str, str], desired: DesiredState) -> LiveState:
    """Return live state with the roles named whose ids the project knows.

    Args:
        live: where the API lists no roles, agents have roles with an id for a name.
        role_ids: folded role name to id.
        desired: gives the spelling of the names.
    """
    if live.surface is Surface.FULL:
        return live
    names = {}
    for folded, role_id in role_ids.items():
        declared = desired.find(Kind.ROLE, folded)
        names[role_id] = declared.attributes["name"] if declared else folded

    def named(existing: LiveObject) -> LiveObject:
        role_id = id_of_unnamed_role(existing.attributes.get("role", ""))
        if role_id not in names:
            return existing
        return replace(existing, attributes={**existing.attributes, "role": names[role_id]})

    return replace(live, objects={key: named(value) for key, value in live.objects.items()})


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


def _working_order(step: ManualStep) -> tuple[int, str]:
    """Sort so that a person can work from the top: what others need comes first."""
    order = (Kind.DEPARTMENT, Kind.ROLE, Kind.AGENT)
    return order.index(step.address.kind), step.id


def acknowledge(
    steps: Iterable[ManualStep], acknowledged: Iterable[Acknowledgement], target: str
) -> tuple[tuple[ManualStep, ...], tuple[Acknowledgement, ...]]:
    """Mark the steps that a person says are done.

    Returns:
        The steps, and the acknowledgements for this target that fit none of them.
    """
    said = {entry.step: entry for entry in acknowledged if entry.target in {"", target}}
    marked = tuple(
        step if step.verifiable else replace(step, acknowledged=said.pop(step.id, None))
        for step in steps
    )
    return marked, tuple(said.values())


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
            section=Section.DEPARTMENT,
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
        section=Section.ROLE_DEFINITION,
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
        if (wanted := _unwritable(MEMBERSHIP_FIELDS, entry, live.get(department, {})))
    }
    if settings:
        yield _section(change, name, Section.MEMBERSHIP_SETTINGS, settings, settings)
    for field, wanted in sorted(_unwritable(PROFILE_FIELDS, after, before).items()):
        yield _section(
            change, name, Section(field), {field: wanted}, wanted, verifiable=field in before
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
    section: Section,
    values: Mapping[str, Any],
    shown: Any,
    *,
    verifiable: bool = False,
) -> ManualStep:
    return ManualStep(
        address=change.address,
        name=name,
        section=section,
        todo=tuple(_lines(shown, section.value)),
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
        words = {True: "yes", False: "no", "": "none"}
        yield f"{' / '.join(path)}: {words.get(value, value)}"


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
        section=Section.ROLE,
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
        section=Section.MEMBERSHIP,
        todo=(
            *(f'join "{department}"' for department in joins),
            *(f'leave "{department}"' for department in leaves),
        ),
        values={"join": joins, "leave": leaves},
        then=tuple(
            f"in {department}: "
            + ", ".join(f"{service} {'yes' if on else 'no'}" for service, on in services.items())
            for department in joins
            if (services := after[department])
        ),
        source=change.source,
    )


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
    if "role" in after and not _writable_role(change, role_ids):
        after["role"] = before.get("role", "agent")
    for name in PROFILE_FIELDS & after.keys():
        if name in before:
            after[name] = before[name]
        else:
            del after[name]
    if change.action is Action.CREATE:
        if not after.get("departments"):
            after.pop("departments", None)
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
            if key not in MEMBERSHIP_FIELDS
        }
        for name, entry in before.get("departments", {}).items()
    }


def _manual_field(field: FieldChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether a field's change is out of the API's reach."""
    match field.path:
        case ("departments", _):
            return True
        case ("departments", _, key):
            return key in MEMBERSHIP_FIELDS
        case ("role",):
            return bool(after["role"] == before["role"])
        case _:
            return field.path[0] in PROFILE_FIELDS
