"""Translates fields between the YAML and LiveAgent's rows, with one `Codec` for each field.

The table of codecs is in `provisioner.liveagent.rows.codecs`. Most fields of the documented models
are optional (D): a missing one, and null, have the documented default, or an unknown value. A field
with an unknown value is omitted and reported.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.liveagent.rows.row_checks import described
from provisioner.model.fields import FieldPath

Row = Mapping[str, Any]

_MISSING = object()

UNKNOWN = object()
"""The value of a field that a row leaves out, if no document states a default."""


@dataclass(frozen=True, slots=True)
class Form:
    """Translates one type of value between the YAML and a row.

    Attributes:
        read: returns the YAML's value for a row's value; raises ValueError, TypeError or
            LookupError for a value that is not documented.
        write: returns the row's value for the YAML's value.
        expected: the type of the row's value, for messages.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    expected: str = "a letter"


@dataclass(frozen=True, slots=True)
class Codec:
    """Maps a field of the YAML to a field of a row.

    Attributes:
        path: its keys in the YAML.
        keys: its keys in the row.
        form: translates its value.
        writable: returns whether a value of the YAML is sent.
        unset: the YAML's value of null and of a missing key, or `UNKNOWN`.
        is_default: whether `unset` is a documented default, and not the meaning of null.
    """

    path: FieldPath
    keys: tuple[str, ...]
    form: Form
    writable: Callable[[Any], bool] = lambda _: True
    unset: Any = UNKNOWN
    is_default: bool = False


Report = Callable[[Codec, str, bool], None]
"""Takes a field with an unknown value: the codec, the problem, and whether it is only left out."""


def field(path: str, form: Form, key: str = "", **more: Any) -> Codec:
    """Return a codec; in `path` and `key` dots separate keys, and `key` is `path` by default."""
    return Codec(tuple(path.split(".")), tuple((key or path).split(".")), form, **more)


def letters(words: Mapping[str, Any]) -> Form:
    """Return the form of a value that a row holds as a letter."""
    by_word = {word: letter for letter, word in words.items()}
    return Form(words.__getitem__, by_word.__getitem__, f"one of {', '.join(words)}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise TypeError
    return int(value)  # the API may send numbers as strings (C)


def _mapping(value: Any) -> dict[str, Any]:
    texts = {name: text for name, text in dict(value).items() if text is not None}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError
    return texts


TEXT = Form(_text, str, "a text")
TEXT_OR_NULL = Form(_text, lambda value: value or None, "a text")
"""A text; an empty one is sent as null."""

NUMBER = Form(_number, int, "a whole number")
MAPPING = Form(_mapping, dict, "an object")
YES_NO = letters({"Y": True, "N": False})


def without_defaults(codecs: Iterable[Codec]) -> tuple[Codec, ...]:
    """Return codecs for an account that never sends optional fields.

    There a missing field may have any value, and not the documented default.
    """
    return tuple(replace(one, unset=UNKNOWN) if one.is_default else one for one in codecs)


def read(row: Row, codecs: Iterable[Codec], report: Report = lambda *_: None) -> dict[str, Any]:
    """Return the fields of a row in the YAML's words, without those with an unknown value."""
    fields: dict[str, Any] = {}
    for codec in codecs:
        value = _at(row, codec.keys)
        if value is _MISSING or value is None:
            word = codec.unset
            if word is UNKNOWN:
                report(codec, "is missing" if value is _MISSING else "is null", True)
                continue
        else:
            try:
                word = codec.form.read(value)
            except (LookupError, TypeError, ValueError, OverflowError):
                report(codec, f"is {described(value)}; {codec.form.expected} is expected", False)
                continue
        _put(fields, codec.path, word)
    return fields


def write(
    values: Mapping[str, Any], codecs: Iterable[Codec], before: Row | None = None
) -> dict[str, Any]:
    """Return the fields of a row for values of the YAML; a PUT keeps omitted fields.

    A key of `before` that a mapping loses is sent as null.
    """
    row: dict[str, Any] = {}
    for codec in codecs:
        value = _at(values, codec.path)
        if value is not _MISSING and codec.writable(value):
            written = codec.form.write(value)
            if codec.form is MAPPING and isinstance(known := _at(before, codec.keys), Mapping):
                written = {**dict.fromkeys(known), **written}
            _put(row, codec.keys, written)
    return row


def _at(mapping: Any, keys: Iterable[str]) -> Any:
    for key in keys:
        if not isinstance(mapping, Mapping) or key not in mapping:
            return _MISSING
        mapping = mapping[key]
    return mapping


def _put(mapping: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    *parents, last = keys
    for key in parents:
        mapping = mapping.setdefault(key, {})
    mapping[last] = value
