"""Check for invisible characters in names and other one-line texts."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from provisioner.characters import described, is_space, spelt_out, unseen
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic, Span, and_more
from provisioner.documents.document import LINE_BREAK, Document, DocumentPath, Positions, span_of
from provisioner.documents.schema.wording import path_text

_WITH_ANY_CHARACTER = frozenset({"signature"})
"""Keys of texts that may have any character; a plan shows the invisible ones as escapes."""

_WITH_SEVERAL_LINES = frozenset({"reason", "command"})
"""Keys of texts that may have several lines."""

_BREAKS = frozenset("\t\n")

_WITHOUT_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))

_COPIED_HINT = "it usually comes from text copied out of another program"


class _Text(NamedTuple):
    """A text of a document.

    Attributes:
        path: its path; for a key, the path of the key's value.
        is_key: whether it is a key.
        text: the text.
        positions: where it is in its file; None outside documents.
    """

    path: DocumentPath
    is_key: bool
    text: str
    positions: "Positions | None"

    @property
    def is_indented(self) -> bool:
        """Whether it is a key that begins with a special space, intended as indentation."""
        return self.is_key and self.text[:1].isspace() and not self.text.startswith(" ")

    @property
    def first_invisible(self) -> int | None:
        """The index of the first invisible character, if there is one."""
        if self.is_indented:
            return 0
        name = None if self.is_key or not self.path else self.path[-1]
        if name in _WITH_ANY_CHARACTER:
            return None
        return next(
            (
                at
                for at in unseen(self.text)
                if name not in _WITH_SEVERAL_LINES or self.text[at] not in _BREAKS
            ),
            None,
        )


def check_characters(documents: Sequence[Document], content: bytes) -> list[Diagnostic]:
    """Return diagnostics for invisible characters: one for the first of each text.

    Args:
        documents: all documents of a file; none if its encoding is not valid.
        content: the bytes of the file.
    """
    if not documents:
        return []
    text = content.decode("utf-8-sig")
    if _is_plain(text):
        return []
    lines = LINE_BREAK.split(text)
    hidden = [
        (document.file, entry, at)
        for document in documents
        for entry in _texts(document.data, document.places, (), set())
        if (at := entry.first_invisible) is not None
    ]
    findings = [_diagnostic(*one, lines) for one in hidden[:MOST_OF_A_KIND]]
    if more := len(hidden) - len(findings):
        findings.append(and_more(findings[0], more))
    return findings


def _is_plain(text: str) -> bool:
    """Return whether a file certainly has no invisible characters. Most files have none."""
    # A backslash may start an escape. A wide space is invalid only at the start of a key.
    if "\\" in text or "\u3000" in text:
        return False
    return next(unseen(text.translate(_WITHOUT_BREAKS)), None) is None


def unseen_paths(value: Any) -> Iterator[tuple[str, ...]]:
    """Yield the paths of texts with invisible characters; for a key, the path of its entry."""
    for text in _texts(value, None, (), set()):
        if text.first_invisible is not None:
            yield tuple(map(str, takewhile(lambda step: isinstance(step, str), text.path)))


def _texts(
    value: Any, positions: "Positions | None", path: DocumentPath, seen: set[int]
) -> Iterator[_Text]:
    """Yield the texts of a value. The content of an anchor is yielded only once."""
    if isinstance(value, str):
        yield _Text(path, is_key=False, text=value, positions=positions)
    elif isinstance(value, dict | list) and id(value) not in seen:
        seen.add(id(value))
        parts = None if isinstance(positions, int) else positions
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (step, part) in enumerate(steps):
            if isinstance(step, str):
                key_positions = parts[1 + 2 * number] if parts else None
                yield _Text((*path, step), is_key=True, text=step, positions=key_positions)
            index = 2 + 2 * number if isinstance(value, dict) else 1 + number
            yield from _texts(part, parts[index] if parts else None, (*path, step), seen)


def _diagnostic(file: str, text: _Text, at: int, lines: list[str]) -> Diagnostic:
    char = text.text[at]
    where = path_text(text.path[:-1] if text.is_key else text.path)
    holder = f"a key in {where}" if where and text.is_key else where or "a key"
    start = span_of(file, text.positions or 0)
    if text.is_indented:
        code, summary = "yaml-space", f"{described(char)} can't be used to indent"
        hint = f"indent with ordinary spaces; {_COPIED_HINT}"
    elif is_space(char):
        code = "invisible-character"
        summary = f"{spelt_out(holder)} has {described(char)}, which looks like another space"
        hint = f"write an ordinary space; {_COPIED_HINT}"
    else:
        code = "invisible-character"
        summary = f"{spelt_out(holder)} has {described(char)}, which is invisible"
        hint = f"delete it; {_COPIED_HINT}"
    return Diagnostic(code=code, summary=summary, span=_span(start, text, at, lines), hint=hint)


def _span(start: Span, text: _Text, at: int, lines: list[str]) -> Span:
    """Return the position of a character, or of its text if it is written as an escape."""
    line, column = lines[start.line - 1], start.column - 1
    for quote in (0, 1):
        if line.startswith(text.text[: at + 1], column + quote):
            return Span(start.file, start.line, start.column + quote + at)
    return start
