"""Shapes of live objects in plan files, snapshots and records.

They are derived from the JSON Schemas, because live objects have the fields of the YAML. The only
exception is `hours`: live hours have the canonical form of `provisioner.model.hours`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from provisioner.address import Kind, fold
from provisioner.documents.schema.json_schema import schemas
from provisioner.documents.schema.shapes import (
    Shape,
    ShapeError,
    flag,
    mapping,
    number,
    one_of,
    optional,
    pattern,
    record,
    text,
)
from provisioner.model.kinds import DAYS, KINDS, SERVICES, is_field

ADDRESS = pattern(f"({'|'.join(Kind)})/.*", "an address such as agent/EMAIL")

_CLOCK = r"([01]\d|2[0-4]):[0-5]\d"
_SPANS = pattern(rf"{_CLOCK}-{_CLOCK}(, {_CLOCK}-{_CLOCK})*", "times such as 09:00-17:30")
_HOURS = mapping(
    record(
        {},
        dict.fromkeys(SERVICES, record({}, dict.fromkeys(DAYS, _SPANS), closed=True)),
        closed=True,
    )
)

HOURS_FORM = record(
    {
        "first_day": one_of(("mon", "sun")),
        "first_number": number(0, 1),
        "times": one_of(("HH:MM:SS", "HH:MM")),
        "midnight": text,
        "is_confirmed": flag,
        "is_contradicted": flag,
    },
    closed=True,
)
"""The shape of the form of planned hours."""

ALWAYS_READ: Mapping[Kind, tuple[str, ...]] = {
    Kind.AGENT: ("email", "name", "role", "availability", "departments"),
    Kind.DEPARTMENT: ("name",),
    Kind.ROLE: ("name", "permissions"),
}
"""The fields that every live object of a kind has on every API."""


@cache
def attributes(kind: Kind, always: tuple[str, ...] = ()) -> Shape:
    """Return the shape of an object's fields.

    The fields in `always` are required.
    """
    schema = schemas()[kind]
    fields = _fields(schema, schema) | {KINDS[kind].identity: text}
    return record(
        {name: fields[name] for name in always},
        {name: shape for name, shape in fields.items() if name not in always},
        closed=True,
    )


def live_object(data: Any) -> None:
    """Check a live object: its fields, and that its address fits its name."""
    _HEAD(data)
    word, _, key = data["address"].partition("/")
    kind = Kind(word)
    try:
        attributes(kind, ALWAYS_READ[kind])(data["attributes"])
    except ShapeError as error:
        raise error.inside("attributes") from None
    name = data["attributes"][KINDS[kind].identity]
    if fold(name) != fold(key):
        raise ShapeError(f"it does not fit the name {name}", ("address",))


_HEAD = record({"address": ADDRESS, "id": text, "attributes": mapping(lambda _data: None)})


def _fields(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Shape]:
    return {
        name: _shape(part, root)
        for name, part in schema["properties"].items()
        if is_field(name, part)
    }


def _shape(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Shape:
    """Return the shape of a live field from the schema of the declared one."""
    match schema.get("x-shape"):
        case "collection":
            entry = root["$defs"][schema["additionalProperties"]["$ref"].rpartition("/")[2]]
            return mapping(record({}, _fields(entry, root), closed=True))
        case "entries":
            return mapping(optional(text))
        case "whole":
            return _HOURS
        case "overrides":
            return mapping(text)
    if "properties" in schema and "string" not in schema["type"]:
        return record({}, _fields(schema, root), closed=True)
    return optional(_scalar(schema))


def _scalar(schema: Mapping[str, Any]) -> Shape:
    kinds = schema.get("type", ())
    examples = [*schema.get("enum", ()), *schema.get("examples", ()), schema.get("x-default")]
    if "boolean" in kinds or any(isinstance(example, bool) for example in examples):
        return flag
    if "integer" in kinds:
        return number(-(2**31), 2**31)
    return text
