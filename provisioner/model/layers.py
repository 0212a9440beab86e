"""Layers of an object: the profiles that it extends, its own declaration, and a target's overlay.

Later layers win. Mappings merge; every other value replaces the one below: texts, numbers, lists,
and null, which replaces an inherited value by 'reset to the default'. A mapping above null starts
empty. Values of `each_department` and `each_service` are weaker than any value that a layer gives
to one department or service.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.documents import Document, DocumentPath
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import EACH, KINDS, PROJECT_KEYS, FieldGroup


@dataclass(frozen=True, slots=True)
class Layer:
    """Fields of an object from one entry of the files.

    Attributes:
        fields: the values; files that they name have been read.
        document: the document of the entry.
        path: the path of the entry in the document.
        profile: the name of the profile that the entry declares; "" for the object's own entry.
    """

    fields: Mapping[str, Any]
    document: Document
    path: DocumentPath
    profile: str = ""

    def span(self, *field: str, key: bool = False) -> Span:
        """Return the position of a field, or of its nearest parent in this entry."""
        return self.document.span((*self.path, *field), key=key)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from.

    Attributes:
        layer: the layer that gives the value.
        field: the path of the value there, such as `each_department.tickets`.
        value: the value.
    """

    layer: Layer
    field: FieldPath
    value: Any

    @property
    def span(self) -> Span:
        """The position of the value in its file."""
        return self.layer.span(*self.field)


_MERGED_KEYS = PROJECT_KEYS | EACH.keys()
"""The keys that a merge of layers takes out or gives to others."""


def merged(layers: Sequence[Layer]) -> Mapping[str, Any]:
    """Return the fields of an object: all layers merged, the last one on top."""
    if len(layers) == 1 and _MERGED_KEYS.isdisjoint(layers[0].fields):
        return layers[0].fields
    result = dict(layers[0].fields)
    for layer in layers[1:]:
        result = _over(result, layer.fields)
    for key, name in EACH.items():
        if key in result:
            _give_each(result, name, result[key])
    return {name: value for name, value in result.items() if name not in PROJECT_KEYS}


def merged_key(layers: Iterable[Layer], key: str) -> Any:
    """Return the value of a key in the last layer that has it."""
    return next((layer.fields[key] for layer in reversed([*layers]) if key in layer.fields), None)


def _give_each(fields: dict[str, Any], name: str, value: Any) -> None:
    """Give a value to each entry of a field, below the values that the entry has itself.

    The entries of `availability` are known; those of `departments` are the declared ones.
    """
    shape, entries = KINDS[Kind.AGENT].shape.fields[name], fields.get(name, {})
    if not isinstance(entries, dict):
        return
    if isinstance(shape, FieldGroup):
        fields[name] = _over(dict.fromkeys(shape.fields, value), entries)
    elif isinstance(value, dict) and entries:
        fields[name] = {
            key: _over(value, entry) if isinstance(entry, dict) else entry
            for key, entry in entries.items()
        }


def sources(layers: Sequence[Layer], field: FieldPath) -> list[Source]:
    """Return each layer's value of a field, the effective one last."""
    return [
        Source(layer, path, value)
        for path in (*_weaker(field), field)
        for layer in layers
        for value in _values(layer.fields, path)
    ]


def _weaker(field: FieldPath) -> Iterator[FieldPath]:
    """Yield the path below `each_department` or `each_service` that gives a field its value."""
    for key, name in EACH.items():
        if field[:1] == (name,) and len(field) > 1:
            yield (key, *field[2:])


def _values(fields: Any, path: FieldPath) -> Iterator[Any]:
    """Yield the value at a path, if there is one."""
    for key in path:
        if not isinstance(fields, dict) or key not in fields:
            return
        fields = fields[key]
    yield fields


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return one mapping laid over another."""
    result = dict(below)
    for key, value in above.items():
        inherited = result.get(key)
        if isinstance(value, dict) and isinstance(inherited, dict):
            result[key] = _over(inherited, value)
        else:
            result[key] = value
    return result
