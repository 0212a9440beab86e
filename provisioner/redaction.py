"""Redaction of API keys in every text that is printed or recorded.

A key must stay hidden even where a server echoes it, or where somebody pasted it into the project
instead of the name of a variable. Texts are redacted when a `Diagnostic` is made, when a value of
the account is decoded, and when output, a record or a file is written.

This module imports nothing of the project, so that every layer can use it.
"""

import base64
import html
import json
import re
from urllib.parse import quote

MASK = "(API key)"
"""The replacement of a key. It has no characters that JSON, HTML or Markdown escape."""

SHORTEST_KEY = 8
"""Minimum length of a redacted key: no real key is shorter, and a short text is too common."""

SHOWN_OF_KEY = 4
"""Number of leading characters that stay visible of a text that looks like a key."""

REASON_LENGTH = 300
"""Characters of the account's own text that a message shows."""

_forms: set[str] = set()
"""All spellings of the keys that this process uses."""

_WORD = r"[A-Za-z0-9_-]{16,}"
_NAME = r"[A-Z]+[0-9]{0,2}(_[A-Z]+[0-9]{0,2})+"
"""The name of an environment variable made of words."""

DIGITS_OF_KEY = 3
"""A word of at least 16 characters with this many digits looks like a key."""


def spellings(key: str) -> set[str]:
    """Return a key as plain text and as encoded in URLs, JSON, HTML and Base64."""
    return {
        key,
        quote(key, safe=""),
        json.dumps(key)[1:-1],
        html.escape(key),
        base64.b64encode(key.encode()).decode(),
    }


def hide(key: str) -> None:
    """Redact a key in all later output, in every spelling."""
    if len(key) < SHORTEST_KEY:
        return
    _forms.update(spellings(key))


def redact(text: str) -> str:
    """Return a text with `MASK` in place of each hidden key."""
    # The longest first: a spelling may contain a shorter one.
    for form in sorted(_forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def cut_keys(text: str) -> str:
    """Return a text in which every word that looks like a key is shortened.

    For a user's text that names the source of a key: it may be the key itself.
    """
    return re.sub(
        _WORD, lambda match: match[0] if _is_name(match[0]) else shortened(match[0]), text
    )


def shortened(text: str) -> str:
    """Return the first characters of a possible key."""
    return text[:SHOWN_OF_KEY] + "…"


def _is_name(word: str) -> bool:
    digits = sum(char.isdigit() for char in word)
    return digits < DIGITS_OF_KEY or re.fullmatch(_NAME, word) is not None


def shown(text: str, length: int = REASON_LENGTH) -> str:
    """Return text of an account for use in a message: one short line without keys."""
    line = " ".join(redact(text).split())
    line = line if len(line) <= length else line[: length - 1] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in line)
