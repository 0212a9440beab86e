"""Check for invisible characters in names and other one-line texts."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from provisioner.characters import described, is_space, spelt_out, unseen
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic, Span, and_more
from provisioner.documents.document import LINE_BREAK, Document, DocumentPath, Positions, span_of
from provisioner.documents.schema.wording import route

_WITH_ANY_CHARACTER = frozenset({"signature"})
"""Keys of texts that may have any character; a plan shows the invisible ones as escapes."""

_WITH_SEVERAL_LINES = frozenset({"reason", "command"})
"""Keys of texts that may have several lines."""

_BREAKS = frozenset("\t\n")

_COPIED = "it usually comes from text copied out of another program"


class _Text(NamedTuple):
    """A text of a document.

    Attributes:
        path: its path; for a key, the path of the key's value.
        is_key: whether it is a key.
        text: the text.
        place: its positions; None outside documents.
    """

    path: DocumentPath
    is_key: bool
    text: str
    place: "Positions | None"

    @property
    def is_indented(self) -> bool:
        """Whether it is a key that begins with a special space, intended as indentation."""
        return self.is_key and self.text[:1].isspace() and not self.text.startswith(" ")

    @property
    def hidden(self) -> int | None:
        """The index of the first invisible character, if there is one."""
        if self.is_indented:
            return 0
        name = None if self.is_key or not self.path else self.path[-1]
        if name in _WITH_ANY_CHARACTER:
            return None
        positions = unseen(self.text)
        return next(
            (
                at
                for at in positions
                if name not in _WITH_SEVERAL_LINES or self.text[at] not in _BREAKS
            ),
            None,
        )


def check_characters(document: Document, content: bytes) -> list[Diagnostic]:
    """Return diagnostics for invisible characters: one for the first of each text.

    Args:
        document: a document of a file.
        content: the bytes of the file; its encoding must be valid.
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
    """Return whether a file certainly has no invisible characters, as most files."""
    if (
        "\\" in text or "\u3000" in text
    ):  # an escape, and a space that only keys must not begin with
        return False
    return next(unseen(re.sub("[\t\r\n]", "", text)), None) is None


def unseen_paths(value: Any) -> Iterator[tuple[str, ...]]:
    """Yield the paths of texts with invisible characters; for a key, the path of its entry."""
    for text in _texts(value, None, (), set()):
        if text.hidden is not None:
            yield tuple(map(str, takewhile(lambda step: isinstance(step, str), text.path)))


def _texts(
    value: Any, place: "Positions | None", path: DocumentPath, seen: set[int]
) -> Iterator[_Text]:
    """Yield the texts of a value, those behind an anchor only once."""
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
        summary = f"{spelt_out(holder)} has {described(char)}, which looks like another space"
        hint = f"write an ordinary space; {_COPIED}"
    else:
        code = "invisible-character"
        summary = f"{spelt_out(holder)} has {described(char)}, which is invisible"
        hint = f"delete it; {_COPIED}"
    return Diagnostic(code=code, summary=summary, span=_span(start, text, at, lines), hint=hint)


def _span(start: Span, text: _Text, at: int, lines: list[str]) -> Span:
    """Return the position of a character, or of its text if it is written as an escape."""
    line, column = lines[start.line - 1], start.column - 1
    for quote in (0, 1):
        if line.startswith(text.text[: at + 1], column + quote):
            return Span(start.file, start.line, start.column + quote + at)
    return start
