"""Reads bodies of requests, checked against the documented models, and shapes those of answers.

The documented models leave much open: nearly every property is optional, and ids are declared as
float. A client must accept each of the shapes that switches select.
"""

import json
from collections.abc import Iterator
from typing import Any

from provisioner.sandbox.call import Operation, Shape
from provisioner.sandbox.errors import InvalidError
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.routes import V3
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


BAD_JSON = "Bad JSON format: Syntax error"  # D: changelog 2021-09-27


def read_body(operation: Operation, content: bytes | JsonObject, switches: Switches) -> JsonObject:
    """Return the checked properties of a body.

    Raises:
        InvalidError: the body does not conform to the model.
    """
    if isinstance(content, dict):
        return operation.form.read(content) if operation.form else {}
    if operation.body is None or (operation.body_optional and not content):
        return {}
    try:
        body = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidError(BAD_JSON) from error
    if not isinstance(body, dict):
        raise InvalidError(BAD_JSON)
    if operation in V3:
        _check_strictly(body, operation.body, switches)
    partial = operation.keeps_missing and not switches.put_defaults_missing_fields
    return operation.body.read(body, partial=partial)


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(name)


def _check_strictly(body: JsonObject, model: Model, switches: Switches) -> None:
    """Check what the documents leave open, by the switches."""
    if switches.null_values == "refused":
        for name in _nulls(body):
            raise InvalidError(f"Invalid value for '{name}', must not be null")
    if switches.unknown_properties == "refused":
        for name in _unknown(body, model):
            raise InvalidError(f"Unknown property '{name}'")


def _nulls(value: object, name: str = "") -> Iterator[str]:
    """Yield the names of the properties anywhere in a body that are null."""
    match value:
        case None:
            yield name
        case dict():
            for key, inner in value.items():
                yield from _nulls(inner, key)
        case list():
            for inner in value:
                yield from _nulls(inner, name)


def _unknown(body: JsonObject, model: Model) -> Iterator[str]:
    """Yield the names of the properties anywhere in a body that the model does not have."""
    fields = {field.name: field for field in model.fields}
    for name, value in body.items():
        if name not in fields:
            yield name
        elif isinstance(inner := fields[name].items, Model):
            for row in value if isinstance(value, list) else [value]:
                if isinstance(row, dict):
                    yield from _unknown(row, inner)
