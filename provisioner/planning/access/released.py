"""Finds what files used to set and set no more, while the account still has it.

A field that no file declares keeps its live value. So a role that somebody gets by a line stays
after the line is deleted: the field is released. A field with another live value by now was changed
in the account; it is not released, but unmanaged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address, Identity, Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import ObjectKey, is_unread, unread_fields
from provisioner.model.desired import STRIPPED, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import KINDS, Collection, Entries, FieldGroup, Shape
from provisioner.planning.access.access_fields import DEPARTMENTS, STATE, decides_access
from provisioner.planning.access.managed import EarlierFiles, managed_fields
from provisioner.planning.access.ownership import Released
from provisioner.planning.attribution.base_comparison import ComparedFiles, new_names
from provisioner.planning.changes import Change, at
from provisioner.planning.claims.claims import Claim, claim, rename
from provisioner.planning.diff import merge_declared

_Field = tuple[FieldPath, Any]
_Names = Mapping[tuple[Kind, str], str]


def find_released(earlier: EarlierFiles, live: LiveState, now: ComparedFiles) -> list[Released]:
    """Return the fields and objects that earlier files set and those of today do not."""
    claims = claim(earlier.desired, live, earlier.moves)
    then = rename(live, claims.renames)
    finder = _Finder(
        earlier=earlier,
        then=then,
        now=now,
        names=new_names(then, now.live),
        by_id={(one.address.kind, one.id): one for one in now.live.objects.values()},
        changes={change.address.identity: change for change in now.changes},
        unread=unread_fields(live.unread),
    )
    return [one for held in claims.of_entries.values() for one in finder.released_of(held)]


def without_repeats(released: Iterable[Released]) -> tuple[Released, ...]:
    """Return released fields and objects sorted, each once: the first one of several."""
    unique: dict[tuple[str, FieldPath], Released] = {}
    for one in released:
        unique.setdefault((str(one.address), one.path), one)
    return tuple(unique[key] for key in sorted(unique))


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds released fields of one object after another.

    Attributes:
        earlier: the earlier files.
        then: the account, under the names that they use.
        now: the files of today, compared with the account.
        names: the name of today of each department and role, by its earlier name.
        by_id: kind and id to live object, under the names of today.
        changes: the changes of the plan.
        unread: the fields of live objects with an unknown value.
    """

    earlier: EarlierFiles
    then: LiveState
    now: ComparedFiles
    names: _Names
    by_id: Mapping[ObjectKey, LiveObject]
    changes: Mapping[Identity, Change]
    unread: Mapping[ObjectKey, tuple[FieldPath, ...]]

    def released_of(self, held: Claim) -> Iterator[Released]:
        """Yield what is released of one object; a deletion releases nothing."""
        entry, kind = held.entry, held.entry.address.kind
        existing = self.by_id.get((kind, held.existing.id))
        if existing is None or entry.absent:
            return
        change = self.changes.get(existing.address.identity)
        if change is not None and change.after is None:
            return
        today = self.now.desired.resources.get(existing.address.identity)
        if today is not None and (today.absent or today.attributes is entry.attributes):
            return
        for path, value in self._fields(entry, today, existing):
            if path and change and at(path, change.after) != at(path, change.before):
                continue
            since = self.earlier.commit_of(entry, today, path) or self.earlier.since
            yield Released(existing.address, path, value, since)

    def _fields(
        self, entry: Resource, today: Resource | None, existing: LiveObject
    ) -> Iterator[_Field]:
        kind = entry.address.kind
        live = self.then.objects[entry.address.identity].attributes
        lost = [
            (path, value)
            for path, value in _lost(
                KINDS[kind].shape,
                _renamed(managed_fields(entry, self.then, self.earlier.unenforced), self.names),
                {} if today is None else _declared(today),
                _renamed(live, self.names),
                self.then.defaults.get(kind, {}),
            )
            if not is_unread(self.unread.get((kind, existing.id), ()), path)
        ]
        was_suspended = entry.suspended and (DEPARTMENTS, {}) in lost
        if today is None:
            state = [(STATE, "suspended")] if was_suspended else []
            yield (), _as_mapping(kind, [*state, *lost])
        elif was_suspended:
            yield STATE, "suspended"
            yield from ((path, value) for path, value in lost if path[0] not in STRIPPED)
        else:
            yield from lost


