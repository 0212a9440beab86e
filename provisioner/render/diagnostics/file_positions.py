"""Positions of diagnostics in files: the path that readers see, and the end of the marked text.

Platforms that compare reports recognise a diagnostic by its mark.
"""

import hashlib
import posixpath
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from provisioner.diagnostics import Diagnostic, Span, in_order

Sources = Callable[[str], str | None]
"""Returns the text of a file by its name in the project; None if it can't be shown."""

LONGEST_EXTENT = 20_000
"""Characters after a place that are searched for the end of the marked text."""

_LINE_BREAK = re.compile("\r\n|\r|\n")

_EXTENT = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # a text in double quotes
    r"|'(?:[^']|'')*'"  # in single quotes
    r"|(?:(?!:\s|:$|\s#|[,\[\]{}]).)+"  # or without: up to a colon, a comment or flow syntax
)
"""The text to mark at a place: a key or a value, up to the end of its line."""


def joined_path(prefix: str, file: str) -> str:
    """Return the path of a file of the project, relative to where `prefix` starts."""
    start = prefix.removeprefix("./").rstrip("/")
    if start in {"", "."}:
        return f"/{file}" if prefix.startswith("/") else file
    path = f"{start}/{file}"
    return posixpath.normpath(path) if file.startswith("../") else path


def folder_path(prefix: str) -> str:
    """Return the path of the project's folder, as the place of what concerns no single file."""
    return prefix.strip("/") or "."


def with_marks(diagnostics: Iterable[Diagnostic], prefix: str) -> Iterator[tuple[Diagnostic, str]]:
    """Yield diagnostics, sorted by place, with marks of which no two are the same.

    A mark has no line number, so that it stays the same where lines are added above.
    """
    seen: Counter[str] = Counter()
    for diagnostic in in_order(diagnostics):
        file = joined_path(prefix, diagnostic.span.file) if diagnostic.span else ""
        content = f"{diagnostic.code}\n{file}\n{diagnostic.summary}"
        mark = hashlib.sha256(content.encode(errors="replace")).hexdigest()
        seen[mark] += 1
        yield diagnostic, f"{mark}:{seen[mark]}"


class SourceLines:
    """The lines of the files of a project, counted as YAML counts them.

    A file can have a million lines, so only their positions are kept, and of a few files.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._file = lru_cache(maxsize=4)(self._read)

    def line(self, span: Span) -> str:
        """Return the line of a place without its end, or "" if it can't be shown."""
        text, starts = self._file(span.file)
        if not 0 < span.line < len(starts):
            return ""
        return text[starts[span.line - 1] : starts[span.line]].rstrip("\r\n")

    def end_column(self, span: Span) -> int:
        """Return the column after the key or value at a place, on the same line."""
        start = span.column - 1
        marked = _EXTENT.match(self.line(span), start, start + LONGEST_EXTENT)
        return span.column + max(1, len(marked.group().rstrip()) if marked else 0)

    def _read(self, file: str) -> tuple[str, "array[int]"]:
        """Return the text of a file, the start of each line, and the end of the text."""
        text = self._sources(file) or ""
        ends = (found.end() for found in _LINE_BREAK.finditer(text))
        return text, array("Q", (0, *ends, len(text)))
