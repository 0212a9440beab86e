"""Splices that change one entry of a parsed YAML text."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from provisioner.documents.document import DocumentPath
from provisioner.documents.editing.layout import Layout
from provisioner.documents.editing.tree import Entry, Node, skip

Splice: TypeAlias = tuple[int, int, str]
"""Start and end offset of a replaced part of the text, and its new text."""

_COLON = re.compile(r"[ \t]*:")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?")
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)")
_BREAK = re.compile(r"\r\n|\r|\n|\Z")


class EditError(Exception):
    """The text can't be edited without a change to something else."""


class Spot(NamedTuple):
    """An entry with the collection that holds it.

    Attributes:
        container: the collection.
        number: the number of the entry in it, counted from 0.
        path: the path of the value.
    """

    container: Node
    number: int
    path: DocumentPath

    @property
    def entry(self) -> Entry:
        """The entry."""
        return self.container.entries[self.number]


@dataclass(frozen=True, slots=True)
class Splicer:
    """Makes splices of one text."""

    text: str
    layout: Layout

    def replaced(self, spot: Spot, value: Any) -> list[Splice]:
        """Return the splices that give an entry another value."""
        node, after = spot.entry.value, self._value_start(spot)
        if spot.container.in_brackets:
            shown = self.layout.inline(value, spot.path, in_brackets=True) or ""
            if node.start < node.end:
                return [(node.start, node.end, shown)]
            colon = "" if self.text[after - 1] == ":" else ":"
            return [(after, after, f"{colon} {shown}")]
        indent = self.layout.column(self._entry_start(spot))
        shown_inline = self.layout.inline(value, spot.path)
        if shown_inline is not None:
            return self._replaced_inline(node, after, shown_inline)
        lines = self.layout.value(value, spot.path, indent)
        if spot.entry.key is None and isinstance(value, dict | list):
            first, *rest = self.layout.item(value, spot.path, indent)
            lines = [first[indent + 1 :], *rest]
        is_below = "\n" in self.text[after : node.start] or node.start == node.end
        end_of_line = self._end_of_line(after if is_below else node.end)
        rest_of_lines = "".join(f"{self.layout.newline}{line}" for line in lines[1:])
        if is_below:
            # The old value has lines of its own, or there is none. A comment above them stays.
            end = max(end_of_line, self._end_of_line(node.end))
            return _joined((after, after, lines[0]), (end_of_line, end, rest_of_lines))
        return _joined((after, node.end, lines[0]), (end_of_line, end_of_line, rest_of_lines))

    def _replaced_inline(self, node: Node, after: int, shown: str) -> list[Splice]:
        if node.start == node.end:
            return [(after, after, f" {shown}")]
        if "\n" not in self.text[after : node.start]:
            return [(node.start, node.end, shown)]
        end_of_line = self._end_of_line(after)
        end = self._end_of_line(node.end)
        return _joined((after, after, f" {shown}"), (end_of_line, end, ""))

    def inserted(
        self, container: Node, path: DocumentPath, name: str | None, value: Any, after: int
    ) -> list[Splice]:
        """Return the splices that insert an entry into a collection with entries.

        `name` is None for an item of a list. `after` is the index of the entry before the new one;
        -1 for a new first entry of a block mapping.
        """
        before = container.entries[after]
        inner = (*path, len(container.entries) if name is None else name)
        end = self._end(Spot(container, after, inner))
        if container.in_brackets:
            return self._inserted_in_brackets(container, inner, name, value, end)
        first = container.entries[0]
        if name is None:
            lines = self.layout.item(value, inner, self.layout.column(container.start))
        else:
            indent = self.layout.column(first.key.start if first.key else container.start)
            lines = self.layout.entry(name, value, inner, indent)
            if after < 0 and first.key:
                at = first.key.start - indent
                return [(at, at, "".join(f"{line}{self.layout.newline}" for line in lines))]
        if self._are_apart(container, path):
            lines = ["", *lines]
        return [self._after(end, before.value, lines)]

    def put_first(self, container: Node, path: DocumentPath, value: Any) -> list[Splice]:
        """Return the splices that insert an item before the first one of a list with items."""
        inner = (*path, len(container.entries))
        if container.in_brackets:
            start = container.entries[0].value.start
            shown = self.layout.inline(value, inner, in_brackets=True) or ""
            return [(start, start, f"{shown}, ")]
        column = self.layout.column(container.start)
        first, *rest = self.layout.item(value, inner, column)
        gap = [""] if self._are_apart(container, path) else []
        text = self.layout.newline.join([first[column:], *rest, *gap, f"{'':{column}}"])
        return [(container.start, container.start, text)]

    def _are_apart(self, container: Node, path: DocumentPath) -> bool:
        """Return whether blank lines separate the entries of a block collection."""
        spots = [Spot(container, index, path) for index in range(len(container.entries))]
        gaps = [
            self.text[self._end(one) : self._entry_start(other)] for one, other in pairwise(spots)
        ]
        return bool(gaps) and all(_BLANK_LINE.search(gap) for gap in gaps)

    def _after(self, end: int, node: Node, lines: list[str]) -> Splice:
        """Return the splice that inserts lines below the line with an offset."""
        newline = self.layout.newline
        text = newline.join(lines)
        if node.start < node.end and self.text[end - 1] == "\n":  # a text that keeps its blank end
            return end, end, f"{text}{newline}"
        end_of_line = self._end_of_line(end)
        return end_of_line, end_of_line, f"{newline}{text}"

    def _inserted_in_brackets(
        self, container: Node, path: DocumentPath, name: str | None, value: Any, end: int
    ) -> list[Splice]:
        shown = self.layout.inline(value, path, in_brackets=True) or ""
        if name is not None:
            shown = f"{self.layout.key(name, path[:-1])}: {shown}"
        last = container.entries[-1]
        start = last.key.start if last.key else last.value.start
        own_line = not self.text[start - self.layout.column(start) : start].strip()
        following = skip(self.text, end)
        comma = self.text[following] == ","
        if not own_line:
            return [(end, end, f", {shown}")]
        break_ = f"{self.layout.newline}{'':{self.layout.column(start)}}"
        if comma:
            end_of_line = self._end_of_line(following + 1)
            return [(end_of_line, end_of_line, f"{break_}{shown},")]
        end_of_line = self._end_of_line(end)
        if end_of_line == end:
            return [(end, end, f",{break_}{shown}")]
        return [(end, end, ","), (end_of_line, end_of_line, f"{break_}{shown}")]

    def removed(self, spot: Spot) -> list[Splice]:
        """Return the splices that remove one of several entries."""
        container, index = spot.container, spot.number
        start, end = self._entry_start(spot), self._end(spot)
        line_start = start - self.layout.column(start)
        is_first_on_line = not self.text[line_start:start].strip()
        if container.in_brackets:
            return self._removed_in_brackets(
                spot, start, end, line_start if is_first_on_line else -1
            )
        end_of_line = self._end_of_line(end) if self.text[end - 1] != "\n" else end
        if is_first_on_line:
            after = self._after_break(end_of_line) if self.text[end - 1] != "\n" else end
            if after == end_of_line and line_start:  # the last line of a file, without line break
                line_start = self._before_break(line_start)
            return [(line_start, after, "")]
        if index + 1 == len(container.entries):
            raise EditError("the layout of the list is too unusual")
        # "- a: 1" goes, and what follows it takes the place beside the dash.
        following = re.compile(r"\s*").match(self.text, end_of_line)
        return [(start, following.end() if following else end_of_line, "")]

    def _removed_in_brackets(
        self, spot: Spot, start: int, end: int, line_start: int
    ) -> list[Splice]:
        entries, index = spot.container.entries, spot.number
        following = skip(self.text, end)
        has_comma = self.text[following] == ","
        after = following + 1 if has_comma else end
        end_of_line = self._end_of_line(after)
        is_last_on_line = self.text[end_of_line : end_of_line + 1] in {"\r", "\n"}
        if line_start >= 0 and is_last_on_line:
            return [(line_start, self._after_break(end_of_line), "")]
        if index + 1 < len(entries):
            following_entry = self._entry_start(spot._replace(number=index + 1))
            is_near = "\n" not in self.text[after:following_entry]
            return [(start, following_entry if is_near else after, "")]
        before = self._end(spot._replace(number=index - 1))
        is_near = "\n" not in self.text[before:start]
        return [(before if is_near else start, end, "")]

    def renamed(self, spot: Spot, name: str) -> list[Splice]:
        """Return the splice that gives an entry of a mapping another key."""
        key = spot.entry.key
        if key is None:
            raise EditError("an item of a list has no key")
        container = spot.path[:-1]
        shown = self.layout.key(name, container)
        return [(key.start, key.end, shown)]

    def _value_start(self, spot: Spot) -> int:
        """Return the offset after the colon or dash of an entry."""
        entry = spot.entry
        if entry.key is None:
            start = self._entry_start(spot)
            return start if spot.container.in_brackets else start + 1
        match = _COLON.match(self.text, entry.key.end)
        return match.end() if match else entry.key.end

    def _entry_start(self, spot: Spot) -> int:
        """Return the offset of the key of an entry, or of the dash of an item."""
        container, entry = spot.container, spot.entry
        if entry.key is not None:
            return entry.key.start
        if container.in_brackets:
            return entry.value.start
        if spot.number == 0:
            return container.start
        return skip(self.text, self._end(spot._replace(number=spot.number - 1)))

    def _end(self, spot: Spot) -> int:
        """Return the offset after the value of an entry, or after its colon or dash."""
        node = spot.entry.value
        return node.end if node.start < node.end else max(node.end, self._value_start(spot))

    def _end_of_line(self, at: int) -> int:
        """Return the offset of the line break after an offset, its comment included.

        If something else follows in the line, the offset before it is returned.
        """
        match = _REST_OF_LINE.match(self.text, at)
        end = match.end() if match else at
        return end if end == len(self.text) or self.text[end] in "\r\n" else at

    def _after_break(self, at: int) -> int:
        match = _BREAK.match(self.text, at)
        return match.end() if match else at

    def _before_break(self, at: int) -> int:
        return at - (2 if self.text[at - 2 : at] == "\r\n" else 1)

    def whole(self, root: Node, value: Any) -> list[Splice]:
        """Return the splice that gives a document another value."""
        newline = self.layout.newline
        if isinstance(value, dict) and value:
            lines = [
                line
                for name, one in value.items()
                for line in self.layout.entry(name, one, (name,), 0)
            ]
        elif isinstance(value, list) and value:
            lines = [
                line
                for index, one in enumerate(value)
                for line in self.layout.item(one, (index,), 0)
            ]
        else:
            lines = [self.layout.inline(value, ()) or ""]
        text = newline.join(lines)
        if root.start < root.end:
            return [(root.start, root.end, text)]
        end = len(self.text)
        is_open = end > 0 and self.text[end - 1] != "\n"
        return [(end, end, f"{newline if is_open else ''}{text}{newline}")]


def _joined(first: Splice, second: Splice) -> list[Splice]:
    """Return two splices as one where the second begins at the end of the first."""
    if first[1] == second[0]:
        return [(first[0], second[1], first[2] + second[2])]
    return [first, second]
