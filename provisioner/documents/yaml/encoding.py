r"""Decoding of files: UTF-8 without invisible characters, and surrogate pairs.

JSON writes an emoji as `"\ud83d\ude00"`, the escapes of a surrogate pair. YAML parsers refuse each
half. The halves are replaced by escapes of private-use characters of the same length, which keeps
all positions, and are joined after parsing.
"""

import codecs
import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from yaml.events import ScalarEvent

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.document import span_at
from provisioner.documents.yaml.problems import Problems


@cache
def _unseen() -> re.Pattern[str]:
    """Return what finds characters that YAML forbids, and line breaks that editors don't show.

    Those are U+0085, U+2028 and U+2029: editors would count lines differently. A byte order mark
    inside a file comes from joined files. Compiling takes milliseconds, and ASCII needs none.
    """
    return re.compile(
        "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    )


_ASCII_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r") | {0x7F})

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(content: bytes, file: str) -> str | Diagnostic:
    """Return the text of a file, or the reason why it can't be decoded.

    Returns:
        The text without the byte order mark that some editors write.
    """
    wide = _wide_encoding(content)
    if wide:
        return Diagnostic(
            code="encoding",
            summary=f"the file is {wide}, not UTF-8",
            span=Span(file, 1, 1),
            hint='save it with the encoding "UTF-8" in your editor',
        )
    content = content.removeprefix(codecs.BOM_UTF8)
    if b"\0" in content:
        return _binary(content, file)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return _wrong_byte(content, error.start, file)
    return _unseen_character(text, content, file) or text


def _wide_encoding(content: bytes) -> str:
    for mark, name in _WIDE_MARKS:
        if content.startswith(mark):
            return name
    if len(content) % 2 == 0 and (_every_second_is_zero(content[:64])):
        return "UTF-16"
    return ""


def _every_second_is_zero(start: bytes) -> bool:
    """Recognise UTF-16 without its mark: plain English text has a zero in each character."""
    return len(start) >= 4 and (not any(start[::2]) or not any(start[1::2]))


def _binary(content: bytes, file: str) -> Diagnostic:
    before = content[: content.index(b"\0")].decode(errors="replace")
    return Diagnostic(
        code="encoding",
        summary="the file is binary, not YAML text",
        span=span_at(file, before, len(before)),
        hint="rename it to another ending, or move it out of the project",
    )


def _wrong_byte(content: bytes, start: int, file: str) -> Diagnostic:
    before = content[:start].decode()
    return Diagnostic(
        code="encoding",
        summary=f"the byte 0x{content[start]:02X} is not UTF-8",
        span=span_at(file, before, len(before)),
        hint='the file seems to be in an older encoding; save it as "UTF-8" in your editor',
    )


def _unseen_character(text: str, content: bytes, file: str) -> Diagnostic | None:
    if text.isascii() and len(content.translate(None, _ASCII_CONTROLS)) == len(content):
        return None
    match = _unseen().search(text)
    if match is None:
        return None
    return Diagnostic(
        code="invisible-character",
        summary=f"the invisible character U+{ord(match.group()):04X} is not allowed in YAML",
        span=span_at(file, text, match.start()),
        hint="delete it; it usually comes from text copied out of another program",
    )


_HALF = r"(?<=\\u)[dD](?=[89a-fA-F][0-9a-fA-F]{2})"
_STAND_IN = r"(?<=\\u)[eE](?=[89a-fA-F][0-9a-fA-F]{2})"
_PRIVATE = "[\ue800-\uefff]"
_PAIR = "([\ue800-\uebff])([\uec00-\uefff])"

_FIRST, _SECOND = 0xE800, 0xEC00
"""The private-use characters that replace the lowest first and second half."""


def disguised(text: str) -> str | None:
    """Return a text with escapes of private-use characters instead of escapes of halves.

    Returns:
        The text, or None if it has no halves, or has private-use characters of its own.
    """
    if (
        "\\u" not in text
        or not re.search(_HALF, text)
        or re.search(_STAND_IN, text)
        or re.search(_PRIVATE, text)
    ):
        return None
    return re.sub(_HALF, lambda match: chr(ord(match.group()) + 1), text)


def restored(next_event: Callable[[], Any], text: str, problems: Problems) -> Callable[[], Any]:
    """Return a function that returns the events of a disguised text with joined halves."""

    def event() -> Any:
        event = next_event()
        if event.__class__ is ScalarEvent:
            event.value = _joined(event, text, problems)
        return event

    return event


def _joined(event: ScalarEvent, text: str, problems: Problems) -> str:
    value = re.sub(_PAIR, lambda pair: _character(*map(ord, pair.groups())), event.value)
    if lone := re.search(_PRIVATE, value):
        escape = f"\\u{ord(lone.group()):04x}"
        find = partial(_position, escape, text, event)
        problems.lone_surrogate(re.sub(_STAND_IN, "d", escape), text, find)
        value = re.sub(_PRIVATE, "\ufffd", value)
    # Outside double quotes a backslash is no escape, so the original text is restored.
    return re.sub(_STAND_IN, lambda match: chr(ord(match.group()) - 1), value)


def _position(escape: str, text: str, event: ScalarEvent) -> int:
    mark: Any = event.start_mark
    start: int = mark.index
    match = re.compile(re.escape(escape), re.IGNORECASE).search(text, start)
    return match.start() if match else start


def _character(high: int, low: int) -> str:
    return chr(0x10000 + ((high - _FIRST) << 10) + (low - _SECOND))
