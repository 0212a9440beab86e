"""The values of a YAML text with the comments that belong to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from provisioner.documents.editing.tree import Entry, Node, skip

_PROPERTY = re.compile(r"(?:&[\w-]+|!<[^>\n]*>|![^\s,\[\]{}]*)(?=[\s,\]}]|\Z)")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_MARK = re.compile(r"^(?:---|\.\.\.)(?=\s|\Z)|^%[^\n]*|#[^\n]*", re.MULTILINE)

ROOT = -1
"""The column of the parent of a document."""


@dataclass(frozen=True, slots=True)
class YamlComment:
    """A comment, or a line between documents: `---`, `...` or a directive.

    Attributes:
        start: the offset of its first character.
        text: its text without blanks at the end.
        column: its column, counted from 0.
        is_alone: whether nothing is before it in its line.
        gap: whether a blank line is above it.
    """

    start: int
    text: str
    column: int
    is_alone: bool
    gap: bool


@dataclass(slots=True)
class Value:
    """A value with its comments.

    Attributes:
        node: its position and style.
        start: the offset after its anchor and tag.
        marks: its anchor and tag.
        column: of a collection in block style, the column of its entries.
        items: the entries of a collection.
        tail: comments below the last entry of a collection.
    """

    node: Node
    start: int
    marks: tuple[str, ...] = ()
    column: int = 0
    items: list["Item"] = field(default_factory=list)
    tail: list[YamlComment] = field(default_factory=list)

    @property
    def is_tied(self) -> bool:
        """Whether it has or uses an anchor."""
        return self.node.style == "*" or self.has_anchor or any(one.is_tied for one in self.items)

    @property
    def has_anchor(self) -> bool:
        """Whether it or a value in it has an anchor."""
        return any(mark.startswith("&") for mark in self.marks) or any(
            item.has_anchor for item in self.items
        )

    @property
    def has_comments(self) -> bool:
        """Whether a comment belongs to a value in it."""
        return bool(self.tail) or any(
            item.before or item.note or item.value.has_comments for item in self.items
        )


@dataclass(slots=True)
class Item:
    """An entry of a mapping or an item of a list, with its comments.

    Attributes:
        name: the key; None for an item, and for a merge.
        key: the text of the key as it is written; None for an item.
        value: the value.
        before: comments above it.
        note: the comment at the end of its line.
        gap: whether a blank line is above it, below the comments.
    """

    name: str | None
    key: str | None
    value: Value
    before: list[YamlComment]
    note: YamlComment | None
    gap: bool

    @property
    def has_anchor(self) -> bool:
        """Whether its key or value has an anchor."""
        return (self.key or "").startswith("&") or self.value.has_anchor

    @property
    def is_tied(self) -> bool:
        """Whether its key or value has or uses an anchor."""
        return self.has_anchor or self.value.is_tied


class Commented:
    """Assigns the comments of a text to its values, from the first to the last."""

    def __init__(self, text: str, roots: list[Node]) -> None:
        self._text = text
        self._marks = [*_marks(text, roots)]
        self._next = 0

    def before(self, offset: int) -> list[YamlComment]:
        """Return the remaining comments before an offset; each is returned once."""
        first = self._next
        while self._next < len(self._marks) and self._marks[self._next].start < offset:
            self._next += 1
        return self._marks[first : self._next]

    def document(self, root: Node) -> Value:
        """Return a document with its comments, except for those above its first entry."""
        ends = (
            mark.start
            for mark in self._marks
            if mark.start >= root.end and mark.text in {"---", "..."}
        )
        return self._value(root, ROOT, next(ends, len(self._text)))

    def content_start(self, root: Node) -> int:
        """Return the offset of the first key, dash or bracket of a document."""
        return self._properties(root)[0]

    def _value(self, node: Node, parent: int, following: int) -> Value:
        start, marks = self._properties(node)
        value = Value(node, start, marks)
        if not node.entries:
            return value
        starts = self._starts(node, start)
        if node.in_block:
            value.column = self._column(starts[0])
        for index, entry in enumerate(node.entries):
            is_last = index + 1 == len(starts)
            end = node.end if node.in_brackets else following
            after = end if is_last else starts[index + 1]
            value.items.append(self._item(entry, starts[index], value, after))
        if node.in_brackets:
            value.tail += self.before(node.end)
        while node.in_block and (comment := self._peek(following)):
            if not comment.is_alone or comment.column <= parent or comment.column < value.column:
                break
            value.tail += self.before(comment.start + 1)
        return value

    def _item(self, entry: Entry, start: int, container: Value, after: int) -> Item:
        before = self.before(start)
        above = len(before)
        key, node = entry.key, entry.value
        note = self._note(key.end if key else start, min(after, self._inside(node)))
        if not node.entries:
            before += self.before(self._properties(node)[0]) if node.start < node.end else []
        value = self._value(node, container.column if container.node.in_block else 0, after)
        last = self._note(max(node.end, key.end if key else start), after)
        if note and last:
            if value.items:
                value.tail.append(last)
            else:
                before.insert(above, note)
                note = last
        return Item(
            name=entry.name,
            key=self._text[key.start : key.end] if key else None,
            value=value,
            before=before,
            note=note or last,
            gap=has_gap(self._text, start),
        )

    def _inside(self, node: Node) -> int:
        """Return the offset of the content of a value, below comments after its key."""
        start, _ = self._properties(node)
        if not node.entries:
            return start
        return self._starts(node, start)[0]

    def _note(self, at: int, before: int) -> YamlComment | None:
        """Return the next comment if it is in the line of an offset, and before another one."""
        comment = self._peek(before)
        if comment is None or comment.is_alone or "\n" in self._text[at : comment.start]:
            return None
        return self.before(comment.start + 1)[0]

    def _peek(self, before: int) -> YamlComment | None:
        if self._next < len(self._marks) and self._marks[self._next].start < before:
            return self._marks[self._next]
        return None

    def _starts(self, node: Node, start: int) -> list[int]:
        """Return the offset of each key, or of each dash of a block list."""
        if node.style != "-":
            return [(entry.key or entry.value).start for entry in node.entries]
        starts, end = list[int](), start
        for entry in node.entries:
            starts.append(skip(self._text, end))
            end = max(entry.value.end, starts[-1] + 1)
        return starts

    def _properties(self, node: Node) -> tuple[int, tuple[str, ...]]:
        """Return the offset after the anchor and the tag of a value, and their texts."""
        spans = [*_property_spans(self._text, node)]
        start = skip(self._text, spans[-1][1]) if spans else node.start
        return min(start, node.end), tuple(self._text[at:end] for at, end in spans)

    def _column(self, at: int) -> int:
        return at - (self._text.rfind("\n", 0, at) + 1)


def _property_spans(text: str, node: Node) -> Iterator[tuple[int, int]]:
    """Yield the anchor and the tag of a value; those of its first key are the key's own."""
    at, end = node.start, node.end
    if node.style == "*":
        return
    if node.is_mapping and node.entries and node.entries[0].key:
        end = node.entries[0].key.start
    while at < end and (match := _PROPERTY.match(text, at)):
        yield match.span()
        at = skip(text, match.end())


