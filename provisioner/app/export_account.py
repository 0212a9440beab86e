"""Exports an account as the files of a project.

A plan right after the export is empty, and two exports of the same account are equal. Access fields
are always there, so the files own all access. Other fields with default values are left out, so
they are not managed. A value that can't be declared becomes a
remark: a comment above its object.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.app.export_files import AttachmentFiles, Slugs, settings_file, yaml_file
from provisioner.diagnostics import Diagnostic
from provisioner.documents.schema.json_schema import undeclarable_paths
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.model.agent_rules import ROLES_WITHOUT_TO_SOLVE_ONLY
from provisioner.model.desired import DesiredState
from provisioner.model.fields import FieldPath
from provisioner.model.hours import as_yaml
from provisioner.model.kinds import (
    BUILT_IN_ROLES,
    KINDS,
    Collection,
    FieldGroup,
    Overrides,
    Scalar,
    Shape,
)
from provisioner.model.settings import Target
from provisioner.planning.access.access_fields import is_access
from provisioner.planning.unread_checks import unread_values

LONGEST_VALUE = 100
"""Most characters of a value in a remark."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export.

    Attributes:
        files: path in the project to content.
        objects: mapping from kind to number of declared objects.
        remarks: number of values and objects that can't be declared.
        warnings: parts of the account that were not understood, and are not in the files.
    """

    files: Mapping[str, bytes]
    objects: Mapping[Kind, int]
    remarks: int
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A live object, its declaration (empty if it can't be declared), and remarks."""

    existing: LiveObject
    item: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def export_account(
    live: LiveState, photo_of: Callable[[LiveObject], bytes], target: Target | None = None
) -> Exported:
    """Return the files of a project that declares an account.

    Args:
        live: the account, with the hours of all agents.
        photo_of: returns the photo of an agent with one.
        target: the target to write into `provisioner.yaml`, if any.

    Raises:
        TargetError: a photo could not be read.
    """
    entries = {kind: _entries(live, kind) for kind in Kind}
    known = {
        (kind, entry.item["name"])
        for kind in (Kind.DEPARTMENT, Kind.ROLE)
        for entry in filter(_is_declared, entries[kind])
    }
    attachments = AttachmentFiles(photo_of)
    for entry in filter(_is_declared, entries[Kind.AGENT]):
        _drop_undeclared_references(entry, known)
        entry.remarks.extend(attachments.move(entry.existing, entry.item))
    for kind in Kind:
        for entry in filter(_is_declared, entries[kind]):
            _drop_refused_values(entry)
    return Exported(
        files={
            "provisioner.yaml": settings_file(target),
            **{
                name: yaml_file(kind, [(part.item, part.remarks) for part in parts], live.surface)
                for name, kind, parts in _files(entries)
            },
            **attachments.files,
        },
        objects={kind: sum(map(_is_declared, entries[kind])) for kind in Kind},
        remarks=sum(len(entry.remarks) for group in entries.values() for entry in group),
        warnings=tuple(unread_values(DesiredState({}), live)),
    )


def _is_declared(entry: _Entry) -> bool:
    return bool(entry.item)


def _files(
    entries: Mapping[Kind, list[_Entry]],
) -> Iterator[tuple[str, Kind, list[_Entry]]]:
    """Yield name, kind and entries of each YAML file. Agents are grouped by first department."""
    for kind in (Kind.DEPARTMENT, Kind.ROLE):
        if entries[kind]:
            yield f"{kind.plural}.yaml", kind, entries[kind]
    teams: dict[str, list[_Entry]] = {}
    for entry in entries[Kind.AGENT]:
        first = min(entry.existing.attributes["departments"], default="")
        teams.setdefault(first, []).append(entry)
    # The reader would reject agents/provisioner.yaml as misplaced settings.
    slugs = Slugs("provisioner")
    for team, members in sorted(teams.items()):
        yield f"agents/{slugs.of(team or 'no department')}.yaml", Kind.AGENT, members


