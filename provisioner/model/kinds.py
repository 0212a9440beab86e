"""The table of kinds: the fields of each, with the meaning of their parts.

A kind is a row of `KINDS`, not a class. Shapes and defaults are read from the JSON Schemas: `type`,
`properties`, `default`, and `x-shape` where keys are open. A shape defines how a declared value is
merged with a live one, so that 'left out', null and a value mean the same for every field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Kind
from provisioner.documents.schema.json_schema import schemas

SERVICES = ("tickets", "chats", "calls")
BUILT_IN_ROLES = ("agent", "admin", "owner")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. null sets it to `default`, or to the account's own where that names one."""

    default: str | bool | int | None = None


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A mapping with fixed keys: a key that is left out is not managed, null resets all keys."""

    fields: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping with any keys: a key that is left out is not managed, one that is null goes."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping whose keys are the whole set: a live key that is not declared goes away."""

    entry: FieldGroup


@dataclass(frozen=True, slots=True)
class Whole:
    """A mapping that is replaced as a whole. null empties it."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """A mapping over defaults that the account names: what is left out has the default."""


Shape = Scalar | FieldGroup | Entries | Collection | Whole | Overrides


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind.

    Attributes:
        kind: its name.
        identity: the field that names an object of the kind.
        shape: all fields but the identity.
        required: fields without which it can't be created.
    """

    kind: Kind
    identity: str
    shape: FieldGroup
    required: tuple[str, ...] = ()


def is_field(key: str, schema: Mapping[str, Any]) -> bool:
    """Return whether a key of an object is a field of the live object.

    The others are for provisioner alone: `state`, and keys with the `x-surface` "project".
    """
    return key != "state" and schema.get("x-surface") != "project"


PROJECT_KEYS = frozenset(
    key
    for kind in Kind
    for key, schema in schemas()[kind]["properties"].items()
    if not is_field(key, schema)
)
"""The keys of objects that are no fields of live objects, such as `extends` and `previously`."""

EACH: Mapping[str, str] = {
    key: schema["x-each"]
    for key, schema in schemas()[Kind.AGENT]["properties"].items()
    if "x-each" in schema
}
"""The keys of agents that give values to all entries of a field, with the name of that field."""


def _shape(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Shape:
    """Return the shape of a field from its schema.

    Args:
        schema: of the field.
        root: the schema whose `$defs` the field's schema refers to.
    """
    match schema.get("x-shape"):
        case "collection":
            entry = root["$defs"][schema["additionalProperties"]["$ref"].rpartition("/")[2]]
            return Collection(_group(entry, root))
        case "entries":
            return Entries()
        case "whole":
            return Whole()
        case "overrides":
            return Overrides()
    if "properties" in schema and "string" not in schema["type"]:
        return _group(schema, root)
    return Scalar(schema.get("default"))


def _group(schema: Mapping[str, Any], root: Mapping[str, Any], *without: str) -> FieldGroup:
    return FieldGroup(
        {
            name: _shape(part, root)
            for name, part in schema["properties"].items()
            if is_field(name, part) and name not in without
        }
    )


def _row(
    kind: Kind, identity: str, required: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> KindRow:
    """Return the row of a kind; `without` names fields that never change."""
    schema = schemas()[kind]
    return KindRow(kind, identity, _group(schema, schema, *without), required)


KINDS: Mapping[Kind, KindRow] = {
    row.kind: row
    for row in (
        _row(Kind.AGENT, "email", required=("name",), without=("email",)),
        _row(Kind.DEPARTMENT, "name"),
        _row(Kind.ROLE, "name"),
    )
}
