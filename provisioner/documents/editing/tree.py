"""The nodes of a YAML text with the offsets of their first and last characters."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from provisioner.characters import composed
from provisioner.documents.document import DocumentPath
from provisioner.documents.yaml.encoding import disguised
from provisioner.documents.yaml.yaml_reader import LOADER

_BLANK_END = re.compile(r"(?:(?:\r\n|\r|\n)[ \t]*)*\Z")
_KEPT = re.compile(r"[|>][1-9]?\+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a mapping, or an item of a list.

    Attributes:
        name: the key; None for an item, for a merge (`<<`), and for a key that is not text.
        key: the node of the key; None for an item.
        value: the node of the value.
    """

    name: str | None
    key: "Node | None"
    value: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML text.

    Attributes:
        start: the offset of its first character, with its anchor and tag; of a block list, of its
            first dash. Equal to `end` for a value that is left out.
        end: the offset after its last character; without the comments that follow it.
        style: of a scalar "", "'", '"', "|" or ">"; "*" of an alias; "{" or "[" of a collection on
            brackets; ":" of a block mapping; "-" of a block list.
        entries: the entries of a collection.
    """

    start: int
    end: int
    style: str
    entries: tuple[Entry, ...] = ()

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return self.style in {"{", ":"}

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return self.style in {"[", "-"}

    @property
    def in_brackets(self) -> bool:
        """Whether it is a collection in flow style."""
        return self.style in {"{", "["}

    @property
    def in_block(self) -> bool:
        """Whether it is a collection in block style."""
        return self.style in {":", "-"}

    def child(self, step: str | int) -> Entry | None:
        """Return the entry with a key or an index; None if there is none."""
        if self.is_list and isinstance(step, int):
            return self.entries[step] if 0 <= step < len(self.entries) else None
        if self.is_mapping:
            return next((entry for entry in self.entries if entry.name == step), None)
        return None

    def walk(self, path: DocumentPath = ()) -> Iterator[tuple[DocumentPath, "Node"]]:
        """Yield each node below this one with its path; items have their index."""
        for index, entry in enumerate(self.entries):
            step = index if self.is_list else entry.name
            if step is not None:
                inner = (*path, step)
                yield inner, entry.value
                yield from entry.value.walk(inner)


def read_tree(text: str) -> list[Node]:
    """Return the root of each document of a text.

    Args:
        text: YAML without byte order mark that the strict reader accepts.

    Raises:
        yaml.YAMLError: the syntax is wrong.
    """
    next_event = LOADER(disguised(text) or text).get_event
    roots = []
    while (event := next_event()).__class__ is not StreamEndEvent:
        if event.__class__ is DocumentStartEvent:
            roots.append(_node(next_event(), next_event, text))
    return roots or [Node(len(text), len(text), "")]


def _node(event: Any, next_event: Callable[[], Any], text: str) -> Node:
    start = _offset(event.start_mark)
    if event.__class__ is ScalarEvent:
        return Node(start, _scalar_end(event, text), event.style or "")
    if event.__class__ is AliasEvent:
        return Node(start, _offset(event.end_mark), "*")
    is_mapping, in_brackets = event.__class__ is MappingStartEvent, event.flow_style
    entries = []
    inner: Any
    while (inner := next_event()).__class__ not in {MappingEndEvent, SequenceEndEvent}:
        key = _node(inner, next_event, text) if is_mapping else None
        value = _node(next_event() if is_mapping else inner, next_event, text)
        entries.append(Entry(_name(inner) if is_mapping else None, key, value))
    style = ("{" if is_mapping else "[") if in_brackets else (":" if is_mapping else "-")
    # The end event of a block collection comes after the comments and blank lines below it.
    end = _offset(inner.end_mark) if in_brackets else entries[-1].value.end
    return Node(start, end, style, tuple(entries))


def _offset(mark: Any) -> int:
    return int(mark.index)


def _name(event: Any) -> str | None:
    if event.__class__ is not ScalarEvent or (event.value in {"", "<<"} and not event.style):
        return None
    return str(composed(event.value))


def _scalar_end(event: Any, text: str) -> int:
    """Return the end of a scalar; a block scalar ends with its last line that is not blank."""
    end = _offset(event.end_mark)
    if event.style not in {"|", ">"} or _KEPT.search(text[event.start_mark.index : end]):
        return end
    content = text[event.start_mark.index : end]
    blank = _BLANK_END.search(content)
    return end - len(content) + (blank.start() if blank else len(content))


_SKIPPED = re.compile(r"(?:[ \t\r\n]|(?<![^ \t\r\n,\[{])#[^\r\n]*)*")


def skip(text: str, at: int) -> int:
    """Return the offset of the next character that is neither blank nor part of a comment."""
    match = _SKIPPED.match(text, at)
    return match.end() if match else at
