"""Checks of decoded JSON: which parts a row must have, and of which type.

A row is checked once, where its list is read, and everything behind that relies on it. The checks
are in `provisioner.liveagent.rows.row_shapes`.
"""

import json
from collections.abc import Callable
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.liveagent.http.answers import shown

Part = Callable[[Any, str], None]
"""Checks a value at a path such as `departments_statuses[0].departmentid`.

Raises `OddValueError` for a value that it does not accept.
"""

MISSING = object()
"""Stands for the value of a key that is not there."""

_SHOWN_LENGTH = 40


class OddValueError(ValueError):
    """A value is not one that the API sends.

    Attributes:
        path: where it is in its row; "" for the row itself.
    """

    def __init__(self, path: str, value: object, expected: str) -> None:
        super().__init__(f"{path or 'it'} is {_described(value)}; {expected} is expected")
        self.path = path


def plain(expected: str, fits: Callable[[Any], bool]) -> Part:
    """Return the check of a value without parts.

    Args:
        expected: what is expected, in words.
        fits: whether a value is that.
    """

    def check(value: Any, path: str) -> None:
        if not fits(value):
            raise OddValueError(path, value, expected)

    return check


def one_of(*words: str) -> Part:
    """Return the check of a text that is one of some words."""
    return plain(
        f"one of {', '.join(words)}", lambda value: isinstance(value, str | None) and value in words
    )


def optional(part: Part) -> Part:
    """Return the check of a part that may be null or missing (D: most fields of the models)."""

    def check(value: Any, path: str) -> None:
        if value is not None and value is not MISSING:
            part(value, path)

    return check


def record(**parts: Part) -> Part:
    """Return the check of an object with parts; it may have others, too."""
    is_object = plain("an object", lambda value: isinstance(value, dict))

    def check(value: Any, path: str) -> None:
        is_object(value, path)
        for name, part in parts.items():
            part(value.get(name, MISSING), f"{path}.{name}" if path else name)

    return check


def listed(part: Part) -> Part:
    """Return the check of a list."""
    is_list = plain("a list", lambda value: isinstance(value, list))

    def check(value: Any, path: str) -> None:
        is_list(value, path)
        for index, entry in enumerate(value):
            part(entry, f"{path}[{index}]")

    return check


def mapped(part: Part) -> Part:
    """Return the check of an object whose keys are names."""
    is_object = record()

    def check(value: Any, path: str) -> None:
        is_object(value, path)
        for name, entry in value.items():
            part(entry, f"{path}.{shown(name, _SHOWN_LENGTH)}")

    return check


def checked(call: str, value: Any, part: Part) -> Any:
    """Return the content of an answer that is no list, checked.

    Raises:
        TargetError: it is odd.
    """
    try:
        part(value, "")
    except OddValueError as error:
        raise unexpected(call, error) from error
    return value


def unexpected(call: str, error: ValueError, row: object = None) -> TargetError:
    """Return the error to raise for a row with an odd value.

    Args:
        call: method and path of the list.
        error: what is wrong.
        row: the identity of the row; None for an object that is no row of a list.
    """
    label = "" if row is None else f', row "{shown(str(row), _SHOWN_LENGTH)}"'
    return TargetError(
        Diagnostic(
            code="unexpected-answer",
            summary=f"{call}{label}: {error}",
            hint="look at the object in the panel; if it is right there, send this message to "
            "LiveAgent's support",
        )
    )


def _described(value: object) -> str:
    if value is MISSING:
        return "missing"
    if isinstance(value, str):
        return f'"{shown(value, _SHOWN_LENGTH)}"'
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value)[:_SHOWN_LENGTH]  # null, true, false or a number
