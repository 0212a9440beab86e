"""Policy: what a project protects, how much may change at once, and what is left alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from provisioner.address import Address, Kind, fold


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
        key = fold(address.key)
        return any(fnmatchcase(key, pattern) for pattern in self.patterns.get(address.kind, ()))


def read_guards(section: Mapping[str, Any]) -> Guards:
    """Read the section `guards` of a project; what it leaves out has its default."""
    return Guards(**section)
