"""Compares the access that two versions of the files declare."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.model.desired import DesiredState
from provisioner.model.fields import FieldPath
from provisioner.planning.access.access_fields import DEPARTMENTS, STATE, power
from provisioner.planning.access.access_list import (
    AccessList,
    AccessValue,
    AccountState,
    DeclaredAt,
    PersonAccess,
)
from provisioner.planning.plans.revision import Version


class EntryChange(StrEnum):
    """What a later version does with the entry of an agent."""

    ADDED = "added"
    REMOVED = "removed"
    """No entry is left: the account keeps its access."""
    ABSENT = "absent"
    """The entry declares the agent absent: the account is deleted."""
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """An access value that two versions declare differently.

    Attributes:
        path: `("role",)`, `("state",)` or `("departments", NAME)`.
        before: the earlier value; None if it was not declared.
        after: the later value; None if it is not declared.
        place: where the later version declares it; None if it does not.
        is_left_out: whether the later version leaves the field out, so that the account keeps it.
    """

    path: FieldPath
    before: Any
    after: Any
    place: DeclaredAt | None = None
    is_left_out: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "path": list(self.path),
            "before": self.before,
            "after": self.after,
            "left_out": self.is_left_out,
            "declared_at": self.place.as_data() if self.place else None,
        }


@dataclass(frozen=True, slots=True)
class PersonChange:
    """An agent for whom two versions declare different access.

    Attributes:
        address: the address of the agent in the later version that has one.
        name: the agent's name.
        entry: what the later version does with the entry.
        values: the values that differ, the most powerful first.
        former: the earlier email, if the later version renames the agent; "" otherwise.
    """

    address: Address
    name: str
    entry: EntryChange
    values: tuple[ValueChange, ...]
    former: str = ""

    @property
    def rank(self) -> tuple[int, str]:
        """The key to sort by: the most powerful values first."""
        return min(map(_rank, self.values), default=power((), None)), str(self.address)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "address": str(self.address),
            "email": self.address.key,
            "former_email": self.former,
            "name": self.name,
            "entry": self.entry.value,
            "changes": [one.as_data() for one in self.values],
        }


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """The difference between the access that two versions declare.

    Attributes:
        target: the target with the overlay that applies; "" for none.
        before: the earlier version.
        after: the later version.
        people: the agents with a difference, the most powerful first.
    """

    target: str
    before: Version
    after: Version
    people: tuple[PersonChange, ...]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "format_version": "1.0",
            "target": self.target,
            "since": self.before.as_data(),
            "files": self.after.as_data(),
            "differences": [one.as_data() for one in self.people],
        }


def access_difference(
    before: AccessList, after: AccessList, desired: DesiredState
) -> AccessDifference:
    """Return the difference between two lists of declared access.

    `previously:` in the later version ties an entry to its earlier email.
    """
    earlier = {one.address.identity: one for one in before.people}
    later = {one.address.identity: one for one in after.people}
    former = {
        resource.address.identity: (Kind.AGENT, fold(resource.previously))
        for resource in desired.of(Kind.AGENT)
        if resource.previously
        and resource.address.identity not in earlier
        and (Kind.AGENT, fold(resource.previously)) in earlier
    }
    pairs = [(earlier.get(former.get(key, key)), one) for key, one in later.items()]
    gone = earlier.keys() - later.keys() - set(former.values())
    people = [
        *(change for old, new in pairs for change in _changed(old, new)),
        *(_gone(earlier[key], desired) for key in gone),
    ]
    return AccessDifference(
        after.target, before.version, after.version, tuple(sorted(people, key=lambda one: one.rank))
    )


def _changed(old: PersonAccess | None, new: PersonAccess) -> Iterator[PersonChange]:
    """Yield the difference of a declared agent, if there is one."""
    former = old.address.key if old and old.address.key != new.address.key else ""
    values = sorted(_values(old, new), key=lambda one: (_rank(one), one.path[1:], one.path))
    entry = EntryChange.CHANGED if old else EntryChange.ADDED
    if values or former or old is None:
        yield PersonChange(new.address, new.name, entry, tuple(values), former)


def _gone(old: PersonAccess, desired: DesiredState) -> PersonChange:
    """Return the difference of an agent without an entry, or with one that declares it absent."""
    is_absent = old.address.identity in desired.resources
    entry = EntryChange.ABSENT if is_absent else EntryChange.REMOVED
    values = tuple(
        ValueChange(one.path, one.declared, None, is_left_out=not is_absent)
        for one in old.values
        if one.declared is not None
    )
    return PersonChange(old.address, old.name, entry, values)


def _values(old: PersonAccess | None, new: PersonAccess) -> Iterator[ValueChange]:
    if old and _state(old) != _state(new):
        yield ValueChange(STATE, _state(old), _state(new), new.state_place)
    before, after = (
        {value.path: value for value in one.values} if one else dict[FieldPath, AccessValue]()
        for one in (old, new)
    )
    for path in before.keys() | after.keys():
        earlier = before[path].declared if path in before else None
        later = after[path].declared if path in after else None
        if earlier != later:
            left_out = later is None and (path in after or DEPARTMENTS in after)
            place = after[path].place if path in after else None
            yield ValueChange(path, earlier, later, place, left_out)


def _state(person: PersonAccess) -> str | None:
    return None if person.state is AccountState.ACTIVE else person.state.value


def _rank(change: ValueChange) -> int:
    if change.path == DEPARTMENTS:
        return power((), None)
    return min(power(change.path, change.before), power(change.path, change.after))
