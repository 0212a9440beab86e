"""Values of plain scalars: only the scalars of JSON are special, all others are text.

The country `NO`, the switch `on`, the time `22:30`, the number `012` and the date `2026-11-22`
are texts.
"""

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

SPECIAL_STARTS = frozenset(["", *"-0123456789tfn~"])
"""The first characters of all plain scalars that may have a type other than text."""

MAX_DIGITS = 18  # any such integer fits in 64 bits, as the account's database and JSON readers need

_WORDS: dict[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CORE = "tag:yaml.org,2002:"


class ScalarError(Exception):
    """A scalar is invalid.

    Attributes:
        code: the code of the diagnostic.
        summary: the problem.
        hint: what to do.
    """

    def __init__(self, code: str, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.hint = hint


def plain(text: str) -> Scalar:
    """Return the value of a scalar without quotes and tag.

    Raises:
        ScalarError: a number is too large.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NUMBER.fullmatch(text):
        return _float(text)
    return text


def tagged(tag: str, text: str) -> Scalar:
    """Return the value of a scalar with a tag.

    Raises:
        ScalarError: the tag is unknown, or does not fit the text.
    """
    match tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag:
        case "str":
            return text
        case "int" if _INTEGER.fullmatch(text):
            return _integer(text)
        case "float" if _NUMBER.fullmatch(text):
            return _float(text)
        case "bool" if text in {"true", "false"}:
            return _WORDS[text]
        case "null" if _WORDS.get(text, text) is None:
            return None
        case "int" | "float" | "bool" | "null" as name:
            raise ScalarError(
                "wrong-type", f'the text does not fit its tag "!!{name}"', "remove the tag"
            )
    raise unknown_tag(tag)


def unknown_tag(tag: str) -> ScalarError:
    """Return the error for a tag that is not in YAML's core schema or does not fit its value."""
    name = tag.replace(_CORE, "!!", 1)
    return ScalarError(
        "yaml-unknown-tag",
        f'the tag "{name}" can\'t be used here',
        'remove it; text that starts with "!" needs quotes',
    )


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ScalarError(
            "yaml-number",
            f"the number has more than {MAX_DIGITS} digits",
            "put it in quotes if it is text, such as a phone number",
        )
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ScalarError(
            "yaml-number", "the number is too large", "put it in quotes if it is text"
        )
    return number
