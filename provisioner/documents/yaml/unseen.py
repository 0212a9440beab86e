"""Characters of names and other one-line texts that can't be seen, and so can't be reviewed."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from provisioner.characters import described, is_space, spelt_out, unseen
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic, Span, and_more
from provisioner.documents.document import LINE_BREAK, Document, DocumentPath, Positions, span_of
from provisioner.documents.schema.wording import route

_FREE = frozenset({"signature"})
"""Keys of texts that may hold any character: what customers read, shown with escapes in a plan."""

_LONG = frozenset({"reason", "command"})
"""Keys of texts that may have several lines."""

_BREAKS = frozenset("\t\n")

_COPIED = "it most often comes from copying out of another program"


class _Text(NamedTuple):
    """A text of a document.

    Attributes:
        path: the way to it; for a key, to the value behind it.
        is_key: whether it is a key.
        place: where it stands; None outside of documents.
    """

    path: DocumentPath
    is_key: bool
    text: str
    place: "Positions | None"

    @property
    def is_indented(self) -> bool:
        """Whether it is a key that begins with a space, which was meant to indent it."""
        return self.is_key and self.text[:1].isspace() and not self.text.startswith(" ")

    @property
    def hidden(self) -> int | None:
        """The position of the first character that can't be seen, if there is one."""
        if self.is_indented:
            return 0
        name = None if self.is_key or not self.path else self.path[-1]
        if name in _FREE:
            return None
        positions = unseen(self.text)
        return next(
            (at for at in positions if name not in _LONG or self.text[at] not in _BREAKS), None
        )


def check_characters(document: Document, content: bytes) -> list[Diagnostic]:
    """Find characters that can't be seen: the first one of each text, at its place.

    Args:
        document: a document of a file.
        content: the file, without errors in its encoding.
    """
    text = content.decode("utf-8-sig")
    if _is_plain(text):
        return []
    lines = LINE_BREAK.split(text)
    hidden = [
        (found, at)
        for found in _texts(document.data, document.places, (), set())
        if (at := found.hidden) is not None
    ]
    findings = [_diagnostic(document.file, *one, lines) for one in hidden[:MOST_OF_A_KIND]]
    if more := len(hidden) - len(findings):
        findings.append(and_more(findings[0], more))
    return findings


def _is_plain(text: str) -> bool:
    """Return whether a file can't hold such characters, as most can't."""
    if (
        "\\" in text or "\u3000" in text
    ):  # an escape, and a space that only keys must not begin with
        return False
    return next(unseen(re.sub("[\t\r\n]", "", text)), None) is None


def unseen_paths(value: Any) -> Iterator[tuple[str, ...]]:
    """Yield the ways to texts of an object that hold such characters; for a key, to its entry."""
    for text in _texts(value, None, (), set()):
        if text.hidden is not None:
            yield tuple(map(str, takewhile(lambda step: isinstance(step, str), text.path)))


def _texts(
    value: Any, place: "Positions | None", path: DocumentPath, seen: set[int]
) -> Iterator[_Text]:
    """Yield the texts of a value; what stands behind an anchor only once."""
    if isinstance(value, str):
        yield _Text(path, is_key=False, text=value, place=place)
    elif isinstance(value, dict | list) and id(value) not in seen:
        seen.add(id(value))
        places = place if isinstance(place, list) else None
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (step, part) in enumerate(steps):
            if isinstance(step, str):
                key_place = places[1 + 2 * number] if places else None
                yield _Text((*path, step), is_key=True, text=step, place=key_place)
            index = 2 + 2 * number if isinstance(value, dict) else 1 + number
            yield from _texts(part, places[index] if places else None, (*path, step), seen)


def _diagnostic(file: str, text: _Text, at: int, lines: list[str]) -> Diagnostic:
    char = text.text[at]
    where = route(text.path[:-1] if text.is_key else text.path)
    holder = f"a key in {where}" if where and text.is_key else where or "a key"
    start = span_of(file, text.place or 0)
    if text.is_indented:
        code, summary = "yaml-space", f"{described(char)} can't be used to indent"
        hint = f"indent with ordinary spaces; {_COPIED}"
    elif is_space(char):
        code = "invisible-character"
        summary = f"{spelt_out(holder)} holds {described(char)}, which looks like another space"
        hint = f"write an ordinary space; {_COPIED}"
    else:
        code = "invisible-character"
        summary = f"{spelt_out(holder)} holds {described(char)}, which can't be seen"
        hint = f"delete it; {_COPIED}"
    return Diagnostic(code=code, summary=summary, span=_span(start, text, at, lines), hint=hint)


def _span(start: Span, text: _Text, at: int, lines: list[str]) -> Span:
    """Return the place of a character, or of its text where it is written as an escape."""
    line, column = lines[start.line - 1], start.column - 1
    for quote in (0, 1):
        if line.startswith(text.text[: at + 1], column + quote):
            return Span(start.file, start.line, start.column + quote + at)
    return start