def _declared(resource: Resource) -> Mapping[str, Any]:
    """Return the fields that an entry declares, with any value for hours."""
    if resource.hours is None:
        return resource.attributes
    return {**resource.attributes, "hours": {}}


def _lost(
    group: FieldGroup,
    declared: Mapping[str, Any],
    today: Mapping[str, Any],
    live: Mapping[str, Any],
    defaults: Mapping[str, Any],
    path: FieldPath = (),
) -> Iterator[_Field]:
    """Yield the fields of a group that are set earlier, left out today, and live as they were set.

    Null in today's files counts as declared. `live` and `defaults` are values of the group.
    """
    for name, value in declared.items():
        shape, here = group.fields.get(name), (*path, name)
        if shape is None or value is None or name not in live:
            continue
        if name not in today:
            yield from _left_out(shape, value, live[name], defaults.get(name), here)
        elif today[name] is not None:
            yield from _partly(shape, value, today[name], live[name], here)


def _left_out(
    shape: Shape, declared: Any, live: Any, default: Any, path: FieldPath
) -> Iterator[_Field]:
    """Yield what is released of a field that is left out as a whole."""
    if isinstance(shape, FieldGroup):
        yield from _lost(shape, declared, {}, live or {}, {}, path)
    elif isinstance(shape, Entries):
        yield from _entries(declared, {}, live, path)
    elif merge_declared(shape, live, declared, default) == live:
        yield path, _without_resets(declared)
    elif isinstance(shape, Collection):
        for key in sorted(declared.keys() & live.keys()):
            entry = declared[key] or {}
            if merge_declared(shape.entry, live[key], entry) == live[key]:
                yield (*path, key), _without_resets(entry)


def _partly(
    shape: Shape, declared: Any, today: Any, live: Any, path: FieldPath
) -> Iterator[_Field]:
    """Yield what is released inside of a field that the files of today declare, too."""
    match shape:
        case FieldGroup():
            yield from _lost(shape, declared, today, live or {}, {}, path)
        case Entries():
            yield from _entries(declared, today, live, path)
        case Collection():
            for key in sorted(declared.keys() & today.keys() & live.keys()):
                yield from _lost(
                    shape.entry, declared[key] or {}, today[key] or {}, live[key], {}, (*path, key)
                )


def _entries(
    declared: Mapping[str, Any], today: Mapping[str, Any], live: Any, path: FieldPath
) -> Iterator[_Field]:
    for key, value in sorted(declared.items()):
        if value is not None and key not in today and (live or {}).get(key) == value:
            yield (*path, key), value


def _without_resets(value: Any) -> Any:
    """Return a declared value without the parts that are reset."""
    if not isinstance(value, Mapping):
        return value
    return {key: _without_resets(part) for key, part in value.items() if part is not None}


def _renamed(fields: Mapping[str, Any], names: _Names) -> Mapping[str, Any]:
    """Return the fields of an agent with the names of today of its role and departments."""
    result = dict(fields)
    if (Kind.ROLE, result.get("role", "")) in names:
        result["role"] = names[Kind.ROLE, result["role"]]
    for section in ("departments", "hours"):
        if result.get(section):
            result[section] = {
                names.get((Kind.DEPARTMENT, name), name): entry
                for name, entry in result[section].items()
            }
    return result


def _as_mapping(kind: Kind, fields: Iterable[_Field]) -> dict[str, Any]:
    """Return the fields that decide access as one nested mapping, for a whole object."""
    result: dict[str, Any] = {}
    for path, value in fields:
        if path[:1] == ("name",) or not decides_access(Address(kind, ""), path):
            continue
        part = result
        for key in path[:-1]:
            part = part.setdefault(key, {})
        part[path[-1]] = value
    return result