def _marks(text: str, roots: list[Node]) -> Iterator[YamlComment]:
    """Yield the comments and the lines between documents, in their order."""
    end = 0
    for start, after in [*(span for root in roots for span in _spans(text, root)), (len(text), 0)]:
        for match in _MARK.finditer(text, end, start):
            at = match.start()
            line = text.rfind("\n", 0, at) + 1
            is_alone = not text[line:at].strip()
            gap = is_alone and has_gap(text, at)
            yield YamlComment(at, match.group().rstrip(), at - line, is_alone, gap)
        end = after


def _spans(text: str, node: Node) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text that belong to values and have no comments."""
    spans = [*_property_spans(text, node)]
    yield from spans
    at = min(skip(text, spans[-1][1]), node.end) if spans else node.start
    if node.style in {"|", ">"}:
        header = _BLOCK_HEADER.match(text, at)
        yield at, header.end() if header else at
        line = text.find("\n", at)
        if 0 <= line < node.end:
            yield line, node.end
    elif not node.is_mapping and not node.is_list and at < node.end:
        yield at, node.end
    for entry in node.entries:
        if entry.key:
            yield from _spans(text, entry.key)
        yield from _spans(text, entry.value)


def has_gap(text: str, at: int) -> bool:
    """Return whether an offset is the first one in its line, and a blank line is above it."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].strip() or not line:
        return False
    above = text.rfind("\n", 0, line - 1) + 1
    return not text[above : line - 1].strip()
