"""Builds checks of decoded JSON: which values a row must have, and of which type.

A row is checked once, when its list is read, and all other code relies on that check. The checks of
LiveAgent's rows are in `provisioner.liveagent.rows.row_shapes`.
"""

import json
from collections.abc import Callable
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.redaction import shown

Row = dict[str, Any]
"""A row of a list."""

RowCheck = Callable[[Any, str], Any]
"""Checks a value at a path such as `plans[0].department_id`, and returns its one form.

Raises `OddValueError` for a value that it does not accept. Ids and numbers have several forms in
JSON (D: ids of devices are floats; C: numbers as texts), and each is replaced by one form.
"""

MISSING = object()
"""The value that stands for a missing key."""

_SHOWN_LENGTH = 40


class OddValueError(ValueError):
    """A value is not one that the API sends.

    Attributes:
        path: the path of the value in its row; "" for the row itself.
        problem: completes a sentence about the value.
    """

    def __init__(self, path: str, value: object, expected: str) -> None:
        self.path = path
        self.problem = f"is {described(value)}; {expected} is expected"
        super().__init__(f"{path or 'it'} {self.problem}")


def plain(
    expected: str, accepts: Callable[[Any], bool], form: Callable[[Any], Any] = lambda value: value
) -> RowCheck:
    """Return the check of a single value."""

    def check(value: Any, path: str) -> Any:
        if not accepts(value):
            raise OddValueError(path, value, expected)
        return form(value)

    return check


def one_of(*words: str) -> RowCheck:
    """Return the check of a text that is one of some words."""
    return plain(
        f"one of {', '.join(words)}", lambda value: isinstance(value, str | None) and value in words
    )


def optional(inner: RowCheck) -> RowCheck:
    """Return the check of a value that may be null or missing (D: most fields of the models)."""

    def check(value: Any, path: str) -> Any:
        return value if value is None or value is MISSING else inner(value, path)

    return check


def or_empty(inner: RowCheck) -> RowCheck:
    """Return the check of a list that may be null or missing, and is empty then."""

    def check(value: Any, path: str) -> Any:
        return [] if value is None or value is MISSING else inner(value, path)

    return check


def record(**fields: RowCheck) -> RowCheck:
    """Return the check of an object's fields; further fields are accepted unchecked.

    The check replaces the fields of the object by their one form.
    """
    is_object = plain("an object", lambda value: isinstance(value, dict))

    def check(value: Any, path: str) -> Any:
        is_object(value, path)
        for name, field in fields.items():
            part = field(value.get(name, MISSING), f"{path}.{name}" if path else name)
            if part is not MISSING:
                value[name] = part
        return value

    return check


def listed(entry: RowCheck) -> RowCheck:
    """Return the check of a list and its entries; see `record`."""
    is_list = plain("a list", lambda value: isinstance(value, list))

    def check(value: Any, path: str) -> Any:
        is_list(value, path)
        value[:] = [entry(one, f"{path}[{index}]") for index, one in enumerate(value)]
        return value

    return check


def mapped(entry: RowCheck) -> RowCheck:
    """Return the check of an object with any names as keys, and of its values; see `record`.

    An empty list is an empty object: PHP writes both as `[]` (I).
    """
    is_object = record()

    def check(value: Any, path: str) -> Any:
        if value == []:
            return {}
        is_object(value, path)
        return {
            name: entry(one, f"{path}.{shown(name, _SHOWN_LENGTH)}") for name, one in value.items()
        }

    return check


def checked(call: str, value: Any, check: RowCheck) -> Any:
    """Check the content of an answer that is not a list, and return its one form.

    `call` is method and path, for the message.

    Raises:
        TargetError: a value is unexpected.
    """
    try:
        return check(value, "")
    except OddValueError as error:
        raise unexpected(call, error) from error


def unexpected(call: str, error: ValueError, row: object = None) -> TargetError:
    """Return the error to raise for a row with an unexpected value.

    `call` is method and path of the list. `row` is None for an object that is not in a list.
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


def described(value: object) -> str:
    """Return a value of a row for a message."""
    if value is MISSING:
        return "missing"
    if isinstance(value, str):
        return f'"{shown(value, _SHOWN_LENGTH)}"'
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value)[:_SHOWN_LENGTH]  # null, true, false or a number
