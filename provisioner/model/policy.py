"""Policy of a project: protected objects, guards, moves of domains, and ignored fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.documents import Document
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Scalar, Shape


def fits(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern in any letter case; only `*` and `?` are special."""
    return fnmatchcase(fold(text), fold(pattern).replace("[", "[[]"))


_LIMITS = ("max_delete", "max_delete_percent", "max_update_percent", "min_population")
"""The limits that a kind or a department can have of its own."""


@dataclass(frozen=True, slots=True)
class Guards:
    """Limits for one run; a run that exceeds one needs an explicit permission.

    Attributes:
        max_delete: maximum number of deletions of a kind.
        max_delete_percent: the same as a percentage of the live objects of the kind.
        max_update_percent: maximum percentage of updated objects of a kind.
        min_population: percentages are not checked for kinds with fewer live objects.
        min_owners: minimum number of owners after the run.
        kinds: plural of a kind to its own limits, by the names of these.
        by_department: name of a department to the limits for its agents.
    """

    max_delete: int = 5
    max_delete_percent: int = 10
    max_update_percent: int = 50
    min_population: int = 10
    min_owners: int = 1
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_department: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def over(self, section: Mapping[str, Any]) -> "Guards":
        """Return these limits with those of a section `guards` in place of the same ones."""
        kinds = {kind.plural: section[kind.plural] for kind in Kind if kind.plural in section}
        nested = {*kinds, "by_department"}
        return replace(
            self,
            **{name: limit for name, limit in section.items() if name not in nested},
            kinds=_laid_over(self.kinds, kinds),
            by_department=_laid_over(self.by_department, section.get("by_department", {})),
        )

    def of_kind(self, kind: Kind) -> Mapping[str, int]:
        """Return the limits for objects of a kind by their names."""
        general = {name: getattr(self, name) for name in _LIMITS}
        return {**general, **self.kinds.get(kind.plural, {})}

    def of_department(self, name: str) -> Mapping[str, int]:
        """Return the limits for the agents of a department; none for those that are not given."""
        return {"min_population": self.min_population, **self.by_department[name]}

    def as_data(self) -> dict[str, Any]:
        """Return the limits in the form of the section."""
        numbers = asdict(self)
        by_department = numbers.pop("by_department")
        kinds = numbers.pop("kinds")
        return {
            **numbers,
            **kinds,
            **({"by_department": by_department} if by_department else {}),
        }


def _laid_over(
    below: Mapping[str, Mapping[str, int]], above: Mapping[str, Mapping[str, int]]
) -> dict[str, Mapping[str, int]]:
    return {name: {**below.get(name, {}), **above.get(name, {})} for name in {**below, **above}}


@dataclass(frozen=True, slots=True)
class Protection:
    """Objects that a run never deletes, demotes or strips.

    Attributes:
        patterns: mapping from kind to folded names with the wildcards `*` and `?`.
    """

    patterns: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, section: Mapping[str, Iterable[str]]) -> "Protection":
        """Return the protection in the section `protect` of a project."""
        return cls({kind: tuple(map(fold, section.get(kind.plural, ()))) for kind in Kind})

    def covers(self, address: Address) -> bool:
        """Return whether an object is protected."""
        return any(fits(address.key, pattern) for pattern in self.patterns.get(address.kind, ()))


@dataclass(frozen=True, slots=True)
class ManagedScope:
    """The part of an account that a project manages.

    Attributes:
        patterns: mapping from each limited kind to folded names or patterns.
        takeover: folded emails of further agents, taken over from another project.
    """

    patterns: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    takeover: frozenset[str] = frozenset()

    @classmethod
    def of(cls, section: Mapping[str, Iterable[str]], takeover: Iterable[str]) -> "ManagedScope":
        """Return the scope in the sections `scope` and `takeover` of a project."""
        listed = {kind: section[kind.plural] for kind in Kind if kind.plural in section}
        patterns = {kind: tuple(map(fold, names)) for kind, names in listed.items()}
        return cls(patterns, frozenset(map(fold, takeover)))

    @property
    def limited(self) -> bool:
        """Whether a part of the account is outside of the scope."""
        return bool(self.patterns)

    def covers(self, kind: Kind, name: str) -> bool:
        """Return whether an object is in the scope; kinds without patterns are not limited."""
        if kind not in self.patterns or (kind is Kind.AGENT and fold(name) in self.takeover):
            return True
        return any(fits(name, pattern) for pattern in self.patterns[kind])

    def prunes(self, kind: Kind, name: str) -> bool:
        """Return whether an undeclared object may be deleted: never one of an unlisted kind."""
        return not self.limited or (kind in self.patterns and self.covers(kind, name))