def _entries(live: LiveState, kind: Kind) -> list[_Entry]:
    identities = sorted(identity for identity in live.objects if identity[0] is kind)
    return [_entry(live.objects[identity], live) for identity in identities]


def _entry(existing: LiveObject, live: LiveState) -> _Entry:
    """Return the declaration of an object, without default values, and remarks."""
    kind = existing.address.kind
    row = KINDS[kind]
    name = existing.attributes[row.identity]
    if existing.address.identity in live.ambiguous:
        return _Entry(existing, {}, [f"more than one {kind} is called {_shown(name)}"])
    if undeclarable_paths({row.identity: name}, kind.value) or (
        kind is Kind.ROLE and fold(name) in BUILT_IN_ROLES
    ):
        return _Entry(existing, {}, [f"the {kind} {_shown(name)} can't be declared by this name"])
    sparse = _sparse(row.shape, existing.attributes, live.defaults.get(kind)) or {}
    entry = _Entry(existing, {row.identity: name, **sparse})
    if "hours" in sparse:
        entry.item["hours"] = as_yaml(sparse["hours"])
    if entry.item.pop("two_factor", False):
        entry.remarks.append("two-factor login is on, which only the agent can do")
    is_excluded = entry.item.get("role") in ROLES_WITHOUT_TO_SOLVE_ONLY
    if is_excluded and entry.item.pop("to_solve_only", False):
        entry.remarks.append("'to solve only' has no effect for this role, and can't be declared")
    return entry


def _sparse(shape: Shape, value: Any, default: Any, path: FieldPath = ()) -> Any:
    """Return a value without its defaults, except access; None if only defaults remain."""
    match shape:
        case Scalar():
            fallback = shape.default if default is None else default
            return value if value != fallback or (path and is_access(path)) else None
        case FieldGroup():
            parts = {
                name: part
                for name, shape_of in shape.fields.items()
                if name in value
                and (
                    part := _sparse(shape_of, value[name], (default or {}).get(name), (*path, name))
                )
                is not None
            }
            return parts or None
        case Collection():
            return {
                key: _sparse(shape.entry, entry, None, (*path, key)) or {}
                for key, entry in sorted(value.items())
            }
        case Overrides():
            known = default or {}
            return {k: v for k, v in sorted(value.items()) if known.get(k) != v} or None
        case _:
            return dict(sorted(value.items())) or None


def _drop_undeclared_references(entry: _Entry, known: set[Identity]) -> None:
    """Replace an agent's references to undeclared objects by remarks."""
    item = entry.item
    role = item.get("role", BUILT_IN_ROLES[0])
    if role not in BUILT_IN_ROLES and (Kind.ROLE, role) not in known:
        role_id = id_of_unnamed_role(item.pop("role"))
        shown = f"with the id {_shown(role_id)} and without a name" if role_id else _shown(role)
        entry.remarks.append(f"has a role that can't be declared: {shown}")
    departments = item.get("departments", {})
    unknown = [name for name in departments if (Kind.DEPARTMENT, name) not in known]
    if unknown:
        del item["departments"]
        entry.remarks.append(f"the membership can't be declared, because of {_shown(unknown)}")
    used = {name for block in item.get("hours", []) for name in block["departments"]}
    if not used <= item.get("departments", {}).keys():
        hours = _shown(item.pop("hours"))
        entry.remarks.append(f"the hours can't be declared without the membership: {hours}")


def _drop_refused_values(entry: _Entry) -> None:
    """Replace values that the schema refuses by remarks."""
    for path in undeclarable_paths(entry.item, entry.existing.address.kind.value):
        inner = entry.item
        for key in path[:-1]:
            inner = inner.get(key, {})
        if path[-1] in inner:
            shown = _shown(inner.pop(path[-1]))
            entry.remarks.append(f"{' / '.join(path)} can't be declared: {shown}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
