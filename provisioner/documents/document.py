"""A YAML document with the position of every value, so that a diagnostic can point at it."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from provisioner.diagnostics import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

DocumentPath: TypeAlias = tuple[str | int, ...]
"""The path of a value: keys of mappings and indexes of lists, such as `("agents", 3, "role")`."""

Positions: TypeAlias = "int | Sequence[Positions]"
"""Positions of a value and of all values in it, in a tree of the same form as the data.

The position of a scalar is one number. A container has a sequence: its own number, then for a list
the positions of each item, for a mapping the number of each key and the positions of its value.
"""

LINE_BREAK = re.compile("\r\n|\r|\n")

_SMALL = 50
"""The entries of a mapping up to which a search is cheaper than an index."""

COLUMN_BITS = 28  # a line can be as long as the largest file that is read


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a YAML file.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        data: plain dict, list, str, int, float, bool or None. Must not be changed.
        places: the positions of all values of `data`.
        invalid: paths of entries that violate the schema, such as `("agents", 3)`, or
            `("agents",)` if the section is not a list.
        number: the number of the document in its file, counted from 0.
    """

    file: str
    data: Any
    places: Positions = field(repr=False)
    invalid: frozenset[DocumentPath] = frozenset()
    number: int = 0
    _indexes: dict[int, dict[str, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def span(self, path: DocumentPath, *, key: bool = False) -> Span:
        """Return the position of a value.

        Args:
            path: the path of the value.
            key: return the position of the key instead, for an entry of a mapping.

        Returns:
            The position of the value, or of the nearest existing parent.
        """
        data, place = self.data, self.places
        key_place: Positions | None = None
        for step in path:
            position = self._position(data, step)
            if position is None or isinstance(place, int):
                key_place = None
                break
            key_place = place[position - 1] if isinstance(data, dict) else None
            data, place = data[step], place[position]
        return span_of(self.file, key_place if key and key_place is not None else place)

    def _position(self, data: object, step: str | int) -> int | None:
        """Return the index of a child's position in the list of its container."""
        if isinstance(data, dict) and step in data:
            if len(data) <= _SMALL:
                return 2 + 2 * [*data].index(str(step))
            index = self._indexes.get(id(data))
            if index is None:
                index = self._indexes[id(data)] = {key: at for at, key in enumerate(data)}
            return 2 + 2 * index[str(step)]
        if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            return 1 + step
        return None


def span_of(file: str, place: Positions) -> Span:
    """Return a value's position as line and column counted from 1."""
    while not isinstance(place, int):
        place = place[0]
    return Span(file, (place >> COLUMN_BITS) + 1, (place & (1 << COLUMN_BITS) - 1) + 1)


def span_at(file: str, text: str, at: int) -> Span:
    """Return the line and column of an index into the text of a file."""
    lines = LINE_BREAK.split(text[:at])
    return Span(file, len(lines), len(lines[-1]) + 1)
