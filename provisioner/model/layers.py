"""Layers: the profiles that an object extends, its own declaration, and a target's overlay.

Later layers win. Maps merge, everything else replaces: texts, numbers, lists, and null, which
replaces what was inherited by 'reset to the default'. A mapping on top of null starts afresh.
`each_department` and `each_service` are weaker than anything that names a department or service.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Span
from provisioner.documents import Document
from provisioner.model.kinds import SERVICES

Field = tuple[str, ...]

EACH_DEPARTMENT = "each_department"
EACH_SERVICE = "each_service"
NOT_FIELDS = frozenset({"state", "extends", "previously", "id", EACH_DEPARTMENT, EACH_SERVICE})
"""Keys that say how an object is declared, and are no fields of it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that gives an object fields.

    Attributes:
        fields: the values, with signatures and photos read.
        document: where they stand.
        path: the way to them in the document.
        profile: the name of the profile that this is; "" for the object's own declaration.
    """

    fields: Mapping[str, Any]
    document: Document
    path: tuple[str | int, ...]
    profile: str = ""

    def span(self, *field: str, key: bool = False) -> Span:
        """Return the place of a field, or of its nearest parent that stands here."""
        return self.document.span((*self.path, *field), key=key)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from.

    Attributes:
        layer: the layer that gives it.
        field: the field there; another one where the value comes from `each_department`.
        value: what the layer says.
    """

    layer: Layer
    field: Field
    value: Any

    @property
    def span(self) -> Span:
        """The place of the value."""
        return self.layer.span(*self.field)


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return the fields that layers make together, the last one on top."""
    if len(layers) == 1 and not layers[0].fields.keys() & {EACH_DEPARTMENT, EACH_SERVICE}:
        return {name: value for name, value in layers[0].fields.items() if name not in NOT_FIELDS}
    result: dict[str, Any] = {}
    for layer in layers:
        result = _over(result, layer.fields)
    each_department = result.get(EACH_DEPARTMENT)
    departments = result.get("departments")
    if isinstance(each_department, dict) and isinstance(departments, dict):
        result["departments"] = {
            name: _over(each_department, entry) if isinstance(entry, dict) else entry
            for name, entry in departments.items()
        }
    availability = result.get("availability", {})
    if EACH_SERVICE in result and isinstance(availability, dict):
        each = dict.fromkeys(SERVICES, result[EACH_SERVICE])
        result["availability"] = _over(each, availability)
    return {name: value for name, value in result.items() if name not in NOT_FIELDS}


def origins(layers: Sequence[Layer], field: Field) -> list[Source]:
    """Return every layer that says something about a field, the one that wins last."""
    found = [
        Source(layer, path, value)
        for path in _weaker(field)
        for layer in layers
        for value in _values(layer.fields, path)
    ]
    return found + [
        Source(layer, field, value) for layer in layers for value in _values(layer.fields, field)
    ]


def _weaker(field: Field) -> Iterator[Field]:
    """Yield the field whose values a field has where nothing names it."""
    match field:
        case ("departments", _, *rest):
            yield (EACH_DEPARTMENT, *rest)
        case ("availability", _):
            yield (EACH_SERVICE,)


def _values(fields: Any, path: Field) -> Iterator[Any]:
    for key in path:
        if not isinstance(fields, Mapping) or key not in fields:
            return
        fields = fields[key]
    yield fields


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        inherited = result.get(key)
        if isinstance(value, dict) and isinstance(inherited, dict):
            result[key] = _over(inherited, value)
        else:
            result[key] = value
    return result
