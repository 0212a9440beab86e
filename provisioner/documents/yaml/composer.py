"""Composition of YAML events into plain data with positions.

PyYAML's own constructors lose the positions, silently keep the last of two equal keys, and take
twice the time. Values behind aliases are shared, never copied, so an alias costs nothing until the
data is traversed; `MAX_ALIASED_NODES` bounds that traversal.
"""

from array import array
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from provisioner.characters import composed
from provisioner.documents.document import COLUMN_BITS, Document, Positions
from provisioner.documents.yaml.problems import MAX_DEPTH, Problems
from provisioner.documents.yaml.scalars import (
    SPECIAL_STARTS,
    ScalarError,
    plain,
    tagged,
    unknown_tag,
)
from provisioner.suggestions import Vocabulary

MAX_ALIASED_NODES = 2_000_000  # a hundred thousand agents that share twenty values each
FREE_ALIASED_NODES = 100_000  # every file may alias this many values,
MAX_ALIASED_RATIO = 100  # and in addition this multiple of its own values

_SHORT = 12
"""Maximum number of characters of a text that is probably used many times."""

_CORE = "tag:yaml.org,2002:"

_Node: TypeAlias = tuple[Any, Positions]


class _Anchor(NamedTuple):
    """A value with an anchor, which aliases refer to.

    Attributes:
        size: number of its values, including those behind its own aliases.
        height: number of levels of containers below it; -1 for a scalar.
    """

    value: Any
    place: Positions
    size: int = 1
    height: int = -1


