"""The texts of scalars in their canonical layout."""

import re
from functools import lru_cache

from provisioner.documents.yaml.yaml_writer import needs_quotes

STEP = 2
"""Number of columns that a value is indented by."""

_BLANK_LINES = re.compile(r"(?:\n[ \t]*(?=\n|\Z))*")
_HEADER = re.compile(r"(?P<style>[|>])(?P<flags>[-+0-9]*)")


def scalar_lines(text: str) -> list[str]:
    """Return the lines of a scalar that is no block, without indentation.

    Blanks around the line breaks inside quotes have no meaning, unless they are escaped.
    """
    first, *rest = text.split("\n")
    lines = [first, *(line.lstrip(" \t") for line in rest)]
    return [*map(_without_end, lines[:-1]), lines[-1]]


def _without_end(line: str) -> str:
    short = line.rstrip(" \t")
    slashes = len(short) - len(short.rstrip("\\"))
    return line[: len(short) + 1] if slashes % 2 and len(short) < len(line) else short


def unquoted(text: str) -> str:
    """Return a scalar without its quotes, if no YAML reader needs them.

    Quotes stay if other readers take the text for a number, a date or a switch. The kind of quotes
    stays, too.
    """
    quote, inner = text[:1], text[1:-1]
    if quote not in {"'", '"'} or text == quote or "\n" in inner:
        return text
    is_written_as_is = "\\" not in inner if quote == '"' else "'" not in inner
    return inner if is_written_as_is and not _needs_quotes(inner) else text


_needs_quotes = lru_cache(maxsize=10_000)(needs_quotes)


def block_lines(text: str, start: int, end: int, parent: int) -> list[str]:
    """Return the header of a block scalar, and its lines without indentation.

    Args:
        text: the text of the file.
        start: the offset of the header.
        end: the offset after its last line that is not blank, or that keeps the blank ones.
        parent: the column of the collection that it is a value of.
    """
    header = _HEADER.match(text, start)
    if header is None:
        raise ValueError("no block scalar")
    flags = header["flags"]
    first_line = text.find("\n", start, end)
    body = text[first_line + 1 : end].split("\n") if first_line >= 0 else []
    if "+" not in flags:
        blank = _BLANK_LINES.match(text, end)
        body += blank.group().split("\n")[1:] if blank else []
    digit = next(filter(str.isdigit, flags), "")
    base = max(parent, 0) + int(digit) if digit else _indentation(body)
    if "+" not in flags:
        body = _without_blank_end(body, base)
    elif body and not body[-1]:
        body.pop()
    is_open = text.find("\n", end) < 0 and not text.endswith("\n")
    chomping = "-" if is_open or "-" in flags else "+" if "+" in flags else ""
    return [
        f"{header['style']}{STEP if digit else ''}{chomping}",
        *(line[base:] for line in body),
    ]


def _indentation(lines: list[str]) -> int:
    """Return the indentation of the first line that is not blank."""
    indented = (len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" "))
    return next(indented, max(map(len, lines), default=0))


def _without_blank_end(lines: list[str], base: int) -> list[str]:
    """Return lines without those at the end that are empty below an indentation."""
    while lines and len(lines[-1]) <= base and not lines[-1].strip(" "):
        lines.pop()
    return lines
