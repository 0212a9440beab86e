r"""Escapes of JSON that YAML does not have: a character beyond U+FFFF as two halves.

JSON writes an emoji as `"\ud83d\ude00"`. Parsers of YAML refuse each half. So they are given
escapes of private-use characters of the same length, which keeps all places, and the halves are
joined afterwards.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from yaml.events import ScalarEvent

from provisioner.documents.yaml.problems import Problems

_HALF = re.compile(r"(?<=\\u)[dD](?=[89a-fA-F][0-9a-fA-F]{2})")
_STAND_IN = re.compile(r"(?<=\\u)[eE](?=[89a-fA-F][0-9a-fA-F]{2})")
_PRIVATE = re.compile("[\ue800-\uefff]")
_PAIR = re.compile("([\ue800-\uebff])([\uec00-\uefff])")

_FIRST, _SECOND = 0xE800, 0xEC00
"""The private-use characters that stand for the lowest first and second half."""


def disguised(text: str) -> str | None:
    """Return text with escapes of halves as escapes of private-use characters.

    Returns:
        The text, or None where it has no halves, or has private-use characters of its own.
    """
    if not _HALF.search(text) or _STAND_IN.search(text) or _PRIVATE.search(text):
        return None
    return _HALF.sub(lambda found: chr(ord(found.group()) + 1), text)


def restored(next_event: Callable[[], Any], text: str, problems: Problems) -> Callable[[], Any]:
    """Return a function that gives the events of disguised text with halves joined.

    Args:
        next_event: gives the events of the text.
        text: what the parser reads.
        problems: takes halves without the other half.
    """

    def event() -> Any:
        found = next_event()
        if found.__class__ is ScalarEvent:
            found.value = _joined(found, text, problems)
        return found

    return event


def _joined(event: ScalarEvent, text: str, problems: Problems) -> str:
    value = _PAIR.sub(lambda pair: _character(*map(ord, pair.groups())), event.value)
    if lone := _PRIVATE.search(value):
        escape = f"\\u{ord(lone.group()):04x}"
        find = partial(_position, escape, text, event)
        problems.lone_surrogate(_STAND_IN.sub("d", escape), text, find)
        value = _PRIVATE.sub("\ufffd", value)
    # Outside of double quotes a backslash begins no escape: the text stays what was written.
    return _STAND_IN.sub(lambda found: chr(ord(found.group()) - 1), value)


def _position(escape: str, text: str, event: ScalarEvent) -> int:
    mark: Any = event.start_mark
    start: int = mark.index
    found = re.compile(re.escape(escape), re.IGNORECASE).search(text, start)
    return found.start() if found else start


def _character(high: int, low: int) -> str:
    return chr(0x10000 + ((high - _FIRST) << 10) + (low - _SECOND))
