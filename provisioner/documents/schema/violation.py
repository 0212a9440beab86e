"""Messages for violations of a schema.

jsonschema reports the violated rule. Annotations of the schemas add what people need besides:

    errorMessage  what to do about any problem with this value; editors show it, too
    x-hint        the same for a mapping with fixed keys: editors name the wrong key instead
    x-time        the value is a time: suggest the right form of one that is written differently
    x-code        the code for a wrong value, instead of the general one
    x-secret      never show the value
    x-elsewhere   keys that belong to another place: what to do about each
    x-foreign     what to do about a file with no known key
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.schema.foreign_files import foreign_keys, no_known_key
from provisioner.documents.schema.wording import (
    described_value,
    examples_in,
    expected,
    in_flow,
    listed,
    path_text,
    quoted,
    type_hint,
)
from provisioner.suggestions import LISTED, Vocabulary, did_you_mean, known_names, meant_time

if TYPE_CHECKING:
    from jsonschema import ValidationError

_SINGULAR = {kind.plural: kind.value for kind in Kind} | {
    "profiles": "profile",
    "targets": "target",
}


class SchemaViolation(NamedTuple):
    """A diagnostic about the shape of a document, with the path of the wrong value.

    Attributes:
        path: the path of the value; for a wrong or missing key, of its mapping.
        key: the wrong or missing key; None if the value is wrong.
        rank: the lowest rank is the most useful of several violations by one value.
        diagnostic: the error for the user.
    """

    path: DocumentPath
    key: str | None
    rank: int
    diagnostic: Diagnostic


class _Words(NamedTuple):
    """The texts of a diagnostic; `meant` as in `Diagnostic`."""

    code: str
    summary: str
    hint: str = ""
    meant: tuple[str, Vocabulary] | None = None


@dataclass(frozen=True, slots=True)
class _Broken:
    """A violated rule with its context."""

    document: Document
    path: DocumentPath
    rule: str
    limit: Any
    value: Any
    schema: Mapping[str, Any]

    @property
    def hint(self) -> str:
        time = meant_time(self.value, self.schema["pattern"]) if "x-time" in self.schema else ""
        return time or str(self.schema.get("errorMessage", self.schema.get("x-hint", "")))

    @property
    def secret(self) -> bool:
        return bool(self.schema.get("x-secret"))

    @property
    def subject(self) -> str:
        """The object with the value, such as `agent "mia@acme.example"`, or ""."""
        match self.path:
            case (str(top), int(index), *_) if top in _SINGULAR:
                item = self.document.data[top][index]
                names = [item.get("email"), item.get("name")] if isinstance(item, dict) else []
                name = next(
                    (quoted(name) for name in names if name and isinstance(name, str)), index + 1
                )
                return f"{_SINGULAR[top]} {name}"
            case (str(top), str(name), *_) if top in _SINGULAR:
                return f"{_SINGULAR[top]} {quoted(name)}"
        return ""

    @property
    def field(self) -> str:
        """The path from the object to the value, such as `departments.Support.tickets`, or ""."""
        return path_text(self.path[2:] if self.subject else self.path)

    def sentence(self, problem: str) -> str:
        """Return a problem of the value with the names of the object and the field."""
        name = self.field or self.subject or "the file"
        return (
            f"{self.subject}: {name} {problem}"
            if self.subject and self.field
            else f"{name} {problem}"
        )

    def about_keys(self, problem: str) -> str:
        """Return a problem of keys with the names of the object and the mapping."""
        subject = f"{self.subject}: " if self.subject else ""
        return f"{subject}{problem}" + (f" in {self.field}" if self.field else "")

    def shown(self) -> str:
        """Return the value as part of a sentence, or a placeholder for a secret."""
        return "this value" if self.secret else described_value(self.value)


def violations(
    document: Document, error: "ValidationError", at: DocumentPath = ()
) -> Iterator[SchemaViolation]:
    """Yield the violations in an error of jsonschema.

    `at` is the path of the object that the error is about.
    """
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    broken = _Broken(
        document,
        (*at, *error.absolute_path),
        str(error.validator),
        error.validator_value,
        error.instance,
        schema,
    )
    if "propertyNames" in error.absolute_schema_path:
        yield _key_violation(broken, broken.value, _bad_name(broken))
    elif broken.rule == "additionalProperties":
        yield from _unknown_keys(broken)
    elif broken.rule == "required":
        yield from _missing_keys(broken)
    else:
        yield _value_violation(broken)


def _key_violation(broken: _Broken, key: str, words: _Words) -> SchemaViolation:
    diagnostic = _diagnostic(words, broken.document.span((*broken.path, key), key=True))
    return SchemaViolation(broken.path, key, 0, diagnostic)


def _missing_keys(broken: _Broken) -> Iterator[SchemaViolation]:
    for key in broken.limit:
        if key not in broken.value:
            example = in_flow(examples_in(broken.schema["properties"][key])[0])
            words = _Words(
                "missing-key",
                broken.about_keys(f"the key {quoted(key)} is missing"),
                f'add a line such as "{key}: {example}"',
            )
            span = broken.document.span(broken.path)
            yield SchemaViolation(broken.path, key, 1, _diagnostic(words, span))


def _value_violation(broken: _Broken) -> SchemaViolation:
    if broken.value is None:
        words = _no_value(broken)
    else:
        words = _TEXTS.get(broken.rule, _not_valid)(broken)
        if "x-code" in broken.schema and broken.rule not in {"minProperties", "maxProperties"}:
            words = words._replace(code=broken.schema["x-code"])
    rank = list(_TEXTS).index(broken.rule) if broken.rule in _TEXTS else len(_TEXTS)
    span = broken.document.span(broken.path, key=broken.value is None)
    return SchemaViolation(broken.path, None, rank, _diagnostic(words, span))


def _diagnostic(words: _Words, span: Span) -> Diagnostic:
    return Diagnostic(**words._asdict(), span=span)


def _unknown_keys(broken: _Broken) -> Iterator[SchemaViolation]:
    if foreign := foreign_keys(broken.schema, broken.value):
        words = _Words("unknown-key", *no_known_key(broken.schema, broken.document.file, foreign))
        yield _key_violation(broken, foreign[0], words)
    reported = {*foreign, *broken.schema.get("properties", {})}
    for key in broken.value:
        if key not in reported:
            yield _key_violation(broken, key, _unknown_key(broken, key))


def _unknown_key(broken: _Broken, key: str) -> _Words:
    if broken.secret:
        return _Words("unknown-key", broken.about_keys("unknown key"), broken.hint)
    summary = broken.about_keys(f"unknown key {quoted(key)}")
    known, elsewhere = (broken.schema.get(one, {}) for one in ("properties", "x-elsewhere"))
    if key in elsewhere:
        return _Words("unknown-key", summary, elsewhere[key])
    meant = (key, Vocabulary(lambda: known))
    return _Words("unknown-key", summary, known_names(sorted(known)), meant)


def _bad_name(broken: _Broken) -> _Words:
    problem = f"the key {quoted(broken.value)} can't be used"
    return _Words("invalid-value", broken.about_keys(problem), broken.hint)


def _no_value(broken: _Broken) -> _Words:
    example = next((e for e in broken.schema.get("examples", ()) if isinstance(e, str | int)), None)
    such = "" if example is None else f" such as {example}"
    hint = broken.hint or f"write a value{such}, or remove the line"
    return _Words("null-not-allowed", broken.sentence("has no value"), hint)


def _wrong_type(broken: _Broken) -> _Words:
    kinds = [broken.limit] if isinstance(broken.limit, str) else broken.limit
    lacks_quotes = "string" in kinds and isinstance(broken.value, int | float)
    is_own = broken.hint and (broken.schema.keys() & {"x-code", "x-time"} or not lacks_quotes)
    hint = broken.hint if is_own else type_hint(kinds, broken.value)
    summary = broken.sentence(
        f"must be {expected(kinds)}, not {described_value(broken.value, short=True)}"
    )
    return _Words("wrong-type", summary, hint)


def _not_in_list(broken: _Broken) -> _Words:
    options = (str(option) for option in broken.limit if option is not None)
    hint = broken.hint or did_you_mean(str(broken.value), options)
    return _Words("invalid-value", broken.sentence(f"can't be {broken.shown()}"), hint)


def _wrong_constant(broken: _Broken) -> _Words:
    hint = broken.hint or f"write {described_value(broken.limit)}"
    return _Words("invalid-value", broken.sentence(f"can't be {broken.shown()}"), hint)


def _too_short(broken: _Broken) -> _Words:
    problem = "is empty" if not broken.value else f"needs at least {broken.limit} characters"
    return _Words("invalid-length", broken.sentence(problem), broken.hint or "write some text")


def _too_long(broken: _Broken) -> _Words:
    problem = f"has {len(broken.value):,} characters, at most {broken.limit:,} are allowed"
    return _Words("invalid-length", broken.sentence(problem), "shorten it")


def _out_of_range(broken: _Broken) -> _Words:
    bound = "least" if broken.rule == "minimum" else "most"
    problem = f"is {broken.value}, but must be at {bound} {broken.limit}"
    return _Words("invalid-value", broken.sentence(problem), broken.hint)


def _too_few(broken: _Broken) -> _Words:
    problem = f"needs at least {broken.limit} entries" if broken.value else "is empty"
    return _Words("invalid-value", broken.sentence(problem), broken.hint)


def _duplicate(broken: _Broken) -> _Words:
    return _Words("invalid-value", broken.sentence("has a duplicate"), "remove one of the two")


def _too_many_keys(broken: _Broken) -> _Words:
    keys = f"{len(broken.value)} keys ({listed(islice(broken.value, LISTED))})"
    problem = f"has {keys}, at most {broken.limit} allowed"
    return _Words("invalid-value", broken.sentence(problem), broken.hint)


def _not_valid(broken: _Broken) -> _Words:
    if isinstance(broken.value, str) and broken.value.isspace():
        hint = broken.hint or "write some text"
        return _Words("invalid-value", broken.sentence("is blank"), hint)
    is_shown = not (broken.secret or isinstance(broken.value, list | dict))
    problem = "is not valid" + (f": {broken.shown()}" if is_shown else "")
    return _Words("invalid-value", broken.sentence(problem), broken.hint)


_TEXTS: dict[str, Callable[[_Broken], _Words]] = {
    "type": _wrong_type,
    "enum": _not_in_list,
    "const": _wrong_constant,
    "minLength": _too_short,
    "maxLength": _too_long,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "minProperties": _too_few,
    "maxProperties": _too_many_keys,
    "minItems": _too_few,
    "uniqueItems": _duplicate,
    "pattern": _not_valid,
}
"""The texts for each violated rule, the most useful rule first."""

KNOWN_RULES = frozenset(_TEXTS)
"""The rules with texts of their own. The schemas should use no others."""
