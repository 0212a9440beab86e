"""Shapes of JSON data: checks of files that the tool has written itself, before it uses them.

A shape is a function that raises `ShapeError` for data of another form. Code that gets checked data
needs no checks of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any

Shape = Callable[[Any], None]

LARGEST = 2**53
"""The largest number that every reader of JSON represents exactly."""

DEEPEST = 12
"""Maximum number of levels of a value of any shape."""

_LONGEST_QUOTE = 40
"""Maximum number of characters of a wrong value in a message."""


class ShapeError(ValueError):
    """Data of a wrong shape.

    Attributes:
        problem: the problem without its position.
        path: the keys and indexes of the wrong value, outer ones first.
    """

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def inside(self, *path: str | int) -> "ShapeError":
        """Return the error for the value that holds the wrong one at a path."""
        return ShapeError(self.problem, (*path, *self.path))

    def __str__(self) -> str:
        """Return path and problem, such as `resource_changes[3].change: it is missing`."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        place = "".join(steps).removeprefix(".")
        return f"{place}: {self.problem}" if place else self.problem


@contextmanager
def within(*path: str | int) -> Iterator[None]:
    """Prefix the path of errors raised in this context."""
    try:
        yield
    except ShapeError as error:
        raise error.inside(*path) from None


def text(data: Any) -> None:
    """Accept any text."""
    if not isinstance(data, str):
        raise _unfit("a text", data)


def flag(data: Any) -> None:
    """Accept true and false."""
    if not isinstance(data, bool):
        raise _unfit("true or false", data)


_FITTING: dict[Shape, type] = {text: str, flag: bool}
"""The class of which a shape accepts every value: such a value needs no call of the shape."""


def pattern(expression: str, name: str) -> Shape:
    """Return the shape of a text that matches a regular expression completely."""
    # Compiled when the first text is checked, because a start checks none.
    fullmatch = cache(lambda: re.compile(expression, re.ASCII | re.DOTALL).fullmatch)

    def check(data: Any) -> None:
        if not isinstance(data, str) or fullmatch()(data) is None:
            raise _unfit(name, data)

    return check


def number(least: int = 0, most: int = LARGEST) -> Shape:
    """Return the shape of a whole number within bounds."""

    def check(data: Any) -> None:
        is_number = isinstance(data, int) and not isinstance(data, bool)
        _need(is_number and least <= data <= most, f"a number from {least} to {most}", data)

    return check


def one_of(words: type[StrEnum] | tuple[str, ...]) -> Shape:
    """Return the shape of a text that is one of a few words."""
    known = tuple(map(str, words))

    def check(data: Any) -> None:
        _need(isinstance(data, str) and data in known, f"one of {', '.join(known)}", data)

    return check


def optional(shape: Shape) -> Shape:
    """Return the shape of null, or of data with a shape."""

    def check(data: Any) -> None:
        if data is not None:
            shape(data)

    if shape in _FITTING:
        _FITTING[check] = _FITTING[shape]
    return check


def sequence(shape: Shape, length: int | None = None) -> Shape:
    """Return the shape of a list with items of one shape; `length` is their exact number."""

    def check(data: Any) -> None:
        _need(isinstance(data, list), "a list", data)
        if length is not None and len(data) != length:
            raise ShapeError(f"expected {length} items, not {len(data)}")
        index = 0
        try:
            for index, item in enumerate(data):  # noqa: B007  the index of the wrong item
                shape(item)
        except ShapeError as error:
            raise error.inside(index) from None

    return check


def mapping(shape: Shape, key: Shape = text) -> Shape:
    """Return the shape of a mapping with any keys of one shape, and values of one shape."""
    key_class, item_class = _FITTING.get(key), _FITTING.get(shape)

    def check(data: Any) -> None:
        _need(isinstance(data, dict), "a mapping", data)
        for name in data:
            if name.__class__ is not key_class:
                key(name)
        step = ""
        try:
            for step, item in data.items():  # noqa: B007  the key of the wrong item
                if item.__class__ is not item_class:
                    shape(item)
        except ShapeError as error:
            raise error.inside(step) from None

    return check


def record(
    required: Mapping[str, Shape],
    more: Mapping[str, Shape] | None = None,
    *,
    closed: bool = False,
) -> Shape:
    """Return the shape of a mapping with known keys.

    Args:
        required: the required keys.
        more: the optional keys.
        closed: whether other keys are refused; otherwise a later version may have added them.
    """
    known = {**required, **(more or {})}
    unknown = _refuse_key if closed else None
    classes = {name: _FITTING[shape] for name, shape in known.items() if shape in _FITTING}

    def check(data: Any) -> None:
        _need(isinstance(data, dict), "a mapping", data)
        for name in required:
            if name not in data:
                raise ShapeError("it is missing", (name,))
        name = ""
        try:
            for name, item in data.items():
                if item.__class__ is classes.get(name):
                    continue
                if (shape := known.get(name, unknown)) is not None:
                    shape(item)
        except ShapeError as error:
            raise error.inside(name) from None

    return check


def _refuse_key(_data: Any) -> None:
    raise ShapeError("this key is unknown")


def anything(data: Any) -> None:
    """Accept any JSON value with a few levels and finite numbers."""
    _check_value(data, DEEPEST)


def _check_value(data: Any, levels: int) -> None:
    match data:
        case dict() | list() if levels == 0:
            raise ShapeError("it is nested too deeply")
        case dict():
            for key, item in data.items():
                _inside(lambda part: _check_value(part, levels - 1), item, key)
        case list():
            for index, item in enumerate(data):
                _inside(lambda part: _check_value(part, levels - 1), item, index)
        case bool() | str() | None:
            pass
        case _:
            _need(_is_small(data), "a smaller number", data)


def _inside(shape: Shape, data: Any, step: str | int) -> None:
    try:
        shape(data)
    except ShapeError as error:
        raise error.inside(step) from None


def _need(fits: bool, wanted: str, data: Any) -> None:
    if not fits:
        raise _unfit(wanted, data)


def _unfit(wanted: str, data: Any) -> ShapeError:
    return ShapeError(f"expected {wanted}, not {_shown(data)}")


def _is_small(data: float) -> bool:
    """Return whether every reader of JSON represents a number exactly; False for NaN."""
    return -LARGEST <= data <= LARGEST


def _shown(data: Any) -> str:
    match data:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "null"
        case bool():
            return str(data).lower()
        case int() | float() if not _is_small(data):
            return "a number"
        case _:
            shown = str(data)
            cut = shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + "…"
            return f'"{cut}"' if isinstance(data, str) else cut
