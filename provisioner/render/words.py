"""Values in words, and text from outside made harmless for a terminal."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories that can move the cursor, hide text or turn its direction."""


def harmless(text: str) -> str:
    """Return text with every control and formatting character spelt out by its code."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in _HARMFUL else char for char in text
    )


def value(content: Any) -> str:
    """Return a field's value as people read it."""
    match content:
        case bool():
            return "yes" if content else "no"
        case str():
            return harmless(content)
        case Mapping() if content:
            return ", ".join(f"{harmless(str(key))} {value(part)}" for key, part in content.items())
        case Sequence() if content:
            return ", ".join(value(part) for part in content)
        case int() | float():
            return str(content)
        case _:
            return "(none)"


def membership(name: str, entry: Mapping[str, Any]) -> str:
    """Return a department with the services that may come from it: `Support (tickets, chats)`."""
    services = ", ".join(service for service, allowed in entry.items() if allowed)
    return f"{harmless(name)} ({services})" if services else harmless(name)


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 agent`, `2 agents`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: int) -> str:
    """Return a time in words: `40 s`, `2 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