class Composer:
    """Composes the documents of one file."""

    def __init__(self, problems: Problems, next_event: Callable[[], Any]) -> None:
        self._problems = problems
        self._next_event = next_event
        self._names: dict[str, str] = {}  # one string object for equal keys, in the composed form
        self._values: dict[str, Any] = {}  # the same for short values without quotes
        self._anchors: dict[str, _Anchor | None] = {}  # None: its value is not complete yet
        self._anchor_names = Vocabulary(self._anchors.keys)
        self._nodes = 0
        self._aliased = 0
        self._deepest = 0

    def documents(self) -> list[Document]:
        """Return every document of the stream.

        Raises:
            FatalError: the nesting or the aliases exceed a limit.
            yaml.YAMLError: the syntax is wrong.
        """
        documents: list[Document] = []
        while (event := self._next_event()).__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                self._anchors = {}
                self._anchor_names = Vocabulary(self._anchors.keys)
                data, places = self._node(self._next_event(), 0)
                number = len(documents)
                documents.append(Document(self._problems.file, data, places, number=number))
        return documents

    # For speed, classes are compared without isinstance and marks are read without a function:
    # this runs once for each value of a project.
    def _node(self, event: Any, depth: int) -> _Node:
        if event.__class__ is ScalarEvent:
            if event.tag is not None or event.anchor is not None:
                return self._decorated_scalar(event)
            text = event.value
            value: Any = text
            if not text.isascii():
                value = composed(text)
            elif text[:1] in SPECIAL_STARTS and not event.style:
                value = self._scalar(event)
            elif len(text) <= _SHORT and not event.style:
                self._values[text] = value
            if value.__class__ is not str:
                self._values[text] = value
            mark: Any = event.start_mark
            return value, mark.line << COLUMN_BITS | mark.column
        if event.__class__ is AliasEvent:
            return self._alias(event, depth)
        return self._container(event, depth + 1)

    def _scalar(self, event: ScalarEvent) -> object:
        text = composed(event.value)
        try:
            if event.tag is not None:
                return tagged(event.tag, text)
            return text if event.style else plain(text)
        except ScalarError as error:
            self._problems.scalar(error, event)
            return text

    def _decorated_scalar(self, event: ScalarEvent) -> _Node:
        node = self._scalar(event), _place(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(*node)
        return node

    def _container(self, event: CollectionStartEvent, depth: int) -> _Node:
        if depth > self._deepest:
            self._go_down_to(depth, event)
        is_mapping = event.__class__ is MappingStartEvent
        if event.tag not in {None, _CORE + ("map" if is_mapping else "seq")}:
            self._problems.scalar(unknown_tag(event.tag), event)
        compose = self._mapping if is_mapping else self._sequence
        if event.anchor is None:
            return compose(event, depth)
        self._anchors[event.anchor] = None
        nodes_before, deepest_before, self._deepest = self._nodes, self._deepest, depth
        value, place = compose(event, depth)
        size, height = self._nodes - nodes_before, self._deepest - depth
        self._anchors[event.anchor] = _Anchor(value, place, size, height)
        self._deepest = max(deepest_before, self._deepest)
        return value, place

    def _sequence(self, start: CollectionStartEvent, depth: int) -> _Node:
        data: list[Any] = []
        places: list[Positions] = [_place(start)]
        next_event = self._next_event
        while (event := next_event()).__class__ is not SequenceEndEvent:
            value, place = self._node(event, depth)
            data.append(value)
            places.append(place)
        self._nodes += len(places)
        return data, places

    def _mapping(self, start: CollectionStartEvent, depth: int) -> _Node:
        data: dict[str, Any] = {}
        places: list[Positions] = [_place(start)]
        merged: list[_Node] = []
        is_flat = True
        next_event, names, values = self._next_event, self._names, self._values
        while (event := next_event()).__class__ is not MappingEndEvent:
            key = names.get(event.value) if event.__class__ is ScalarEvent else None
            if key is None or event.tag is not None or event.anchor is not None:
                if _is_unusual_key(event) and not self._settle_key(event, merged, depth):
                    continue
                key = self._key(event.value)
            mark, content = event.start_mark, next_event()
            if (
                content.__class__ is ScalarEvent
                and content.value in values
                and not content.style
                and content.tag is None is content.anchor
            ):
                at: Any = content.start_mark
                place: Positions = at.line << COLUMN_BITS | at.column
                value = values[content.value]
            else:
                value, place = self._node(content, depth)
                is_flat &= place.__class__ is int
            if key in data:
                self._problems.duplicate(key, event, partial(_place_of_key, data, places, key))
            else:
                data[key] = value
                places += (mark.line << COLUMN_BITS | mark.column, place)
        for node in merged:
            _merge(data, places, *node)
        self._nodes += len(places)
        # Numbers in an array take a fifth of the memory.
        return data, array("Q", cast("list[int]", places)) if is_flat and not merged else places

    def _key(self, text: str) -> str:
        """Return the one string object for a key."""
        key = text if text.isascii() else composed(text)
        if text not in _UNUSUAL_TEXTS:
            self._names[text] = key
        return key

    def _settle_key(self, event: NodeEvent, merged: list[_Node], depth: int) -> bool:
        """Return whether an unusual key is text; if not, its whole entry has been read."""
        if not isinstance(event, ScalarEvent) or event.tag not in {None, f"{_CORE}str"}:
            self._problems.complex_key(event)
            if isinstance(event, CollectionStartEvent):
                self._node(event, depth)
        elif event.tag is None and not event.style and event.value == "<<":
            self._merge_entry(event, merged, depth)
            return False
        elif event.style or event.value:
            if event.anchor is not None:
                self._anchors[event.anchor] = _Anchor(event.value, _place(event))
            return True
        else:
            self._problems.empty_key(event)
        self._node(self._next_event(), depth)
        return False

    def _merge_entry(self, key: ScalarEvent, merged: list[_Node], depth: int) -> None:
        event = self._next_event()
        findings_before = len(self._problems)
        value, place = self._node(event, depth)
        if merged:
            self._problems.duplicate("<<", key, lambda: merged[0][1])
        elif isinstance(value, dict):
            merged.append((value, place))
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            merged.extend(zip(value, cast("list[Positions]", place)[1:], strict=True))
        elif len(self._problems) == findings_before:
            self._problems.merge(event)

    def _alias(self, event: AliasEvent, depth: int) -> _Node:
        name, here = str(event.anchor), _place(event)
        anchor = self._anchors.get(name)
        if anchor is None:
            if name in self._anchors:
                self._problems.recursive_alias(event)
            else:
                self._problems.undefined_alias(event, self._anchor_names)
            return f"*{name}", here
        self._nodes += anchor.size
        self._aliased += anchor.size
        own = self._nodes - self._aliased
        limit = min(MAX_ALIASED_NODES, FREE_ALIASED_NODES + MAX_ALIASED_RATIO * own)
        if self._aliased > limit:
            raise self._problems.alias_bomb(limit, event)
        self._go_down_to(depth + 1 + anchor.height, event)
        place = anchor.place
        return anchor.value, here if isinstance(place, int) else [here, *place[1:]]

    def _go_down_to(self, depth: int, event: Event) -> None:
        self._deepest = max(self._deepest, depth)
        if depth > MAX_DEPTH:
            raise self._problems.too_deep(event)


_UNUSUAL_TEXTS = frozenset({"", "<<"})
"""Unquoted keys that are no text: a missing one, and a merge."""


def _is_unusual_key(event: Any) -> bool:
    if event.__class__ is ScalarEvent and event.tag is None is event.anchor:
        return event.value in _UNUSUAL_TEXTS and not event.style
    return True


def _place(event: Any) -> int:
    mark = event.start_mark
    return int(mark.line << COLUMN_BITS | mark.column)


def _place_of_key(data: dict[str, Any], places: list[Positions], key: str) -> Positions:
    return places[1 + 2 * list(data).index(key)]


def _merge(
    data: dict[str, Any], places: list[Positions], more: dict[str, Any], at: Positions
) -> None:
    """Add the entries of a merged mapping with keys that are not in the mapping yet."""
    for index, (key, value) in enumerate(more.items()):
        if key not in data:
            data[key] = value
            places += cast("list[Positions]", at)[1 + 2 * index : 3 + 2 * index]
