"""A YAML document with the place of every value, so that a finding can point at it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from provisioner.diagnostics import Span

DocumentPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists, such as `("agents", 3, "role")`."""

Positions: TypeAlias = "int | list[Positions]"
"""Where a value stands, in a tree of the same form as the data.

A scalar's place is one number. A container's place is a list: its own number, then for a list the
place of each item, for a mapping the number of each key and the place of its value in turn.
"""

LINE_BREAK = re.compile("\r\n|\r|\n")

COLUMN_BITS = 28  # a line can be as long as the largest file that is read


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a YAML file.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        data: plain dict, list, str, int, float, bool or None. Must not be changed.
        places: where each value of `data` stands.
        invalid: what does not have the shape of the schema: items such as `("agents", 3)`, or
            `("agents",)` where it is no list at all.
    """

    file: str
    data: Any
    places: Positions = field(repr=False)
    invalid: frozenset[DocumentPath] = frozenset()
    _indexes: dict[int, dict[str, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def span(self, path: DocumentPath, *, key: bool = False) -> Span:
        """Return where a value stands.

        Args:
            path: the way to the value.
            key: ask for the key of a mapping's entry instead of its value.

        Returns:
            The place of the value, or of the nearest existing parent.
        """
        data, place = self.data, self.places
        key_place: Positions | None = None
        for step in path:
            position = self._position(data, step)
            if position is None or isinstance(place, int):
                key_place = None
                break
            key_place = place[position - 1] if isinstance(data, Mapping) else None
            data, place = data[step], place[position]
        return span_of(self.file, key_place if key and key_place is not None else place)

    def _position(self, data: object, step: str | int) -> int | None:
        """Return the index of a child's place in the place of its container."""
        if isinstance(data, Mapping) and step in data:
            index = self._indexes.get(id(data))
            if index is None:
                index = self._indexes[id(data)] = {key: at for at, key in enumerate(data)}
            return 2 + 2 * index[str(step)]
        if (
            isinstance(data, Sequence)
            and not isinstance(data, str)
            and isinstance(step, int)
            and 0 <= step < len(data)
        ):
            return 1 + step
        return None


def span_of(file: str, place: Positions) -> Span:
    """Return a value's place in words that people use: line and column counted from 1."""
    while not isinstance(place, int):
        place = place[0]
    return Span(file, (place >> COLUMN_BITS) + 1, (place & (1 << COLUMN_BITS) - 1) + 1)


def span_at(file: str, text: str, at: int) -> Span:
    """Return the place of a position in the text of a file."""
    lines = LINE_BREAK.split(text[:at])
    return Span(file, len(lines), len(lines[-1]) + 1)
