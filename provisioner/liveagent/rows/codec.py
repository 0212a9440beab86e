"""Translates fields between the YAML and LiveAgent's rows, by one `Codec` for each field.

The tables are in `provisioner.liveagent.rows.codecs`. Reading leaves out what a row does not
show: most fields of the documented models are optional (D).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.liveagent.rows.row_parts import OddValueError
from provisioner.model.fields import FieldPath

Row = Mapping[str, Any]

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written in a row.

    Attributes:
        read: returns the YAML's value of a row's; raises ValueError or TypeError for what it
            can't read, and LookupError for a letter that no document lists.
        write: returns the row's value of the YAML's.
        expected: what a row holds, in words.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    expected: str = "a letter"


@dataclass(frozen=True, slots=True)
class Codec:
    """Where a field stands in the YAML and in a row.

    Attributes:
        path: its keys in the YAML.
        keys: its keys in the row.
        form: how its value is written in the row.
        writable: whether a value of the YAML can be sent.
    """

    path: FieldPath
    keys: tuple[str, ...]
    form: Form
    writable: Callable[[Any], bool] = lambda _: True


def field(path: str, form: Form, key: str = "", **more: Any) -> Codec:
    """Return a codec; in `path` and `key` dots separate keys, and `key` is `path` by default."""
    return Codec(tuple(path.split(".")), tuple((key or path).split(".")), form, **more)


def letters(words: Mapping[str, Any]) -> Form:
    """Return the form of a value that a row writes as a letter."""
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
    return int(value)  # numbers may come as strings (C)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value or {})


TEXT = Form(_text, str, "a text")
"""A text; null is the empty one."""

TEXT_OR_NULL = Form(_text, lambda value: value or None, "a text")
"""A text whose empty form is sent as null."""

NUMBER = Form(_number, int, "a whole number")
MAPPING = Form(_mapping, dict, "an object")
YES_NO = letters({"Y": True, "N": False})


def read(row: Row, codecs: Iterable[Codec]) -> dict[str, Any]:
    """Return the fields that a row shows, in the YAML's words.

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
    """Return the part of a row for values of the YAML; a PUT keeps what is not in it.

    Args:
        values: the values to write.
        codecs: of the row.
        before: the row as it is; a key that a mapping loses is sent as null.
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
