"""The table of kinds with the shapes of their fields.

A kind is a row of `KINDS`, not a class. Shapes and defaults come from the JSON Schemas: `type`,
`properties`, `default`, and `x-shape` for mappings with any keys. A shape defines how a declared
value is merged with a live one, so that an omitted key, null and a value mean the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind
from provisioner.documents.schema.json_schema import schemas

SERVICES = ("tickets", "chats", "calls")
BUILT_IN_ROLES = ("agent", "admin", "owner")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. null resets it to the account's default, or to `default` if that is unknown."""

    default: str | bool | int | None = None


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A mapping with fixed keys: an omitted key is not managed, null resets all keys.

    Attributes:
        fields: the shapes of the keys.
        is_flat: whether each key has one value.
    """

    fields: Mapping[str, "Shape"]
    is_flat: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at the shapes once: a plan merges a hundred thousand groups."""
        is_flat = all(isinstance(shape, Scalar) for shape in self.fields.values())
        object.__setattr__(self, "is_flat", is_flat)


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping with any keys: an omitted key is not managed, null removes a key."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping with the complete set of keys: an undeclared live key is removed."""

    entry: FieldGroup


@dataclass(frozen=True, slots=True)
class Whole:
    """A mapping that is replaced as a whole; null empties it."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """A mapping with defaults from the account: an omitted key has its default."""


Shape = Scalar | FieldGroup | Entries | Collection | Whole | Overrides


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind.

    Attributes:
        kind: the kind.
        identity: the field that identifies an object.
        shape: the shape of all changeable fields.
        required: the fields that are necessary to create an object.
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
    """Return the shape of a field from its schema."""
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
    return Scalar(schema.get("x-default"))


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
