"""Reads and checks the bodies of requests against the documented models."""

import json
from collections.abc import Iterator

from provisioner.sandbox.call import Operation
from provisioner.sandbox.errors import InvalidError
from provisioner.sandbox.fields import JsonObject, Model
from provisioner.sandbox.routes import V3
from provisioner.sandbox.switches import Switches

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
