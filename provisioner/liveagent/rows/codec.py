"""Translates fields between the YAML and LiveAgent's rows, with one `Codec` for each field.

The table of codecs is in `provisioner.liveagent.rows.codecs`. A field that a row does not have is
omitted: most fields of the documented models are optional (D).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.liveagent.rows.row_checks import OddValueError
from provisioner.model.fields import FieldPath

Row = Mapping[str, Any]

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Form:
    """Translates one type of value between the YAML and a row.

    Attributes:
        read: returns the YAML's value for a row's value; raises ValueError or TypeError for a
            value of another type, and LookupError for a letter that is not documented.
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
    """

    path: FieldPath
    keys: tuple[str, ...]
    form: Form
    writable: Callable[[Any], bool] = lambda _: True


def field(path: str, form: Form, key: str = "", **more: Any) -> Codec:
    """Return a codec; in `path` and `key` dots separate keys, and `key` is `path` by default."""
    return Codec(tuple(path.split(".")), tuple((key or path).split(".")), form, **more)


def letters(words: Mapping[str, Any]) -> Form:
    """Return the form of a value that a row holds as a letter."""
    by_word = {word: letter for letter, word in words.items()}
    return Form(words.__getitem__, by_word.__getitem__)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    return int(value)  # the API may send numbers as strings (C)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value or {})


TEXT = Form(_text, str, "a text")
"""A text; null is read as an empty one."""

TEXT_OR_NULL = Form(_text, lambda value: value or None, "a text")
"""A text; an empty one is sent as null."""

NUMBER = Form(_number, int, "a whole number")
MAPPING = Form(_mapping, dict, "an object")
YES_NO = letters({"Y": True, "N": False})


def read(row: Row, codecs: Iterable[Codec]) -> dict[str, Any]:
    """Return the fields that a row has, in the YAML's words.

    Raises:
        OddValueError: a value has another type than documented.
    """
    fields: dict[str, Any] = {}
    for codec in codecs:
        value = _at(row, codec.keys)
        if value is _MISSING:
            continue
        try:
            word = codec.form.read(value)
        except LookupError:
            continue
        except (TypeError, ValueError) as error:
            path = ".".join(codec.keys)
            raise OddValueError(path, value, codec.form.expected) from error
        _put(fields, codec.path, word)
    return fields


def write(
    values: Mapping[str, Any], codecs: Iterable[Codec], before: Row | None = None
) -> dict[str, Any]:
    """Return the fields of a row for values of the YAML; a PUT keeps omitted fields.

    Args:
        values: the values to write.
        codecs: the codecs of the row.
        before: the current row; a key that a mapping loses is sent as null.
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
