"""Writes values with their comments in the canonical layout."""

from provisioner.documents.formatting.comments import ROOT, Item, Value, YamlComment
from provisioner.documents.formatting.key_order import KeyOrder
from provisioner.documents.formatting.scalar_texts import STEP, block_lines, scalar_lines, unquoted
from provisioner.documents.yaml.yaml_writer import WIDTH

_MERGE = "<<"


class LayoutError(Exception):
    """A text has a layout that this module can't write."""


class CanonicalText:
    """Writes the documents of one file.

    The text of scalars stays; what is between them is written anew.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: list[str] = []
        self._keeps_blanks = False  # blank lines after the last line would belong to its text

    def text(self) -> str:
        """Return the lines written so far."""
        return "".join(f"{line}\n" for line in self._lines)

    def between(self, marks: list[YamlComment]) -> None:
        """Write comments and lines around documents."""
        for mark in marks:
            if mark.is_alone or not self._lines:
                self._comment(mark, 0, is_first=not self._lines)
            else:
                self._lines[-1] = _with_note(self._lines[-1], mark)

    def document(self, root: Value, order: KeyOrder, *, gap: bool) -> None:
        """Write a document; `gap` is whether a blank line is above it."""
        if root.node.start == root.node.end:
            return
        self._gap(gap and bool(self._lines))
        if root.items and not (root.node.in_brackets and self._on_line(root, order, 0) is not None):
            if root.marks:
                self._lines.append(" ".join(root.marks))
            self._sections(root, order)
        else:
            self._entry("", root, order, 0, None, ROOT)

    def _sections(self, root: Value, order: KeyOrder) -> None:
        """Write the entries of a document; entries of several lines have blank lines around."""
        was_long = False
        for index, item in enumerate(root.items):
            earlier, self._lines = self._lines, []
            keeps_blanks, self._keeps_blanks = self._keeps_blanks, False
            self._item(item, root, order, 0)
            lines, self._lines = self._lines, earlier
            kept_now, self._keeps_blanks = self._keeps_blanks, keeps_blanks
            first = item.before[0].gap if item.before else item.gap
            is_long = root.node.is_mapping and len(lines) > 1
            self._gap(index > 0 and (first or is_long or was_long))
            for number, comment in enumerate(item.before):
                self._comment(comment, 0, is_first=number == 0)
            self._gap(bool(item.before) and item.gap)
            self._lines += lines
            self._keeps_blanks = kept_now
            was_long = is_long
        self._tail(root, 0)

    def _items(self, container: Value, order: KeyOrder, column: int) -> None:
        """Write the entries of a collection in block style, with the comments above them."""
        for index, item in enumerate(self._ordered(container, order)):
            is_first = index == 0
            for comment in item.before:
                self._comment(comment, column, is_first=is_first)
                is_first = False
            self._gap(item.gap and not is_first)
            self._item(item, container, order, column)
        self._tail(container, column)

    def _tail(self, container: Value, column: int) -> None:
        for comment in container.tail:
            self._comment(comment, column)

    def _item(self, item: Item, container: Value, order: KeyOrder, column: int) -> None:
        """Write an entry of a mapping or an item of a list."""
        if item.key is None:
            self._list_item(item, order.of_item(), column, container)
        else:
            lead = f"{_key(item.key)}:"
            parent = container.column if container.node.in_block else 0
            self._entry(lead, item.value, order.of_key(item.name), column, item.note, parent)

    def _list_item(self, item: Item, order: KeyOrder, column: int, container: Value) -> None:
        if not self._shares_line(item, order, column):
            self._entry("-", item.value, order, column, item.note, container.column)
            return
        for number, comment in enumerate(self._moved_up(item, order, column)):
            self._comment(comment, column, is_first=number == 0)
        at = len(self._lines)
        self._items(item.value, order, column + STEP)
        self._lines[at] = f"{'':{column}}- {self._lines[at].lstrip(' ')}"

    def _shares_line(self, item: Item, order: KeyOrder, column: int) -> bool:
        """Return whether the first entry of a list's item is in the line of the dash."""
        value = item.value
        is_block = value.items and self._on_line(value, order, column + STEP) is None
        return item.key is None and bool(is_block) and not value.marks

    def _moved_up(self, item: Item, order: KeyOrder, column: int) -> list[YamlComment]:
        """Return the comments that move above a dash, and remove them from the entries after it."""
        if not self._shares_line(item, order, column):
            return []
        first = self._ordered(item.value, order)[0]
        comments = [*([item.note] if item.note else ()), *first.before]
        item.note, first.before, first.gap = None, [], False
        return comments + self._moved_up(first, order.of_item(), column + STEP)

    def _entry(
        self,
        lead: str,
        value: Value,
        order: KeyOrder,
        column: int,
        note: YamlComment | None,
        parent: int,
    ) -> None:
        """Write a key or a dash with a value; `parent` is the former column of the container."""
        start = f"{'':{column}}{lead}"
        width = len(start) + bool(lead)
        inline = self._on_line(value, order, width)
        marks = " ".join(value.marks)
        if inline is not None:
            self._line(_joined(start, inline), note)
        elif value.node.style in {"|", ">"}:
            header, *lines = block_lines(self._text, value.start, value.node.end, parent)
            self._line(_joined(start, f"{marks} {header}".strip()), note)
            pad = f"{'':{column + STEP}}"
            self._lines += [f"{pad}{line}" if line else "" for line in lines]
            self._keeps_blanks = header.endswith("+")
        elif value.items:
            self._line(_joined(start, marks), note)
            self._items(value, order, column + STEP)
        else:
            first, *rest = scalar_lines(self._text[value.start : value.node.end])
            self._lines.append(_joined(start, f"{marks} {first}".strip()))
            self._lines += [f"{'':{column + STEP}}{line}" if line else "" for line in rest]
            if note:
                self._lines[-1] = _with_note(self._lines[-1], note)

    def _on_line(self, value: Value, order: KeyOrder, width: int) -> str | None:
        """Return a value on one line; None if it has none, or does not fit beside `width`."""
        if not value.items:
            return self._inline(value, order)
        if value.node.in_block or value.has_comments:
            return None
        text = self._inline(value, order)
        return text if text is not None and width + len(text) <= WIDTH else None

    def _inline(self, value: Value, order: KeyOrder) -> str | None:
        node = value.node
        if node.is_mapping and (value.items or node.in_brackets):
            entries = [self._pair(item, order) for item in self._ordered(value, order)]
            text = None if None in entries else f"{{{', '.join(filter(None, entries))}}}"
        elif node.is_list:
            entries = [self._inline(item.value, order.of_item()) for item in value.items]
            text = None if None in entries else f"[{', '.join(filter(None, entries))}]"
        elif node.style in {"|", ">"}:
            return None
        else:
            text = self._text[value.start : node.end]
            if "\n" in text:
                return None
            if not any(mark.startswith("!") for mark in value.marks):
                text = unquoted(text)
        return None if text is None else " ".join(filter(None, (*value.marks, text)))

    def _pair(self, item: Item, order: KeyOrder) -> str | None:
        text = self._inline(item.value, order.of_key(item.name))
        if text is None:
            return None
        return f"{_key(item.key or '')}: {text}" if text else _key(item.key or "")

    def _ordered(self, container: Value, order: KeyOrder) -> list[Item]:
        """Return the entries in their order: merges, known keys, and other keys.

        An alias stays behind its anchor: where there is one, entries with either keep their order.
        """
        items = container.items
        if container.node.is_list or not (known := order.keys):
            return items
        ranks = {key: rank for rank, key in enumerate(known)}
        result = sorted(
            items,
            key=lambda item: -1 if item.key == _MERGE else ranks.get(item.name or "", len(ranks)),
        )
        if any(item.has_anchor for item in items):
            tied = iter([item for item in items if item.is_tied])
            result = [next(tied) if item.is_tied else item for item in result]
        return result

    def _comment(self, comment: YamlComment, column: int, *, is_first: bool = False) -> None:
        self._gap(comment.gap and not is_first)
        self._line(f"{'':{column}}{comment.text}", None)

    def _line(self, line: str, note: YamlComment | None) -> None:
        self._keeps_blanks = False
        self._lines.append(_with_note(line, note) if note else line)

    def _gap(self, wanted: bool) -> None:
        if wanted and not self._keeps_blanks and self._lines and self._lines[-1]:
            self._lines.append("")


def _key(text: str) -> str:
    if "\n" in text:
        raise LayoutError
    return unquoted(text)


def _joined(start: str, text: str) -> str:
    return f"{start} {text}" if start.strip() and text else f"{start}{text}"


def _with_note(line: str, note: YamlComment) -> str:
    """Return a line with a comment, in the column of the comment if the line is not longer."""
    column = note.column if note.column > len(line) else len(line) + STEP
    return f"{line:{column}}{note.text}"
