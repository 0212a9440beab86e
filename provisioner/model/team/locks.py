"""Locked fields of profiles: the key `locked`, and what breaks it.

A lock has no direction. More rights weaken one team's agreement and fewer another's, so each value
other than the profile's own breaks it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import Diagnostic, Span
from provisioner.model.fields import ANY, FieldPath
from provisioner.model.kinds import EACH
from provisioner.model.layers import Layer, merged
from provisioner.model.policy import field_rule, known_fields
from provisioner.suggestions import Vocabulary

KEY = "locked"

_MISSING = object()
_WORDS = Vocabulary(
    lambda: [one.removeprefix("agents.") for one in known_fields() if one.startswith("agents.")]
)


@dataclass(frozen=True, slots=True)
class Lock:
    """A field that a profile locks.

    Attributes:
        profile: the name of the profile.
        word: the field as the file has it, such as `chat.max_load`.
        path: its path; `ANY` for each department.
        span: its place in the file.
    """

    profile: str
    word: str
    path: FieldPath
    span: Span


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of all profiles.

    Attributes:
        locks: the locks.
        heirs: the layers of each profile that extends one with a lock, its own layer last.
    """

    locks: tuple[Lock, ...] = ()
    heirs: tuple[tuple[Layer, ...], ...] = ()

    def as_data(self) -> dict[str, list[str]]:
        """Return the locked fields of each profile, for comparisons."""
        names = dict.fromkeys(lock.profile for lock in self.locks)
        return {
            name: sorted({lock.word for lock in self.locks if lock.profile == name})
            for name in names
        }

    def of(self, layers: Iterable[Layer]) -> list[Lock]:
        """Return the locks of an object with some layers."""
        profiles = {fold(layer.profile) for layer in layers if layer.profile}
        return [lock for lock in self.locks if fold(lock.profile) in profiles]


def read_locks(layer: Layer, profile: str) -> Iterator[Lock | Diagnostic]:
    """Yield the locks of a profile's entry, and an error for each that can't hold."""
    words = layer.fields.get(KEY)
    for index, word in enumerate(words if isinstance(words, list) else ()):
        if not isinstance(word, str):
            continue
        span = layer.document.span((*layer.path, KEY, index))
        name, *rest = word.split(".")
        if name in EACH:
            word_path = (EACH[name], *((ANY,) if rest or name == "each_department" else ()), *rest)
        else:
            word_path = (name, *rest)
        if field_rule(".".join(("agents", *word_path))) is None:
            yield Diagnostic(
                code="unknown-field",
                summary=f'profile "{profile}": there is no field "{word}" to lock',
                span=span,
                hint="write a field of agents such as role or chat.max_load",
                meant=(word, _WORDS),
            )
        elif not _has(layer.fields, (name, *rest)):
            yield Diagnostic(
                code="invalid-value",
                summary=f'profile "{profile}" locks "{word}" and gives it no value',
                span=span,
                hint=f"write the value of {word} into the same entry",
            )
        else:
            yield Lock(profile, word, word_path, span)


def _has(fields: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Return whether a profile has a value at a path, also for each or for any department."""
    name, *rest = path
    if name == "departments" and rest:
        entries = fields.get("departments")
        known = entries if isinstance(entries, dict) else {}
        chosen = known.values() if rest[0] == ANY else [known.get(rest[0])]
        each = fields.get("each_department")
        return any(_at(one, rest[1:]) is not _MISSING for one in (each, *chosen) if one is not None)
    return _at(fields, path) is not _MISSING


def broken(lock: Lock, layers: Sequence[Layer]) -> Iterator[FieldPath]:
    """Yield the fields of an object for which it does not have the value of a lock.

    Args:
        lock: a lock of one of the object's profiles.
        layers: the layers of the object, the strongest one last.
    """
    actual = merged(layers)
    own = [layer for layer in layers if fold(layer.profile) == fold(lock.profile)]
    departments = actual.get("departments")
    names = [*departments] if isinstance(departments, dict) else []
    given: dict[str, Any] = {name: {} for name in names}
    expected = merged([*own, Layer({"departments": given}, own[-1].document, own[-1].path)])
    if lock.path == ("departments",):
        declared = merged(own)["departments"] or {}
        yield from (("departments", name) for name in names if name not in declared)
        expected = {**expected, "departments": declared}
    for path in _expanded(lock.path, names):
        yield from _differing(path, _at(expected, path), _at(actual, path))


def _expanded(path: FieldPath, departments: Iterable[str]) -> list[FieldPath]:
    if ANY not in path:
        return [path]
    return [tuple(name if key == ANY else key for key in path) for name in departments]


def _differing(path: FieldPath, expected: Any, actual: Any) -> Iterator[FieldPath]:
    """Yield the paths at which values differ from those of a profile, if it has some."""
    if isinstance(expected, Mapping) and (expected or isinstance(actual, Mapping)):
        for key, value in expected.items():
            yield from _differing((*path, key), value, _at(actual, (key,)))
    elif expected is not _MISSING and expected != actual:
        yield path


def _at(fields: Any, path: Iterable[str]) -> Any:
    for key in path:
        if not isinstance(fields, Mapping) or key not in fields:
            return _MISSING
        fields = fields[key]
    return fields
