"""Positions of diagnostics in files: the path that readers see, and the end of the marked text."""

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache

from provisioner.diagnostics import Span

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


@lru_cache(maxsize=4)
def lines_of(text: str | None) -> list[str]:
    """Return the lines of a file, counted as YAML counts them."""
    return _LINE_BREAK.split(text or "")


def end_column(span: Span, sources: Sources) -> int:
    """Return the column after the key or value at a place, on the same line."""
    lines = lines_of(sources(span.file))
    line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    start = span.column - 1
    marked = _EXTENT.match(line, start, start + LONGEST_EXTENT)
    return span.column + max(1, len(marked.group().rstrip()) if marked else 0)
