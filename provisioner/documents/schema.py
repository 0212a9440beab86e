"""Checks documents against the JSON Schemas, which are the source of truth for their shape."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from provisioner.diagnostics import Diagnostic
from provisioner.documents.document import Document, Path
from provisioner.documents.violation import Violation, violations

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema_rs import Draft202012Validator as QuickValidator

SchemaName: TypeAlias = Literal["file", "provisioner", "agent", "role", "department"]

_PACKAGE = "provisioner.schemas"
_ENDING = ".schema.json"


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Return every schema by its name, such as `agent` or `role`."""
    return {
        file.name.removesuffix(_ENDING): json.loads(file.read_text("utf-8"))
        for file in sorted(files(_PACKAGE).iterdir(), key=lambda file: file.name)
        if file.name.endswith(_ENDING)
    }


def check(document: Document, schema: SchemaName) -> tuple[Document, list[Diagnostic]]:
    """Check the shape of a document.

    Args:
        document: what was read.
        schema: which schema it is to have.

    Returns:
        The document with its invalid items marked, and the findings, one for each cause.
    """
    if _quick_validator(schema).is_valid(document.data):
        return document, []
    errors = _validator(schema).iter_errors(document.data)
    # jsonschema goes through sets of keys, whose order changes from run to run.
    found = sorted(
        (one for error in errors for one in violations(document, error)),
        key=lambda one: (one.path, one.rank, one.key or ""),
    )
    invalid = frozenset(one.path[:2] for one in found if one.path)
    return replace(document, invalid=invalid), _one_per_cause(found)


@cache
def _quick_validator(name: SchemaName) -> "QuickValidator":
    """Return what tells yes from no, a hundred times faster than what finds the words."""
    from jsonschema_rs import Draft202012Validator as Quick  # noqa: PLC0415
    from jsonschema_rs import Registry  # noqa: PLC0415

    resources = [(f"{name}{_ENDING}", schema) for name, schema in schemas().items()]
    return Quick(schemas()[name], registry=Registry(resources))


@cache
def _validator(name: SchemaName) -> "Draft202012Validator":
    # Imported late: this takes longer than all else that a start needs.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    resources = [
        (f"{name}{_ENDING}", Resource.from_contents(schema)) for name, schema in schemas().items()
    ]
    registry: Any = Registry().with_resources(resources)
    return Draft202012Validator(schemas()[name], registry=registry)


def _one_per_cause(found: Iterable[Violation]) -> list[Diagnostic]:
    best: dict[tuple[object, ...], Violation] = {}
    for one in found:
        best.setdefault((one.path, one.key), one)
    misspelt: dict[Path, list[str]] = {}
    for one in best.values():
        if one.finding.code == "unknown-key":
            misspelt.setdefault(one.path, []).append(str(one.key))
    # What stands behind an anchor is wrong once, however many aliases refer to it.
    places = {
        (one.finding.code, one.finding.span, one.key): one.finding
        for one in reversed(best.values())
        if not _is_misspelt(one, misspelt.get(one.path, []))
    }
    return list(reversed(places.values()))


def _is_misspelt(one: Violation, unknown: list[str]) -> bool:
    """Tell whether a key is missing because it stands there with a mistake in its name."""
    return one.finding.code == "missing-key" and bool(get_close_matches(str(one.key), unknown))


def misfits(item: dict[str, Any], schema: SchemaName) -> list[tuple[str, ...]]:
    """Return the ways to the values of an object that can't be declared, outer ones first.

    Args:
        item: the object.
        schema: which schema it is to have.
    """
    errors = _validator(schema).iter_errors(item)
    ways = {tuple(map(str, takewhile(_is_key, error.absolute_path))) for error in errors}
    return sorted(ways | set(_unwritable(item)))


def _is_key(step: str | int) -> bool:
    return isinstance(step, str)


def _unwritable(value: Any, *way: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways to texts that are no Unicode: JSON can hold them, and YAML can't."""
    match value:
        case dict():
            for key, part in value.items():
                yield from _unwritable(key, *way)
                yield from _unwritable(part, *way, key)
        case list():
            for part in value:
                yield from _unwritable(part, *way)
        case str() if re.search("[\ud800-\udfff]", value):
            yield way
