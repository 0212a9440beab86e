"""Edits of single fields of declared objects: the file, the entry and the place in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.app.file_edits.project_edits import FileEdit
from provisioner.documents.document import DocumentPath
from provisioner.documents.editing import AppendItem, RemoveEntry, SetValue
from provisioner.documents.schema.json_schema import schemas
from provisioner.model.desired import Resource
from provisioner.model.layers import Layer


def own_layers(resource: Resource) -> list[Layer]:
    """Return the entries of an object without its profiles: its own, then its overlay."""
    return [layer for layer in resource.layers if not layer.profile]


def declares(layer: Layer, path: tuple[str, ...]) -> bool:
    """Return whether an entry itself gives a value to a field."""
    fields: Any = raw_fields(layer)
    for key in path:
        if not isinstance(fields, Mapping) or key not in fields:
            return False
        fields = fields[key]
    return True


def raw_fields(layer: Layer) -> Mapping[str, Any]:
    """Return the fields of an entry as they are in the file, with names of files."""
    data: Any = layer.document.data
    for step in layer.path:
        data = data[step]
    return data if isinstance(data, Mapping) else {}


def layer_to_edit(resource: Resource, path: tuple[str, ...]) -> Layer:
    """Return the entry that an edit of a field changes, never a profile.

    It is the strongest own entry that has the field, or else the object's own entry.
    """
    having = [layer for layer in own_layers(resource) if declares(layer, path)]
    return having[-1] if having else resource.own


def set_field(resource: Resource, path: tuple[str, ...], value: Any) -> FileEdit:
    """Return the edit that gives a field of an object a value."""
    return set_in_layer(layer_to_edit(resource, path), resource.address.kind, path, value)


def set_in_layer(layer: Layer, kind: Kind, path: tuple[str, ...], value: Any) -> FileEdit:
    """Return the edit that gives a field of an entry a value."""
    missing = next((at for at in range(len(path)) if not declares(layer, path[: at + 1])), 0)
    order = key_order(kind, path[:missing])
    edit = SetValue((*layer.path, *path), value, order)
    return FileEdit(layer.document.file, edit, layer.document.number)


def remove_field(resource: Resource, path: tuple[str, ...]) -> list[FileEdit]:
    """Return the edits that take a field out of all own entries of an object."""
    return [
        at_layer(layer, RemoveEntry((*layer.path, *path)))
        for layer in own_layers(resource)
        if declares(layer, path)
    ]


def at_layer(layer: Layer, edit: SetValue | RemoveEntry | AppendItem) -> FileEdit:
    """Return an edit of the document that an entry is in."""
    return FileEdit(layer.document.file, edit, layer.document.number)


def section_of(layer: Layer) -> DocumentPath:
    """Return the path of the list that holds an entry."""
    return layer.path[:-1]


def key_order(kind: Kind, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that the mapping at a path may have, in the order of the schema."""
    node = schema_at(kind, path) or {}
    return tuple(node.get("properties", {}))


def schema_at(kind: Kind, path: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return the schema of the field at a path, or None if there is no such field."""
    root: Mapping[str, Any] = schemas()[kind]
    node: Mapping[str, Any] | None = root
    for key in path:
        node = _inner(root, node, key)
        if node is None:
            return None
    return node


def _inner(
    root: Mapping[str, Any], node: Mapping[str, Any] | None, key: str
) -> Mapping[str, Any] | None:
    for part in _resolved(root, node):
        if key in part.get("properties", {}):
            return next(_resolved(root, part["properties"][key]), None)
        if isinstance(part.get("additionalProperties"), Mapping):
            return next(_resolved(root, part["additionalProperties"]), None)
    return None


def _resolved(
    root: Mapping[str, Any], node: Mapping[str, Any] | None
) -> Iterator[Mapping[str, Any]]:
    """Yield a schema with the definition that it refers to."""
    if node is None:
        return
    reference = node.get("$ref", "")
    if reference.startswith("#/$defs/"):
        yield {**node, **root["$defs"][reference.rpartition("/")[2]]}
    else:
        yield node
