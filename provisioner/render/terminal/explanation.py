"""Where the values of a declared object come from: the file and line of each, and what it won over.

A value that wins may stand in a profile, in the object's own declaration, or in a target's overlay.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.model.desired import Resource
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import PROJECT_KEYS
from provisioner.model.layers import Source, sources
from provisioner.render import readable


def explanation(resource: Resource, field: FieldPath = (), *, prefix: str) -> str:
    """Return every effective value of an object with its place.

    Args:
        resource: the object.
        field: only what is below this field; "" for none known leads to an empty text.
        prefix: the path of the project as it was typed, put before each file.
    """
    lines = []
    if not field:
        lines += [f"{readable.harmless(str(resource.address))}  {prefix}{resource.span()}", ""]
    for path, value in _leaves(resource):
        if path[: len(field)] == field:
            lines += _explained(resource, path, value, prefix)
    return "".join(f"{line}\n" for line in lines)


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
    found = sources(resource.layers, path) or [
        origin for origin in (resource.source(*path),) if origin
    ]
    for number, origin in enumerate(reversed(found)):
        word = "from" if number == 0 else f"over {_shown(origin.value)} from"
        yield f"    {word} {_place(origin, prefix)}"


def _place(origin: Source, prefix: str) -> str:
    who = f"profile {readable.harmless(origin.layer.profile)}, " if origin.layer.profile else ""
    via = origin.field[0] if origin.field[0] in PROJECT_KEYS else ""
    return f"{who}{f'{via}, ' if via else ''}{readable.harmless(f'{prefix}{origin.span}')}"


def _shown(value: Any) -> str:
    if value is None:
        return "null (the account's default)"
    return readable.value(value) if value != {} else "{}"
