r"""Support for surrogate pairs: the escapes of JSON for characters beyond U+FFFF.

JSON writes an emoji as `"\ud83d\ude00"`. YAML parsers refuse each half. The halves are replaced
by escapes of private-use characters of the same length, which keeps all positions, and are joined
after parsing.
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
"""The private-use characters that replace the lowest first and second half."""


def disguised(text: str) -> str | None:
    """Return a text with escapes of private-use characters instead of escapes of halves.

    Returns:
        The text, or None if it has no halves, or has private-use characters of its own.
    """
    if not _HALF.search(text) or _STAND_IN.search(text) or _PRIVATE.search(text):
        return None
    return _HALF.sub(lambda match: chr(ord(match.group()) + 1), text)


def restored(next_event: Callable[[], Any], text: str, problems: Problems) -> Callable[[], Any]:
    """Return a function that returns the events of a disguised text with joined halves.

    Args:
        next_event: returns the events of the disguised text.
        text: the disguised text.
        problems: collects halves without the other half.
    """

    def event() -> Any:
        event = next_event()
        if event.__class__ is ScalarEvent:
            event.value = _joined(event, text, problems)
        return event

    return event


def _joined(event: ScalarEvent, text: str, problems: Problems) -> str:
    value = _PAIR.sub(lambda pair: _character(*map(ord, pair.groups())), event.value)
    if lone := _PRIVATE.search(value):
        escape = f"\\u{ord(lone.group()):04x}"
        find = partial(_position, escape, text, event)
        problems.lone_surrogate(_STAND_IN.sub("d", escape), text, find)
        value = _PRIVATE.sub("\ufffd", value)
    # Outside double quotes a backslash is no escape, so the original text is restored.
    return _STAND_IN.sub(lambda match: chr(ord(match.group()) - 1), value)


def _position(escape: str, text: str, event: ScalarEvent) -> int:
    mark: Any = event.start_mark
    start: int = mark.index
    match = re.compile(re.escape(escape), re.IGNORECASE).search(text, start)
    return match.start() if match else start


def _character(high: int, low: int) -> str:
    return chr(0x10000 + ((high - _FIRST) << 10) + (low - _SECOND))
