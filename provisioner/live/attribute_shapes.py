"""The shapes of live objects in plan files, snapshots and records.

They follow the JSON Schemas of the YAML, whose vocabulary live objects have. Hours are the one
exception: a live week is keyed by department, service and day.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from provisioner.address import Kind, parse
from provisioner.documents.schema.json_schema import schemas
from provisioner.documents.schema.shapes import (
    Shape,
    ShapeError,
    flag,
    mapping,
    number,
    optional,
    pattern,
    record,
    text,
    within,
)
from provisioner.model.kinds import DAYS, KINDS, SERVICES, is_field

ADDRESS = pattern(f"({'|'.join(Kind)})/.*", "an address such as agent/EMAIL")

_CLOCK = r"([01]\d|2[0-4]):[0-5]\d"
_SPANS = pattern(rf"{_CLOCK}-{_CLOCK}(, {_CLOCK}-{_CLOCK})*", "times such as 09:00-17:30")
_WEEK = mapping(
    record(
        {},
        dict.fromkeys(SERVICES, record({}, dict.fromkeys(DAYS, _SPANS), closed=True)),
        closed=True,
    )
)

ALWAYS_READ: Mapping[Kind, tuple[str, ...]] = {
    Kind.AGENT: ("email", "name", "role", "availability", "departments"),
    Kind.DEPARTMENT: ("name",),
    Kind.ROLE: ("name", "permissions"),
}
"""The fields that every live object of a kind has."""


@cache
def attributes(kind: Kind, always: tuple[str, ...] = ()) -> Shape:
    """Return the shape of an object's fields.

    Args:
        kind: of the object.
        always: the fields that must be there.
    """
    schema = schemas()[kind]
    fields = _fields(schema, schema) | {KINDS[kind].identity: text}
    return record(
        {name: fields[name] for name in always},
        {name: shape for name, shape in fields.items() if name not in always},
        closed=True,
    )


def live_object(data: Any) -> None:
    """Check an object of an account: its fields, and that its address names it."""
    _HEAD(data)
    address = parse(data["address"])
    with within("attributes"):
        attributes(address.kind, ALWAYS_READ[address.kind])(data["attributes"])
    name = data["attributes"][KINDS[address.kind].identity]
    if parse(f"{address.kind}/{name}").identity != address.identity:
        raise ShapeError(f"it is the address of another object than {name}", ("address",))


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
            return _WEEK
        case "overrides":
            return mapping(text)
    if "properties" in schema and "string" not in schema["type"]:
        return record({}, _fields(schema, root), closed=True)
    return optional(_scalar(schema))


def _scalar(schema: Mapping[str, Any]) -> Shape:
    kinds = schema.get("type", ())
    examples = [*schema.get("enum", ()), *schema.get("examples", ()), schema.get("default")]
    if "boolean" in kinds or any(isinstance(example, bool) for example in examples):
        return flag
    if "integer" in kinds:
        return number(-(2**31), 2**31)
    return text
