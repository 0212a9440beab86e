"""Fields of objects: their name and place in the panel, and the APIs that can write them.

All come from the JSON Schemas (`title`, `x-panel`, `x-surface`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.address import Kind
from provisioner.documents.schema.json_schema import schemas
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Shape

FieldPath = tuple[str, ...]
"""The path of keys to a value inside an object, such as `("chat", "max_load")`."""

ANY = "*"
"""The wildcard in a path for any key of a collection, such as any department."""


class Access(StrEnum):
    """The APIs that read and write a field: the values of `x-surface`."""

    WRITTEN = "v3"
    """The documented API writes it."""
    READ = "v3-read"
    """The documented API shows it; only the extended surface writes it."""
    EXTENDED = "full"
    """Only the extended surface knows it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind.

    Attributes:
        path: its path; `ANY` for any department.
        access: the APIs that read and write it.
        panel: its place in the panel, with NAME for the object's name; "" if unknown.
        title: its name in the panel.
    """

    path: FieldPath
    access: Access
    panel: str
    title: str


def _fields(
    shape: Shape, schema: Mapping[str, Any], root: Mapping[str, Any], path: FieldPath = ()
) -> Iterator[Field]:
    """Yield all fields of a shape, outer ones first."""
    if path:
        access = Access(schema["x-surface"])
        yield Field(path, access, schema.get("x-panel", ""), schema["title"])
    match shape:
        case FieldGroup():
            for name, part in shape.fields.items():
                yield from _fields(part, schema["properties"][name], root, (*path, name))
        case Collection():
            entry = schema["additionalProperties"]
            known = root["$defs"][entry["$ref"].rpartition("/")[2]]
            yield from _fields(shape.entry, known | entry, root, (*path, ANY))


FIELDS: Mapping[Kind, Mapping[FieldPath, Field]] = {
    kind: {field.path: field for field in _fields(row.shape, schemas()[kind], schemas()[kind])}
    for kind, row in KINDS.items()
}
"""All fields of each kind by their paths, in the order of the schemas."""

_AGENT = FIELDS[Kind.AGENT]

AGENT_SETTINGS = tuple(
    name
    for (name, *rest), field in _AGENT.items()
    if not rest and field.access is not Access.WRITTEN and (name, ANY) not in _AGENT
)
"""The sections of an agent that only the extended surface writes, in the order of the schema."""

MEMBERSHIP_SETTINGS = tuple(
    path[-1]
    for path, field in _AGENT.items()
    if len(path) == len(("departments", ANY, "role"))
    and path[:2] == ("departments", ANY)
    and field.access is not Access.WRITTEN
)
"""The fields of a membership that only the extended surface writes."""


def is_part(value: Any, whole: Any) -> bool:
    """Return whether each value of a mapping, or the value itself, is also in the other."""
    if isinstance(value, Mapping) and isinstance(whole, Mapping):
        return all(key in whole and is_part(part, whole[key]) for key, part in value.items())
    return bool(value == whole)
