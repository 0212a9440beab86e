"""A live account as a project: the same files each time, and a plan right after is empty.

What has its default is left out, since what is left out is not managed. What can't be declared is
said in a remark, a comment beside its object.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind, fold
from provisioner.app.export_files import AttachmentFiles, Slugs, settings_file, yaml_file
from provisioner.documents.schema.json_schema import undeclarable_paths
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
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

LONGEST_VALUE = 100
"""Characters of a value that a remark shows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An account as files.

    Attributes:
        files: path relative to the project's root to content.
        objects: how many are declared, by kind.
        remarks: how many things can't be.
    """

    files: Mapping[str, bytes]
    objects: Mapping[Kind, int]
    remarks: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """An object with its declaration, which is empty where there can be none, and remarks."""

    existing: LiveObject
    item: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def export_account(
    live: LiveState, photo_of: Callable[[LiveObject], bytes], target: Target | None = None
) -> Exported:
    """Return an account as the files of a project.

    Args:
        live: the account, with everybody's hours.
        photo_of: gives the photo of an agent who has one.
        target: the account's address and where its key is, if the project is to name them.

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
        _drop_unknown(entry, known)
        entry.remarks.extend(attachments.move(entry.existing, entry.item))
    for kind in Kind:
        for entry in filter(_is_declared, entries[kind]):
            _drop_misfits(entry)
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
        remarks=sum(len(entry.remarks) for found in entries.values() for entry in found),
    )


def _is_declared(entry: _Entry) -> bool:
    return bool(entry.item)


def _files(
    entries: Mapping[Kind, list[_Entry]],
) -> Iterator[tuple[str, Kind, list[_Entry]]]:
    """Yield name, kind and content of the YAML files; each agent is with the first department."""
    for kind in (Kind.DEPARTMENT, Kind.ROLE):
        if entries[kind]:
            yield f"{kind.plural}.yaml", kind, entries[kind]
    teams: dict[str, list[_Entry]] = {}
    for entry in entries[Kind.AGENT]:
        first = min(entry.existing.attributes["departments"], default="")
        teams.setdefault(first, []).append(entry)
    # A file of the name provisioner.yaml would be taken for misplaced settings.
    slugs = Slugs("provisioner")
    for team, members in sorted(teams.items()):
        yield f"agents/{slugs.of(team or 'no department')}.yaml", Kind.AGENT, members


def _entries(live: LiveState, kind: Kind) -> list[_Entry]:
    found = sorted(identity for identity in live.objects if identity[0] is kind)
    return [_entry(live.objects[identity], live) for identity in found]


def _entry(existing: LiveObject, live: LiveState) -> _Entry:
    """Return an object's declaration, with all of its values but the defaults."""
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
    if entry.item.get("role") in {"admin", "owner"} and entry.item.pop("to_solve_only", False):
        entry.remarks.append("'to solve only' has no effect for this role, and can't be declared")
    return entry


def _sparse(shape: Shape, value: Any, default: Any) -> Any:
    """Return a value without what has its default; None where nothing is left."""
    match shape:
        case Scalar():
            fallback = shape.default if default is None else default
            return None if value == fallback else value
        case FieldGroup():
            parts = {
                name: part
                for name, shape_of in shape.fields.items()
                if name in value
                and (part := _sparse(shape_of, value[name], (default or {}).get(name))) is not None
            }
            return parts or None
        case Collection():
            entries = {
                key: _sparse(shape.entry, entry, None) or {} for key, entry in sorted(value.items())
            }
            return entries or None
        case Overrides():
            known = default or {}
            return {k: v for k, v in sorted(value.items()) if known.get(k) != v} or None
        case _:
            return dict(sorted(value.items())) or None


def _drop_unknown(entry: _Entry, known: set[tuple[Kind, str]]) -> None:
    """Leave out an agent's references to what is not declared, and say so."""
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


def _drop_misfits(entry: _Entry) -> None:
    """Leave out the values that the schema refuses, and say so."""
    for way in undeclarable_paths(entry.item, entry.existing.address.kind.value):
        inner = entry.item
        for step in way[:-1]:
            inner = inner.get(step, {})
        if way[-1] in inner:
            shown = _shown(inner.pop(way[-1]))
            entry.remarks.append(f"{' / '.join(way)} can't be declared: {shown}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
