"""The sources of a declared object's values: the file and line of each, and what it replaces.

A value may come from a profile, from the object's own declaration, or from the overlay of a target.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.diagnostics import Span
from provisioner.model.desired import Resource
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import PROJECT_KEYS
from provisioner.model.layers import Source, sources
from provisioner.render import readable
from provisioner.render.json_text import json_text


def explanation(resource: Resource, field: FieldPath = (), *, prefix: str) -> str:
    """Return every effective value of an object with its source.

    Args:
        resource: the object.
        field: shows only values below this field; the text is empty if there are none.
        prefix: the path of the project as the user typed it, put before each file.
    """
    lines = []
    if not field:
        lines += [f"{readable.harmless(str(resource.address))}  {prefix}{resource.span()}", ""]
    for path, value in _leaves(resource):
        if path[: len(field)] == field:
            lines += _explained(resource, path, value, prefix)
    return "".join(f"{line}\n" for line in lines)


def explanation_data(resource: Resource, field: FieldPath = (), *, prefix: str) -> str:
    """Return every effective value of an object with its sources as JSON; see `explanation`."""
    fields = [
        {
            "field": ".".join(path),
            "value": value,
            "sources": [
                {
                    "value": source.value,
                    **_position(source.span, prefix),
                    "profile": source.layer.profile or None,
                    "key": ".".join(source.field),
                }
                for source in _sources(resource, path)
            ],
        }
        for path, value in _leaves(resource)
        if path[: len(field)] == field
    ]
    place = _position(resource.span(), prefix)
    data = {"format_version": "1.0", "address": str(resource.address), **place, "fields": fields}
    return json_text(data, sort_keys=False)


def _position(span: Span, prefix: str) -> dict[str, str | int]:
    return {"file": f"{prefix}{span.file}", "line": span.line, "column": span.column}


def fields_of(resource: Resource) -> list[str]:
    """Return the names of all effective values, for a suggestion."""
    return [".".join(path) for path, _ in _leaves(resource)]


def _leaves(resource: Resource) -> Iterator[tuple[FieldPath, Any]]:
    for name, value in resource.attributes.items():
        yield from _below((name,), value)
    if resource.hours is not None:
        yield ("hours",), resource.layers and sources(resource.layers, ("hours",))[-1].value


def _below(path: FieldPath, value: Any) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _below((*path, key), part)
    else:
        yield path, value


def _explained(resource: Resource, path: FieldPath, value: Any, prefix: str) -> Iterator[str]:
    yield f"{readable.harmless('.'.join(path))}: {_shown(value)}"
    for number, source in enumerate(_sources(resource, path)):
        word = "from" if number == 0 else f"over {_shown(source.value)} from"
        yield f"    {word} {_source_text(source, prefix)}"


def _sources(resource: Resource, path: FieldPath) -> list[Source]:
    """Return the sources of a value, the one that counts first."""
    only = resource.source(*path)
    return [*reversed(sources(resource.layers, path) or ([only] if only else []))]


def _source_text(source: Source, prefix: str) -> str:
    profile = f"profile {readable.harmless(source.layer.profile)}, " if source.layer.profile else ""
    key = f"{source.field[0]}, " if source.field[0] in PROJECT_KEYS else ""
    return f"{profile}{key}{readable.harmless(f'{prefix}{source.span}')}"


def _shown(value: Any) -> str:
    if value is None:
        return "null (the account's default)"
    return readable.value(value) if value != {} else "{}"