@dataclass(frozen=True, slots=True)
class Moves:
    """Email domains that were renamed.

    Attributes:
        domains: old and new domain, each with its `@`, folded.
    """

    domains: tuple[tuple[str, str], ...] = ()

    def former(self, email: str) -> list[str]:
        """Return the emails that an agent may have had before."""
        folded = fold(email)
        return [folded.removesuffix(new) + old for old, new in self.domains if folded.endswith(new)]


EXPIRES_MINUTES = 30
"""Longer than the longest wait for one request; see `liveagent.http.retries`."""


@dataclass(frozen=True, slots=True)
class LockSetting:
    """The place of a lock that several machines respect; the section `lock`.

    Attributes:
        git: address of a repository; "" for none.
        folder: path of a folder, relative to the project; "" for none.
        sqlite: path of an SQLite file, relative to the project; "" for none.
        expires_minutes: the time until a lock ends that was not released.
    """

    git: str = ""
    folder: str = ""
    sqlite: str = ""
    expires_minutes: int = EXPIRES_MINUTES


def check_lock(config: Document | None) -> Iterator[Diagnostic]:
    """Yield an error if the section `lock` names no place, or two."""
    lock = config.data.get("lock") if config is not None else None
    if config is None or lock is None:
        return
    if sum(place in lock for place in ("git", "folder", "sqlite")) != 1:
        yield Diagnostic(
            code="invalid-value",
            summary="lock: name one place, either git or folder or sqlite",
            span=config.span(("lock",)),
            hint="write {git: ADDRESS}, {folder: PATH} or {sqlite: FILE}",
        )


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field that a run does not change; an entry of `initial` or `ignore`.

    Attributes:
        kind: the kind of the objects.
        path: the path of the field; `*` for any department.
        objects: folded names or patterns; empty for all objects of the kind.
    """

    kind: Kind
    path: tuple[str, ...]
    objects: tuple[str, ...] = ()

    def covers(self, address: Address) -> bool:
        """Return whether the rule applies to an object."""
        if address.kind is not self.kind:
            return False
        return not self.objects or any(fits(address.key, pattern) for pattern in self.objects)


def field_rule(word: str, objects: Iterable[str] = ()) -> FieldRule | None:
    """Return the rule for a field such as `agents.level`, or None for an unknown field."""
    plural, *path = word.split(".")
    kinds = {kind.plural: kind for kind in Kind}
    if plural not in kinds or not path or not _exists(KINDS[kinds[plural]].shape, path):
        return None
    return FieldRule(kinds[plural], tuple(path), tuple(map(fold, objects)))


def known_fields() -> list[str]:
    """Return all fields that a rule can name, for suggestions."""
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


def check_role_ids(config: Document | None) -> Iterator[Diagnostic]:
    """Yield an error for each role with the id or the folded name of another one."""
    data = config.data if config else {}
    places: list[tuple[str, ...]] = [()]
    places += [("targets", name) for name in data.get("targets", {})]
    for place in places:
        entry = data[place[0]][place[1]] if place else data
        seen: dict[str, str] = {}
        for name, role_id in entry.get("role_ids", {}).items():
            for mark in (role_id, fold(name)):
                first = seen.setdefault(mark, name)
                if first != name and config is not None:
                    yield Diagnostic(
                        code="role-id-twice",
                        summary=f'roles "{first}" and "{name}" have the same id or name',
                        span=config.span((*place, "role_ids", name)),
                        hint="look up in a plan which id belongs to which role",
                    )
