"""Lists the access of each agent, from the account and the files, or from the files alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Span
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import is_unread, unread_fields
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.layers import Source
from provisioner.model.policy import fits
from provisioner.model.settings import Settings
from provisioner.planning.access.access_fields import (
    DEPARTMENTS,
    ROLE,
    STATE,
    access_default,
    is_access,
    memberships,
)
from provisioner.planning.access.access_findings import AccessFindings
from provisioner.planning.access.access_list import (
    AccessValue,
    AccountState,
    DeclaredAt,
    LineCommits,
    Mark,
    PersonAccess,
    newest_commit,
)
from provisioner.planning.desired_on_account import UnenforcedFields

_WORST_FIRST = (Mark.DIFFERS, Mark.UNMANAGED, Mark.NOT_LOOKED_AT, Mark.DECLARED, Mark.DEFAULT)


class AccessReader:
    """Lists the access of agents."""

    def __init__(
        self,
        desired: DesiredState,
        settings: Settings,
        commits: LineCommits,
        live: LiveState | None = None,
        findings: AccessFindings | None = None,
    ) -> None:
        """Prepare a list.

        Without `live`, it lists what the files declare.
        """
        findings = findings or AccessFindings()
        self._desired, self._settings, self._commits = desired, settings, commits
        self._live = live
        self._defaults = live.defaults.get(Kind.AGENT, {}) if live else {}
        self._unread = unread_fields(live.unread) if live else {}
        self._ignored = UnenforcedFields(ignored=settings.ignored)
        self._exceptions = {
            one.address: one.exception for one in findings.ownership.undeclared_powerful
        }
        self._unmanaged: dict[Address, list[FieldPath]] = {}
        for one in findings.unmanaged:
            self._unmanaged.setdefault(one.address, []).append(one.path)

    def people(self) -> tuple[PersonAccess, ...]:
        """Return the agents of the account and of the files, the most powerful first."""
        live = self._live.objects if self._live else {}
        identities = {
            identity for identity in (*live, *self._desired.resources) if identity[0] is Kind.AGENT
        }
        people = [
            person
            for identity in identities
            for person in self._person(live.get(identity), self._desired.resources.get(identity))
        ]
        return tuple(sorted(people, key=lambda one: (one.power, fold(one.name), str(one.address))))

    def _person(
        self, existing: LiveObject | None, entry: Resource | None
    ) -> Iterator[PersonAccess]:
        """Yield an agent, unless it is absent as declared."""
        if existing is None and (entry is None or entry.absent):
            return
        address = entry.address if entry else existing.address if existing else None
        attributes = (existing.attributes if existing else None) or (
            entry.attributes if entry else {}
        )
        assert address is not None  # noqa: S101  one of the two is there
        yield PersonAccess(
            address=address,
            name=str(attributes.get("name") or ""),
            state=self._state(existing, entry),
            values=tuple(self._values(address, existing, entry)),
            place=self._place(entry) if entry else None,
            state_place=self._place(entry, STATE) if entry and entry.source(*STATE) else None,
            protected=self._protected(address),
            exception=self._exceptions.get(address, ""),
        )

    def _state(self, existing: LiveObject | None, entry: Resource | None) -> AccountState:
        if entry is not None and (entry.absent or entry.suspended):
            return AccountState.ABSENT if entry.absent else AccountState.SUSPENDED
        if existing is None and self._live is not None:
            return AccountState.MISSING
        return AccountState.ACTIVE

    def _values(
        self, address: Address, existing: LiveObject | None, entry: Resource | None
    ) -> Iterator[AccessValue]:
        """Yield the role, then each membership by name."""
        declared = {} if entry is None or entry.absent else entry.attributes
        if existing is None:
            if entry is not None:
                yield from self._declared_values(entry)
            return
        attributes = existing.attributes
        live, wanted = memberships(attributes), _declared_memberships(declared)
        yield self._compared(existing, address, entry, ROLE, attributes.get("role"), declared)
        for name in sorted({*live, *wanted}, key=fold):
            path = (*DEPARTMENTS, name)
            yield self._compared(existing, address, entry, path, live.get(name), declared)

    def _declared_values(self, entry: Resource) -> Iterator[AccessValue]:
        """Yield the access of an entry without an account, or with none of its own."""
        mark = Mark.DECLARED if self._live is None else Mark.MISSING
        attributes = entry.attributes
        role = attributes.get("role")
        if "role" in attributes:
            value = access_default(ROLE, self._defaults) if role is None else role
            yield AccessValue(ROLE, None, value, mark, self._place(entry, ROLE))
        else:
            yield AccessValue(ROLE, None, None, Mark.DEFAULT)
        wanted = _declared_memberships(attributes)
        for name in sorted(wanted, key=fold):
            path = (*DEPARTMENTS, name)
            yield AccessValue(path, None, wanted[name], mark, self._place(entry, path))
        if "departments" not in attributes:
            yield AccessValue(DEPARTMENTS, None, None, Mark.DEFAULT)

    def _compared(
        self,
        existing: LiveObject,
        address: Address,
        entry: Resource | None,
        path: FieldPath,
        value: Any,
        declared: Mapping[str, Any],
    ) -> AccessValue:
        """Return a value of the account, compared with the files."""
        if entry is None:
            return AccessValue(path, value, None, Mark.UNDECLARED)
        wanted = _at(path, declared)
        if path == ROLE and wanted is None and "role" in declared:
            wanted = access_default(ROLE, self._defaults)
        is_left_out = not entry.absent and path[0] not in declared
        place = None if is_left_out else self._place(entry, path)
        return AccessValue(
            path, value, wanted, self._mark(existing, address, entry, path, value, wanted), place
        )

    def _mark(
        self,
        existing: LiveObject,
        address: Address,
        entry: Resource,
        path: FieldPath,
        value: Any,
        wanted: Any,
    ) -> Mark:
        """Return how a value of the account relates to the files; the worst of its parts."""
        if entry.absent:
            return Mark.DIFFERS
        if value is None:
            return Mark.NOT_LOOKED_AT if self._is_unseen(existing, address, path) else Mark.MISSING
        parts: dict[FieldPath, tuple[Any, Any]] = {path: (value, wanted)}
        if path[:1] == DEPARTMENTS and wanted is not None:
            parts = {(*path, part): (one, wanted.get(part)) for part, one in value.items()}
        marks = {self._part_mark(existing, address, *item, entry) for item in parts.items()}
        if path != ROLE and wanted is not None:
            marks.add(Mark.DECLARED)  # a membership without services is declared, too
        return next((mark for mark in _WORST_FIRST if mark in marks), Mark.DECLARED)

    def _part_mark(
        self,
        existing: LiveObject,
        address: Address,
        path: FieldPath,
        pair: tuple[Any, Any],
        entry: Resource,
    ) -> Mark:
        value, wanted = pair
        if self._is_unseen(existing, address, path):
            return Mark.NOT_LOOKED_AT
        if self._is_unmanaged(address, path):
            return Mark.UNMANAGED
        if path[0] not in entry.attributes or (len(path) > 2 and wanted is None):
            return Mark.DEFAULT
        return Mark.DECLARED if value == wanted else Mark.DIFFERS

    def _is_unmanaged(self, address: Address, path: FieldPath) -> bool:
        return any(path[: len(one)] == one for one in self._unmanaged.get(address, ()))

    def _is_unseen(self, existing: LiveObject, address: Address, path: FieldPath) -> bool:
        """Return whether the project ignores a field, or the account shows no usable value."""
        unread = self._unread.get((Kind.AGENT, existing.id), ())
        return self._ignored.ignores(address, path) or is_unread(unread, path)

    def _place(self, entry: Resource, path: FieldPath = ()) -> DeclaredAt:
        """Return the place of a field, or of the entry for no path, with its newest commit."""
        if entry.absent or (entry.suspended and path):
            path = STATE
        source = entry.source(*path) if path != STATE else None
        if source is None:
            key = path if path == STATE else ()
            span = entry.span(*key)
            return DeclaredAt(span, since=self._commits.of_line(span))
        lines = {source.layer.span(*source.field, key=True), source.span}
        lines |= {part.span for name in _parts(entry, path) if (part := entry.source(*path, name))}
        lines |= _lines_of_holder(entry, source)
        commits = [self._commits.of_line(line) for line in sorted(lines, key=str)]
        span = source.layer.span(*source.field, key=True)
        return DeclaredAt(span, source.layer.profile, newest_commit(commits))

    def _protected(self, address: Address) -> Span | None:
        """Return the line of `protect` that covers an agent."""
        document = self._settings.document
        if document is None or not self._settings.protection.covers(address):
            return None
        patterns = document.data["protect"][address.kind.plural]
        number = next(n for n, pattern in enumerate(patterns) if fits(address.key, pattern))
        return document.span(("protect", address.kind.plural, number))


def _declared_memberships(declared: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the declared departments with their access fields; null is the default."""
    entries = declared.get("departments") or {}
    return {
        name: {
            part: access_default(path, {}) if value is None else value
            for part, value in (entry or {}).items()
            if is_access(path := (*DEPARTMENTS, name, part))
        }
        for name, entry in entries.items()
    }


def _parts(entry: Resource, path: FieldPath) -> tuple[str, ...]:
    """Return the declared access fields of a membership."""
    if path[:1] != DEPARTMENTS or len(path) != 2:
        return ()
    return tuple(_declared_memberships(entry.attributes).get(path[1], ()))


def _lines_of_holder(entry: Resource, source: Source) -> set[Span]:
    """Return the lines that give a value to this agent: its email, and `extends` for a profile.

    A line is often older than its holder: git takes an equal line of a neighbour's entry for it,
    and another email above the same role gives that role to somebody else. After a rename, the
    holder is the same person.
    """
    layer = entry.own if source.layer.profile else source.layer
    keys = ("email", "extends") if source.layer.profile else ("email",)
    return {
        layer.span(key)
        for key in keys
        if key in layer.fields and not (key == "email" and "previously" in layer.fields)
    }


def _at(path: FieldPath, declared: Mapping[str, Any]) -> Any:
    """Return the declared role or membership at a path, or None."""
    if path == ROLE:
        return declared.get("role")
    return _declared_memberships(declared).get(path[1])
