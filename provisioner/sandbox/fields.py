"""Models as data: one declaration both checks requests and describes them in OpenAPI."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from provisioner.sandbox.errors import InvalidError

JsonObject = dict[str, Any]
Kind = Literal["string", "integer", "number", "boolean", "array", "object", "file"]

# The largest integer that every client of JSON reads exactly; SQLite's integers are larger.
LARGEST_NUMBER = 2**53

# A lone surrogate cannot be stored, and no typed text has a NUL.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file from a form."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Choices:
    """The words that a field allows: an enumeration, with a schema of its own.

    Attributes:
        name: of its schema in the OpenAPI document. A schema inside a property would get its name
            from the generator of a client: `AgentStatus` for `status` of `Agent`, for example.
        words: the allowed words.
    """

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a model, or one query parameter.

    Attributes:
        name: in the API.
        kind: the JSON type; `file` for a file of a form or of an answer. `number` is a whole
            number that the documents declare as float.
        help: its description in the OpenAPI document.
        choices: the allowed words; None for any.
        required: whether it must be present.
        nullable: whether it may be null.
        omissible: whether an answer may lack it even though it has a value.
        default: the documented value of a missing field.
        minimum: smallest number.
        maximum: largest number.
        max_length: longest text in characters; 0 for any.
        pattern: that the whole text must match.
        items: the members of an array or an object; a model for an object of that model.
    """

    name: str
    kind: Kind = "string"
    help: str = ""
    choices: Choices | None = None
    required: bool = False
    nullable: bool = False
    omissible: bool = False
    default: str | int | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = 0
    pattern: str = ""
    items: "Field | Model | None" = None

    def check(self, value: object) -> object:
        """Return the value if it is valid.

        Raises:
            InvalidError: it is not; in the vendor's wording (D: changelog 2023-08-01).
        """
        if value is None and self.nullable:
            return None
        if self.choices is None:
            return _CHECKS[self.kind](self, value)
        if value not in self.choices.words:
            raise self.refuse(f"one of {', '.join(self.choices.words)}")
        return value

    def refuse(self, wanted: str) -> InvalidError:
        """Return the error for an invalid value."""
        return InvalidError(f"Invalid value for '{self.name}', must be {wanted}")


@dataclass(frozen=True, slots=True)
class Model:
    """A JSON object of the API; unknown properties are ignored (I: PHP models)."""

    name: str
    fields: tuple[Field, ...]

    def read(self, body: Mapping[str, object], *, partial: bool = False) -> JsonObject:
        """Return the checked properties of a request body that the model has.

        If `partial`, required properties may be missing.

        Raises:
            InvalidError: a property is missing or has a wrong value.
        """
        known = [field for field in self.fields if field.name in body]
        if not partial:
            for field in self.fields:
                if field.required and field not in known:
                    raise InvalidError(f"Missing required property '{field.name}'")
        return {field.name: field.check(body[field.name]) for field in known}


def is_text(value: str) -> bool:
    """Return whether a database can store this text."""
    return not _NO_TEXT.search(value)


def _string(field: Field, value: object) -> str:
    if not isinstance(value, str) or not is_text(value):
        raise field.refuse("a text")
    if field.max_length and len(value) > field.max_length:
        raise field.refuse(f"at most {field.max_length} characters long")
    if field.pattern and not re.fullmatch(field.pattern, value):
        raise field.refuse(f"like {field.pattern}")
    return value


def _integer(field: Field, value: object) -> int:
    # Generated clients declare ids as float and send 5.0.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_NUMBER:
        raise field.refuse("a whole number")
    if field.minimum is not None and value < field.minimum:
        raise field.refuse(f"at least {field.minimum}")
    if field.maximum is not None and value > field.maximum:
        raise field.refuse(f"at most {field.maximum}")
    return value


def _boolean(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise field.refuse("one of true, false")
    return value


def _array(field: Field, value: object) -> list[object]:
    if not isinstance(value, list):
        raise field.refuse("an array")
    return [_member(field, member) for member in value]


def _object(field: Field, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise field.refuse("an object")
    if isinstance(field.items, Model):
        return field.items.read(value)
    return {name: _member(field, member) for name, member in value.items()}


def _member(field: Field, value: object) -> object:
    if isinstance(field.items, Model):
        if not isinstance(value, dict):
            raise field.refuse("a list of objects")
        return field.items.read(value)
    return field.items.check(value) if field.items else value


def _file(field: Field, value: object) -> Upload:
    if not isinstance(value, Upload):
        raise field.refuse("a file")
    return value


_CHECKS = {
    "string": _string,
    "integer": _integer,
    "number": _integer,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
    "file": _file,
}
