"""Checks of documents against the JSON Schemas, which define the shape of all files."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice, takewhile
from pkgutil import get_data
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

from provisioner.diagnostics import Diagnostic
from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.schema.violation import SchemaViolation, violations
from provisioner.documents.yaml.unseen import unseen_paths
from provisioner.suggestions import closest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema_rs import Draft202012Validator as QuickValidator

SchemaName: TypeAlias = Literal[
    "file",
    "provisioner",
    "capabilities",
    "acknowledged",
    "rule-test",
    "fleet",
    "agent",
    "role",
    "department",
    "profile",
]

_PACKAGE = "provisioner.schemas"
ENDING = ".schema.json"

ENOUGH = 1_000
"""Maximum number of violations of one document; further objects are only counted."""


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Return every schema by its name, such as `agent` or `role`."""
    return {
        name: json.loads(get_data(_PACKAGE, name + ENDING) or b"")
        for name in sorted(get_args(SchemaName))
    }


def check(document: Document, schema: SchemaName) -> tuple[Document, list[Diagnostic]]:
    """Check the shape of a document.

    Returns:
        The document with its invalid entries marked, and one diagnostic per cause. Of many
        violations the first ones are returned, and the number of the others.
    """
    if _quick_validator(schema).is_valid(document.data):
        return document, []
    items = _invalid_items(document.data, schema)
    all_violations = [*_violations(document, schema, _without_items(document.data, schema))]
    explained = 0
    for section, index in items:
        if len(all_violations) > ENOUGH:
            break
        item = document.data[section][index]
        all_violations += _violations(document, _item_schemas()[section], item, (section, index))
        explained += 1
    # jsonschema iterates over sets of keys, and their order changes from run to run.
    all_violations.sort(key=lambda one: (one.path, one.rank, one.key or ""))
    invalid = frozenset([*items, *(one.path[:2] for one in all_violations if one.path)])
    findings = _one_per_cause(all_violations)
    if explained < len(items):
        findings.append(_more_items(document, items[explained], len(items) - explained))
    return replace(document, invalid=invalid), findings


def _invalid_items(data: Any, schema: SchemaName) -> list[tuple[str, int]]:
    """Return the section and the index of each object that violates its schema."""
    if schema != "file" or not isinstance(data, dict):
        return []
    return [
        (section, index)
        for section, name in _item_schemas().items()
        for index, item in enumerate(_list(data.get(section)))
        if not _quick_validator(name).is_valid(item)
    ]


def _without_items(data: Any, schema: SchemaName) -> Any:
    """Return a document without the objects that are checked one by one."""
    if schema != "file" or not isinstance(data, dict):
        return data
    return data | {section: [] for section in _item_schemas() if _list(data.get(section))}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _violations(
    document: Document, schema: SchemaName, value: Any, at: tuple[str, int] | tuple[()] = ()
) -> Iterable[SchemaViolation]:
    """Return the first violations of a document, or of one object in it."""
    errors = islice(_validator(schema).iter_errors(value), ENOUGH)
    first = (one for error in errors for one in violations(document, error, at))
    return islice(first, ENOUGH)


def _more_items(document: Document, first: tuple[str, int], more: int) -> Diagnostic:
    return Diagnostic(
        code="many-findings",
        summary=f"{more} more objects have errors like these",
        span=document.span(first),
        hint="correct those above first; many mistakes have one cause",
    )


@cache
def _item_schemas() -> dict[str, SchemaName]:
    """Return the schema of the objects in each section of a file."""
    sections = schemas()["file"]["properties"]
    return {
        section: content["items"]["$ref"].removesuffix(ENDING)
        for section, content in sections.items()
    }


@cache
def _quick_validator(name: SchemaName) -> "QuickValidator":
    """Return a validator that only answers yes or no, 100 times faster than `_validator`."""
    # The library imports it at its first check, and an interrupt there would end in a panic.
    import decimal  # noqa: F401, PLC0415

    from jsonschema_rs import Draft202012Validator as Quick  # noqa: PLC0415
    from jsonschema_rs import Registry  # noqa: PLC0415

    resources = [(schema["$id"], schema) for schema in schemas().values()]
    return Quick(schemas()[name], registry=Registry(resources))


@cache
def _validator(name: SchemaName) -> "Draft202012Validator":
    # Imported late: this import takes longer than the rest of the start.
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    resources = [(one["$id"], Resource.from_contents(one)) for one in schemas().values()]
    registry: Any = Registry().with_resources(resources)
    linear: Any = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"uniqueItems": _unique_items}
    )
    return cast("Draft202012Validator", linear(schemas()[name], registry=registry))


def _unique_items(
    _validator: object, unique: object, items: object, _schema: object
) -> "Iterator[ValidationError]":
    """Yield an error for a list with a duplicate; jsonschema's own check takes quadratic time."""
    from jsonschema import ValidationError  # noqa: PLC0415

    if unique and isinstance(items, list):
        seen = {json.dumps(item, sort_keys=True) for item in items}
        if len(seen) < len(items):
            yield ValidationError("the list has a duplicate")


def _one_per_cause(violations_found: Iterable[SchemaViolation]) -> list[Diagnostic]:
    best: dict[tuple[object, ...], SchemaViolation] = {}
    for one in violations_found:
        best.setdefault((one.path, one.key), one)
    misspelt: dict[DocumentPath, list[str]] = {}
    for one in best.values():
        if one.diagnostic.code == "unknown-key":
            misspelt.setdefault(one.path, []).append(str(one.key))
    # A value with an anchor is reported once, however many aliases refer to it.
    places = {
        (one.diagnostic.code, one.diagnostic.span, one.key): one.diagnostic
        for one in reversed(best.values())
        if not _is_misspelt(one, misspelt.get(one.path, []))
    }
    return list(reversed(places.values()))


def _is_misspelt(one: SchemaViolation, unknown: list[str]) -> bool:
    """Return whether a missing key is present in a misspelt form."""
    return one.diagnostic.code == "missing-key" and bool(closest(str(one.key), unknown))


def undeclarable_paths(item: dict[str, Any], schema: SchemaName) -> list[tuple[str, ...]]:
    """Return the paths of values that a file can't declare, outer ones first."""
    errors = _validator(schema).iter_errors(item)
    paths = {tuple(map(str, takewhile(_is_key, error.absolute_path))) for error in errors}
    return sorted(paths | set(unseen_paths(item)))


def _is_key(step: str | int) -> bool:
    return isinstance(step, str)
