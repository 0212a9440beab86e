"""The style of new text: indentation, brackets, quotes and line breaks of its neighbours."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.documents.document import LINE_BREAK, DocumentPath
from provisioner.documents.editing.tree import Node
from provisioner.documents.yaml.yaml_writer import (
    ALWAYS_BLOCK,
    SHORT,
    WIDTH,
    needs_quotes,
    write_inline,
    write_text_block,
)

_USUAL_STEP = 2


class Layout:
    """Writes values in the style of a file.

    Attributes:
        newline: the line break of the file.
    """

    def __init__(self, text: str, root: Node) -> None:
        """Look at a file."""
        first = text.find("\n")
        self.newline = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
        self._text = text
        self._line_starts = [0, *(line.end() for line in LINE_BREAK.finditer(text))]
        self._root = root
        self._nodes = dict(root.walk())
        self._step, self._list_step = self._steps()

    def inline(self, value: Any, path: DocumentPath, *, in_brackets: bool = False) -> str | None:
        """Return a value on one line; None if it needs lines of its own.

        `in_brackets` is whether it is inside of a flow collection.
        """
        quote = self._quote(path)
        if not isinstance(value, dict | list):
            is_block = not in_brackets and isinstance(value, str) and write_text_block(value, 2)
            return None if is_block else write_inline(value, quote, in_brackets=in_brackets)
        shown = write_inline(value, quote, in_brackets=in_brackets)
        if in_brackets or not value:
            return shown
        prefers = self._prefers_brackets(path)
        if prefers is None:
            parts = [*value, *value.values()] if isinstance(value, dict) else value
            prefers = len(path) >= ALWAYS_BLOCK and len(shown) <= SHORT and _are_scalars(parts)
        return shown if prefers and len(shown) <= WIDTH and "\\n" not in shown else None

    def key(self, name: str, path: DocumentPath) -> str:
        """Return the text of a key of the mapping at a path."""
        container = self._nodes.get(path, self._root) if path else self._root
        styles = {entry.key.style for entry in container.entries if entry.key}
        return write_inline(name, styles.pop() if len(styles) == 1 else "", in_brackets=True)

    def entry(self, name: str, value: Any, path: DocumentPath, indent: int) -> list[str]:
        """Return the lines of an entry of a block mapping, without line breaks.

        `indent` is the column of the key.
        """
        first, *rest = self.value(value, path, indent)
        return [f"{'':{indent}}{self.key(name, path[:-1])}:{first}", *rest]

    def item(self, value: Any, path: DocumentPath, indent: int) -> list[str]:
        """Return the lines of an item of a block list; see `entry`."""
        if isinstance(value, dict | list) and self.inline(value, path) is None:
            inner = indent + _USUAL_STEP
            first, *rest = self._lines(value, path, inner)
            return [f"{'':{indent}}- {first[inner:]}", *rest]
        first, *rest = self.value(value, path, indent)
        return [f"{'':{indent}}-{first}", *rest]

    def value(self, value: Any, path: DocumentPath, indent: int) -> list[str]:
        """Return the lines of a value after its colon or dash.

        `indent` is the column of its key or dash.
        """
        shown = self.inline(value, path)
        if shown is not None:
            return [f" {shown}"]
        if isinstance(value, str):
            header, *lines = write_text_block(value, self._step)
            return [f" {header}", *(f"{'':{indent}}{line}" if line else "" for line in lines)]
        step = self._list_step if isinstance(value, list) else self._step
        return ["", *self._lines(value, path, indent + step)]

    def _lines(self, value: Any, path: DocumentPath, indent: int) -> list[str]:
        """Return the lines of a collection in block style."""
        if isinstance(value, Mapping):
            parts = [self.entry(name, one, (*path, name), indent) for name, one in value.items()]
        else:
            parts = [self.item(one, (*path, index), indent) for index, one in enumerate(value)]
        return [line for part in parts for line in part]

    def _steps(self) -> tuple[int, int]:
        """Return the usual indentation of mappings and of lists below their key."""
        steps: Counter[int] = Counter()
        list_steps: Counter[int] = Counter()
        for node in (self._root, *self._nodes.values()):
            if node.style == ":":
                for entry in node.entries:
                    if entry.value.in_block and entry.key:
                        step = self.column(entry.value.start) - self.column(entry.key.start)
                        (list_steps if entry.value.is_list else steps)[step] += 1
        step = steps.most_common(1)[0][0] if steps else _USUAL_STEP
        return step, list_steps.most_common(1)[0][0] if list_steps else step

    def column(self, at: int) -> int:
        """Return the column of an offset, counted from 0."""
        return at - self._line_starts[bisect_right(self._line_starts, at) - 1]

    def _quote(self, path: DocumentPath) -> str:
        """Return the quote of the old value, or of neighbours that need none; "" for no quote."""
        own = self._nodes.get(path)
        if own is not None and own.style in {"'", '"'}:
            return own.style
        for nodes in self._neighbours(path):
            styles = {
                node.style
                for node in nodes
                if node.style in {"", "'", '"'} and self._is_plain_text(node)
            }
            if styles:
                return styles.pop() if len(styles) == 1 else ""
        return ""

    def _is_plain_text(self, node: Node) -> bool:
        """Return whether a scalar is a text that is readable without quotes."""
        content = self._text[node.start : node.end]
        content = content[1:-1] if node.style else content
        return bool(content) and not needs_quotes(content)

    def _prefers_brackets(self, path: DocumentPath) -> bool | None:
        """Return whether the collections next to a path are in flow style; None if unclear."""
        for nodes in self._neighbours(path):
            styles = {node.in_brackets for node in nodes if node.entries}
            if styles:
                return styles.pop() if len(styles) == 1 else None
        return None

    def _neighbours(self, path: DocumentPath) -> Iterator[list[Node]]:
        """Yield groups of nodes that are alike: siblings, then the same key of other items."""
        own = self._nodes.get(path)
        if siblings := self._nodes.get(path[:-1], None if path[1:] else self._root):
            yield [entry.value for entry in siblings.entries if entry.value is not own]
        pattern = _pattern(path)
        alike = [(other, node) for other, node in self._nodes.items() if len(other) == len(path)]
        yield [node for other, node in alike if _pattern(other) == pattern and node is not own]
        yield [
            node
            for other, node in alike
            if _pattern(other)[:-1] == pattern[:-1] and node is not own
        ]


def _pattern(path: DocumentPath) -> tuple[str, ...]:
    return tuple("" if isinstance(step, int) else step for step in path)


def _are_scalars(values: list[Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in values)
