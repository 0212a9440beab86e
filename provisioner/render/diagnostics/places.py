"""Where a finding is: the file's path for readers, and how far the place extends."""

import re
from collections.abc import Callable
from functools import lru_cache

from provisioner.diagnostics import Span

Sources = Callable[[str], str | None]
"""Gives the text of a file by its name in the project, or None where it can't be shown."""

LONGEST_EXTENT = 20_000
"""Characters of what begins at a place that are looked at."""

_LINE_BREAK = re.compile("\r\n|\r|\n")

_EXTENT = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # a text in double quotes
    r"|'(?:[^']|'')*'"  # in single quotes
    r"|(?:(?!:\s|:$|\s#|[,\[\]{}]).)+"  # or without: up to a colon, a comment or flow syntax
)
"""What begins at a place, as far as its own line goes."""


def joined(prefix: str, file: str) -> str:
    """Return the path of a project's file, from where the project's own path starts."""
    start = prefix.removeprefix("./").rstrip("/")
    if start in {"", "."}:
        return f"/{file}" if prefix.startswith("/") else file
    return f"{start}/{file}"


@lru_cache(maxsize=4)
def lines_of(text: str | None) -> list[str]:
    """Return the lines of a file, counted as YAML counts them."""
    return _LINE_BREAK.split(text or "")


def end_column(span: Span, sources: Sources) -> int:
    """Return the column behind what begins at a place, on the same line."""
    lines = lines_of(sources(span.file))
    line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    start = span.column - 1
    found = _EXTENT.match(line, start, start + LONGEST_EXTENT)
    return span.column + max(1, len(found.group().rstrip()) if found else 0)
