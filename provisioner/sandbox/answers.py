"""Gives answers the shape that switches select: optional properties, empty values, numbers.

The documented models leave much open: nearly every property is optional, and ids are declared as
float. A client must accept each of these shapes.
"""

from typing import Any

from provisioner.sandbox.call import Operation, Shape
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.switches import Switches

_DELETED = "X"
"""The value of `status` and `userstatus` that is always sent: nothing else shows a deletion."""

_NUMBERS = {"integer": int, "float": float, "string": str}


def reshapes(switches: Switches) -> bool:
    """Return whether the switches select another shape than the one of the handlers."""
    return (
        switches.optional_fields != "sent"
        or switches.null_for_empty
        or switches.numbers != "integer"
    )


def shaped(value: Any, operation: Operation, switches: Switches) -> object:
    """Return the JSON of an answer in the selected shape."""
    if isinstance(operation.answer, list):
        return [_shaped(row, operation.answer[0], switches) for row in value]
    return _shaped(value, operation.answer, switches)


def _shaped(value: Any, shape: Shape | None, switches: Switches) -> Any:
    if value is None or shape is None:
        return value
    if isinstance(shape, Model):
        return _properties(value, shape, switches)
    if shape.kind == "number":
        return _NUMBERS[switches.numbers](value)
    if shape.kind == "array":
        return [_shaped(member, shape.items, switches) for member in value]
    if shape.kind == "object" and isinstance(shape.items, Model):
        return _properties(value, shape.items, switches)
    return value


def _properties(row: JsonObject, model: Model, switches: Switches) -> JsonObject:
    properties: JsonObject = {}
    for field in model.fields:
        if field.name not in row or _is_left_out(row[field.name], field, switches):
            continue
        value = row[field.name]
        is_null = switches.null_for_empty and not field.required and value in ("", [], {})
        properties[field.name] = None if is_null else _shaped(value, field, switches)
    return properties


def _is_left_out(value: object, field: Field, switches: Switches) -> bool:
    if field.required or switches.optional_fields == "sent":
        return False
    if value in (None, "", [], {}, field.default):
        return True
    return switches.optional_fields == "left_out" and field.omissible and value != _DELETED
