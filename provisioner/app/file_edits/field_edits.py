"""Edits of single fields of declared objects, and new entries: the file and the place in it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.app.file_edits.project_edits import FileEdit
from provisioner.documents.document import DocumentPath
from provisioner.documents.editing import AppendItem, RemoveEntry, SetValue
from provisioner.documents.schema.json_schema import schemas
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
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


_NEW_FILE = "{}.accepted.yaml"
"""The file for a kind of which the project has no object yet."""


@dataclass(slots=True)
class NewEntries:
    """Entries of objects that no file declares yet."""

    desired: DesiredState
    items: dict[Identity, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: Kind, entry: dict[str, Any]) -> None:
        """Add an entry, unless there is one of the same object."""
        self.items.setdefault((kind, fold(entry[KINDS[kind].identity])), entry)

    def file_of(self, kind: Kind, entry: dict[str, Any]) -> str:
        """Return the file that an entry is put into."""
        layer = self._neighbour(kind, entry)
        return layer.document.file if layer else _NEW_FILE.format(kind.plural)

    def edits(self) -> list[FileEdit]:
        """Return the edits of files that hold objects of the same kind already."""
        return [
            at_layer(layer, AppendItem(section_of(layer), entry))
            for (kind, _), entry in self.items.items()
            if (layer := self._neighbour(kind, entry))
        ]

    def new_files(self) -> dict[str, bytes]:
        """Return the files for kinds of which the project has no object yet."""
        contents: dict[Kind, list[dict[str, Any]]] = {}
        for (kind, _), entry in self.items.items():
            if self._neighbour(kind, entry) is None:
                contents.setdefault(kind, []).append(entry)
        return {
            _NEW_FILE.format(kind.plural): write_yaml({kind.plural: entries}).encode()
            for kind, entries in contents.items()
        }

    def _neighbour(self, kind: Kind, entry: dict[str, Any]) -> Layer | None:
        """Return an entry of the list that a new one is put into; None if there is none.

        It is in the file with the most agents of the same departments.
        """
        departments = {fold(name) for name in entry.get("departments", ())}
        scores: Counter[tuple[str, int]] = Counter()
        last: dict[tuple[str, int], Layer] = {}
        for resource in self.desired.of(kind):
            place = resource.own.document.file, resource.own.document.number
            scores[place] += 1 + 1000 * len(departments & _departments(resource))
            last[place] = resource.own
        if not scores:
            return None
        best = max(scores.values())
        return last[min(place for place, score in scores.items() if score == best)]


def _departments(resource: Resource) -> set[str]:
    known = resource.attributes.get("departments")
    return {fold(name) for name in known} if isinstance(known, dict) else set()
