"""Builds manual steps from changes that the API can't make."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from provisioner.address import Kind, fold
from provisioner.documents.files.attachments import Photo
from provisioner.live.recorded_facts import DEFAULT_ROLE
from provisioner.live.state import Surface, id_of_unnamed_role
from provisioner.model.desired import Resource
from provisioner.model.fields import ANY, FIELDS, FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.changes import Action, Change, at
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep

_TITLES: Mapping[FieldPath, str] = {
    ("email",): "Email",
    **{path: one.title for path, one in FIELDS[Kind.AGENT].items()},
}
"""The names of an agent's fields in the panel."""


def department_step(change: Change) -> ManualStep:
    """Return the step for a department that is created, renamed or deleted."""
    former = (change.before or {}).get("name", "")
    todo = {
        Action.CREATE: f'create the department "{change.name}"',
        Action.DELETE: f'delete the department "{change.name}"',
        Action.UPDATE: f'rename the department "{former}" to "{change.name}"',
    }
    return ManualStep(
        address=change.address,
        name=change.name,
        section=manual_step.DEPARTMENT,
        todo=(todo[change.action],),
        values={"name": change.name, "action": change.action.value},
        source=change.source,
    )


def role_step(role: Resource, role_ids: Container[str]) -> ManualStep:
    """Return the step for a declared role, because the API shows no roles.

    Args:
        role: the role.
        role_ids: the folded names of the roles with a known id, which exist.
    """
    name = role.attributes["name"]
    permissions = role.attributes.get("permissions") or {}
    if role.absent:
        todo = [f'delete the role "{name}" if it exists']
    else:
        exists = role.address.identity[1] in role_ids
        todo = [] if exists else [f'create the role "{name}" if it does not exist']
        if role.previously:
            todo.insert(0, f'rename the role "{role.previously}" to "{name}", unless that was done')
        todo += [
            f"{state or 'default'}: {permission}"
            for permission, state in sorted(permissions.items())
        ]
        if "permissions" in role.attributes:
            todo.append("every other permission: the product's default")
    return ManualStep(
        address=role.address,
        name=name,
        section=manual_step.ROLE_DEFINITION,
        todo=tuple(todo),
        values={"name": name, "absent": role.absent, "permissions": permissions},
        verifiable=False,
        source=role.span(),
    )


_SET_AT_CREATION = ("email", "name", "role")
"""The fields that the panel asks for when an agent is created (D)."""


def creation_step(change: Change, surface: Surface, automatic: Mapping[str, Any]) -> ManualStep:
    """Return the step for an agent whom the API does not create.

    Args:
        change: the creation.
        surface: the surface of the target. If it creates roles, it also gives them to agents.
        automatic: the fields that an apply sets once the agent exists.
    """
    after = change.after or {}
    values = {name: after[name] for name in _SET_AT_CREATION if name in after}
    then = {name: value for name, value in automatic.items() if name not in _SET_AT_CREATION}
    if surface is Surface.FULL and values["role"] not in BUILT_IN_ROLES:
        then["role"], values["role"] = values["role"], DEFAULT_ROLE
    return ManualStep(
        address=change.address,
        name=_name(change),
        section=manual_step.CREATION,
        todo=("create the agent", *_lines(values)),
        values=values,
        then=tuple(_lines(then)),
        source=change.source,
    )


def agent_steps(
    change: Change,
    paths: Iterable[FieldPath],
    waiting: Iterable[FieldPath],
    role_ids: Mapping[str, str],
) -> list[ManualStep]:
    """Return the steps for an agent, one for each section of the panel.

    Args:
        change: the change of the agent.
        paths: the fields that a person sets.
        waiting: the fields that an apply writes once the agent is a member.
        role_ids: mapping from folded name to id of the custom roles with a known id.
    """
    before, after = change.before or {}, change.after or {}
    departments: list[str] = []
    settings: dict[str, dict[str, Any]] = defaultdict(dict)
    steps: list[ManualStep] = []
    for path in paths:
        match path:
            case ("role",):
                steps.append(_role_of_agent(change, role_ids))
            case ("departments", department):
                departments.append(department)
            case ("departments", department, key):
                settings[department][key] = at(path, after)
            case (name, *_):
                steps.append(_settings_step(change, name, {name: after[name]}, name in before))
    if departments:
        steps.append(_membership_step(change, departments, waiting))
    if settings:
        section = manual_step.SETTINGS_OF_MEMBERSHIP
        steps.append(_settings_step(change, section, settings, verifiable=False))
    return steps


