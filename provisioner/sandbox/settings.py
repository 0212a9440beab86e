"""Reads options of the command line into frozen dataclasses, and lists their fields with help."""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from provisioner.sandbox.errors import SandboxError

T = TypeVar("T")

_ON_OFF = {"on": True, "off": False}


class Setting(NamedTuple):
    """One field in words, for help texts and documents."""

    name: str
    values: str
    default: str
    help: str
    source: str


def setting(default: T, text: str, source: str = "") -> T:
    """Declare a field."""
    field: T = dataclasses.field(default=default, metadata={"help": text, "source": source})
    return field


def settings(kind: type) -> Iterator[Setting]:
    """Yield the fields of a dataclass in the order of their declaration."""
    for field in dataclasses.fields(kind):
        hint = get_type_hints(kind)[field.name]
        words = _words(hint)
        default = next((word for word, value in words.items() if value == field.default), "")
        values = " or ".join(words) or ("a text" if hint is str else "a number")
        yield Setting(
            field.name,
            values,
            default or str(field.default),
            field.metadata["help"],
            field.metadata["source"],
        )


def read(kind: type, words: Iterable[str], noun: str) -> dict[str, Any]:
    """Return the arguments of a dataclass from words such as `NAME=VALUE`.

    `noun` is the word for a field in messages, such as `switch`.

    Raises:
        SandboxError: a name or a value is unknown, and the message lists the allowed ones; or a
            name is given twice.
    """
    kinds = get_type_hints(kind)
    chosen: dict[str, Any] = {}
    for word in words:
        name, _, text = word.partition("=")
        if name not in kinds:
            near = difflib.get_close_matches(name, kinds, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise SandboxError(f"The sandbox has no {noun} {name!r}.{hint}")
        if name in chosen:
            raise SandboxError(f"{noun.capitalize()} {name!r} is given twice.")
        chosen[name] = _value(f"{noun.capitalize()} {name!r}", kinds[name], text)
    return chosen


def _value(what: str, kind: object, text: str) -> object:
    words = _words(kind)
    if words and text not in words:
        raise SandboxError(f"{what} must be {' or '.join(words)}, not {text!r}.")
    if words:
        return words[text]
    if kind is str:
        return text
    if kind is int and text.isascii() and text.isdigit():
        return int(text)
    if kind is float and re.fullmatch(r"[0-9]*\.?[0-9]+", text):
        return float(text)
    number = "whole number" if kind is int else "number"
    raise SandboxError(f"{what} must be a {number}, not {text!r}.")


def _words(kind: object) -> dict[str, object]:
    """Return word to value for the words that a type allows; empty if it allows any."""
    return dict(_ON_OFF) if kind is bool else {str(value): value for value in get_args(kind)}
