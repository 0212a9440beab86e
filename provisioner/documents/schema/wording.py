"""Texts for values and types of YAML in messages."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.documents.document import DocumentPath

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_YES = {"yes", "on", "true", "y"}
_NO = {"no", "off", "false", "n"}
_MAX_SHOWN = 60


def quoted(text: str) -> str:
    """Return a text in quotes, shortened if it is long."""
    shown = text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)


def listed(names: Iterable[str]) -> str:
    """Return names with commas between them."""
    return ", ".join(names)


def examples_in(schema: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a schema.

    An editor offers each of `examples` as a value to insert, so mappings and lists are in
    `x-examples`.
    """
    return [*schema.get("examples", ()), *schema.get("x-examples", ())]


def in_flow(value: object) -> str:
    """Return an example as it can be written on one line of YAML."""
    if isinstance(value, dict):
        return "{" + listed(f"{key}: {in_flow(item)}" for key, item in value.items()) + "}"
    return str(value)


def path_text(path: DocumentPath) -> str:
    """Return a path as text, such as `departments."Level 2".tickets` or `hours[0].from`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += "." + (step if re.fullmatch(r"[\w-]+", step) else quoted(step))
    return text.removeprefix(".")


def expected(types: Iterable[str]) -> str:
    """Return the names of JSON Schema types, such as "text or a list"."""
    return " or ".join(_TYPES[name] for name in types if name != "null")


def described_value(value: object, *, short: bool = False) -> str:
    """Return a short description of a value.

    Args:
        value: any value of a document.
        short: describe texts and numbers by their type only.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return "text" if short else quoted(value)
        case int() | float():
            return "a number" if short else str(value)
        case list():
            return "a list"
    return "a mapping"


def type_hint(types: Iterable[str], value: object) -> str:
    """Return a hint on how to write a value of one of these types in place of `value`."""
    kinds = set(types)
    if "string" in kinds:
        return (
            "put it in quotes"
            if isinstance(value, int | float)
            else "write one text after the colon"
        )
    if "boolean" in kinds:
        word = value.lower() if isinstance(value, str) else ""
        return (
            "write true"
            if word in _YES
            else "write false"
            if word in _NO
            else "write true or false"
        )
    if "array" in kinds:
        return 'begin each item with "- " on a line of its own'
    if "object" in kinds:
        return 'write lines of "key: value", each key followed by a colon and a space'
    return "write a whole number without quotes"