def _settings_step(
    change: Change,
    section: str,
    values: Mapping[str, Any],
    verifiable: bool,
) -> ManualStep:
    """Return the step for a section, with lines that do not repeat the section's title."""
    todo, values = _shared(_Values(section, repr(values), values))
    return ManualStep(
        address=change.address,
        name=_name(change),
        section=section,
        todo=todo,
        values=values,
        verifiable=verifiable,
        source=change.source,
    )


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a step. They are equal if their texts are: for Python, True equals 1."""

    section: str
    text: str
    values: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=1024)
def _shared(given: _Values) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """Return the lines and the values that all agents with equal values share."""
    is_of_membership = given.section == manual_step.SETTINGS_OF_MEMBERSHIP
    shown = {"departments": given.values} if is_of_membership else given.values
    lines = (
        line
        for name, value in shown.items()
        for line in _lines(value, name, start=1 if isinstance(value, Mapping) else 0)
    )
    return tuple(lines), given.values


def with_photo_file(step: ManualStep, photos: Mapping[str, Photo]) -> ManualStep:
    """Return a step that names a photo by its file instead of its digest.

    The digest stays in the values, because another image in the same file needs another step.
    """
    photo = photos.get(step.values["photo"]) if step.section == "photo" else None
    return replace(step, todo=tuple(_lines(photo.file, "photo"))) if photo else step


def _name(change: Change) -> str:
    name: str = (change.after or {}).get("name", change.name)
    return name


def _lines(value: Any, *path: str, start: int = 0) -> Iterator[str]:
    """Yield a line for each value to set, with the names of the panel.

    Args:
        value: a value of an agent, or a mapping of values.
        path: the keys that lead to it.
        start: the index of the first key that the lines show.
    """
    if isinstance(value, Mapping):
        for key, part in sorted(value.items()):
            yield from _lines(part, *path, key, start=start)
    else:
        shown = ("yes" if value else "no") if isinstance(value, bool) else value
        text = "none" if shown == "" else manual_step.on_one_line(str(shown))
        yield f"{' / '.join(_titles(path)[start:])}: {text}"


def _titles(path: FieldPath) -> list[str]:
    """Return the names of the panel for a path; names of departments and alerts stay."""
    known = path if path[0] != "departments" else (path[0], ANY, *path[2:])
    return [
        key if known[index] == ANY else _TITLES.get(known[: index + 1], key)
        for index, key in enumerate(path)
    ]


def _role_of_agent(change: Change, role_ids: Mapping[str, str]) -> ManualStep:
    role: str = (change.after or {})["role"]
    unnamed = id_of_unnamed_role((change.before or {}).get("role", ""))
    known = fold(role) in role_ids
    hint = ""
    if unnamed:
        hint = (
            f'the agent has a role with the id {unnamed}; if that is "{role}", add to '
            f'provisioner.yaml: role_ids: {{"{role}": "{unnamed}"}}'
        )
    elif not known:
        hint = (
            "the API shows only the id of a custom role; once an agent has the role, the next "
            "plan shows the id to put into role_ids"
        )
    return ManualStep(
        address=change.address,
        name=_name(change),
        section=manual_step.ROLE,
        todo=(f'set the role to "{role}"',),
        values={"role": role},
        # A live role with a name shows that it is not done; an id alone shows nothing.
        verifiable=known or unnamed is None,
        hint=hint,
        source=change.source,
    )


def _membership_step(
    change: Change, departments: Iterable[str], waiting: Iterable[FieldPath]
) -> ManualStep:
    before = (change.before or {}).get("departments", {})
    after = (change.after or {}).get("departments", {})
    joins = sorted(department for department in departments if department in after)
    leaves = sorted(department for department in departments if department in before)
    return ManualStep(
        address=change.address,
        name=_name(change),
        section=manual_step.MEMBERSHIP,
        todo=(
            *(f'join "{department}"' for department in joins),
            *(f'leave "{department}"' for department in leaves),
        ),
        values={"join": joins, "leave": leaves},
        then=tuple(_then(after, joins, {*waiting})),
        source=change.source,
    )


def _then(after: Mapping[str, Any], joins: Iterable[str], waiting: set[FieldPath]) -> Iterator[str]:
    """Yield the actions of an apply in departments once the agent is a member of them."""
    for department in joins:
        entry = after[department]
        parts = [
            f"{service} {'yes' if entry[service] else 'no'}"
            for service in SERVICES
            if ("departments", department, service) in waiting
        ]
        if ("hours", department) in waiting:
            parts.append("planned hours")
        if parts:
            yield f"in {department}: {', '.join(parts)}"
