"""Policy: what a project protects, how much may change at once, and what is left alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Scalar, Shape


def fits(text: str, pattern: str) -> bool:
    """Tell whether a text fits a pattern, without letter case; only `*` and `?` are special."""
    return fnmatchcase(fold(text), fold(pattern).replace("[", "[[]"))


@dataclass(frozen=True, slots=True)
class Guards:
    """How much a run may change without being allowed to.

    Attributes:
        max_delete: objects of a kind that may be deleted.
        max_delete_percent: the same as a share of the live objects of the kind.
        max_update_percent: the share of a kind that may be updated.
        min_population: with fewer live objects of a kind, shares don't count.
        min_owners: owners that must stay.
    """

    max_delete: int = 5
    max_delete_percent: int = 10
    max_update_percent: int = 50
    min_population: int = 10
    min_owners: int = 1


@dataclass(frozen=True, slots=True)
class Protection:
    """Names and patterns of what is never deleted, demoted or stripped.

    Attributes:
        patterns: kind to folded names, in which `*` and `?` stand for anything.
    """

    patterns: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, section: Mapping[str, Iterable[str]]) -> "Protection":
        """Read the section `protect` of a project."""
        return cls({kind: tuple(map(fold, section.get(kind.plural, ()))) for kind in Kind})

    def covers(self, address: Address) -> bool:
        """Tell whether an object is protected."""
        return any(fits(address.key, pattern) for pattern in self.patterns.get(address.kind, ()))


def read_guards(section: Mapping[str, Any]) -> Guards:
    """Read the section `guards` of a project; what it leaves out has its default."""
    return Guards(**section)


@dataclass(frozen=True, slots=True)
class Moves:
    """Domains of emails that have moved as a whole.

    Attributes:
        domains: old and new domain, each with its `@`, folded.
    """

    domains: tuple[tuple[str, str], ...] = ()

    def former(self, email: str) -> list[str]:
        """Return the emails that an agent may have had before."""
        folded = fold(email)
        return [folded.removesuffix(new) + old for old, new in self.domains if folded.endswith(new)]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field that is left alone.

    Attributes:
        kind: whose field.
        path: the way to it; `*` stands for any department.
        objects: folded names or patterns; none means every object of the kind.
    """

    kind: Kind
    path: tuple[str, ...]
    objects: tuple[str, ...] = ()

    def covers(self, address: Address) -> bool:
        """Tell whether the rule is about an object."""
        if address.kind is not self.kind:
            return False
        return not self.objects or any(fits(address.key, pattern) for pattern in self.objects)


def field_rule(word: str, objects: Iterable[str] = ()) -> FieldRule | None:
    """Read a field such as `agents.panel.theme`; None where there is no such field."""
    plural, *path = word.split(".")
    kinds = {kind.plural: kind for kind in Kind}
    if plural not in kinds or not path or not _exists(KINDS[kinds[plural]].shape, path):
        return None
    return FieldRule(kinds[plural], tuple(path), tuple(map(fold, objects)))


def known_fields() -> list[str]:
    """Return every field that a rule can name, for a suggestion."""
    return [f"{kind.plural}.{path}" for kind in Kind for path in _paths(KINDS[kind].shape)]


def _exists(shape: Shape, path: list[str]) -> bool:
    if not path:
        return True
    name, *rest = path
    match shape:
        case FieldGroup():
            return name in shape.fields and _exists(shape.fields[name], rest)
        case Collection():
            return _exists(shape.entry, rest)
        case Scalar():
            return False
        case _:
            return not rest


def _paths(shape: Shape) -> Iterator[str]:
    match shape:
        case FieldGroup():
            for name, part in shape.fields.items():
                yield name
                yield from (f"{name}.{rest}" for rest in _paths(part))
        case Collection():
            yield from (f"*.{rest}" for rest in _paths(shape.entry))
