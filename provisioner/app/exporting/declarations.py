"""Declares live objects in the form of the files.

Access fields are always there, so that the files own all access. Other fields with default values
are left out, so they are not managed. A value that can't be declared becomes a remark: a comment
above its object.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.documents.schema.json_schema import undeclarable_paths
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.model.agent_rules import ROLES_WITHOUT_TO_SOLVE_ONLY
from provisioner.model.fields import FieldPath
from provisioner.model.hours import as_yaml
from provisioner.model.kinds import (
    BUILT_IN_ROLES,
    KINDS,
    SERVICES,
    Collection,
    FieldGroup,
    Overrides,
    Scalar,
    Shape,
)
from provisioner.planning.access.access_fields import is_access

LONGEST_VALUE = 100
"""Most characters of a value in a remark."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A live object in the form of the files.

    Attributes:
        existing: the object.
        item: its entry in the files; empty if it can't be declared.
        remarks: values that can't be declared, for people.
    """

    existing: LiveObject
    item: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        """The identity of the object."""
        return self.existing.address.identity

    @property
    def needs(self) -> Iterator[Identity]:
        """The roles and departments that the entry names."""
        role = self.item.get("role", BUILT_IN_ROLES[0])
        if role not in BUILT_IN_ROLES:
            yield Kind.ROLE, fold(role)
        for name in self.item.get("departments", ()):
            yield Kind.DEPARTMENT, fold(name)


def declarations(live: LiveState) -> dict[Identity, Declaration]:
    """Return the declaration of each live object, sorted by kind and name.

    Signatures are texts here, and photos are digests. Values that the schema refuses are still
    there: see `drop_refused_values`.
    """
    result = {
        identity: _declaration(live.objects[identity], live) for identity in sorted(live.objects)
    }
    known: set[tuple[Kind, str]] = {
        (kind, one.item["name"])
        for (kind, _), one in result.items()
        if one.item and kind is not Kind.AGENT
    }
    for one in result.values():
        if one.item and one.existing.address.kind is Kind.AGENT:
            _drop_undeclared_references(one, known)
            _shorten_hours(one.item)
    return result


def refused_paths(entry: Declaration) -> list[FieldPath]:
    """Return the paths of values that the schema refuses, outer ones first."""
    return undeclarable_paths(entry.item, entry.existing.address.kind.value)


def drop_refused_values(entry: Declaration) -> None:
    """Replace values that the schema refuses by remarks."""
    for path in refused_paths(entry):
        inner = entry.item
        for key in path[:-1]:
            inner = inner.get(key, {})
        if path[-1] in inner:
            shown = _shown(inner.pop(path[-1]))
            entry.remarks.append(f"{' / '.join(path)} can't be declared: {shown}")


def _declaration(existing: LiveObject, live: LiveState) -> Declaration:
    """Return the declaration of an object, without default values, and remarks."""
    kind = existing.address.kind
    row = KINDS[kind]
    name = existing.attributes[row.identity]
    if existing.address.identity in live.ambiguous:
        return Declaration(existing, {}, [f"more than one {kind} is called {_shown(name)}"])
    if undeclarable_paths({row.identity: name}, kind.value) or (
        kind is Kind.ROLE and fold(name) in BUILT_IN_ROLES
    ):
        return Declaration(
            existing, {}, [f"the {kind} {_shown(name)} can't be declared by this name"]
        )
    sparse = _sparse(row.shape, existing.attributes, live.defaults.get(kind)) or {}
    entry = Declaration(existing, {row.identity: name, **sparse})
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
            given, known = value.keys(), default or {}
            parts = {
                name: _sparse(shape_of, value[name], known.get(name), (*path, name))
                for name, shape_of in shape.fields.items()
                if name in given
            }
            return {name: part for name, part in parts.items() if part is not None} or None
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


def _drop_undeclared_references(entry: Declaration, known: set[tuple[Kind, str]]) -> None:
    """Replace an agent's references to undeclared objects by remarks."""
    item = entry.item
    role = item.get("role", BUILT_IN_ROLES[0])
    if role not in BUILT_IN_ROLES and (Kind.ROLE, role) not in known:
        role_id = id_of_unnamed_role(item.pop("role"))
        shown = (
            f"with the id {_shown(role_id)} and without a name; name it in role_ids"
            if role_id
            else _shown(role)
        )
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


def _shorten_hours(item: dict[str, Any]) -> None:
    """Leave out services and departments of shifts where they are what a shift has by default."""
    for shift in item.get("hours", ()):
        if {*shift["services"]} == {*SERVICES}:
            del shift["services"]
        if {*shift["departments"]} == item["departments"].keys():
            del shift["departments"]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
