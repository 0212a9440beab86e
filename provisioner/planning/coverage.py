"""Coverage: the number of agents for each service of each department, before and after a plan.

An agent covers a service in a department if the membership has the service on. Availability does
not count: agents switch it during the day. All agents of the account count, declared or not; a
deleted or suspended agent has no memberships.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.live.state import LiveState
from provisioner.model.hours import MINUTES_OF_DAY, MINUTES_OF_WEEK, shift_spans
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Change
from provisioner.planning.desired_on_account import zone_of_hours

MINUTES_OF_HOUR = 60

FEW = 1
"""Warn when a service is left with this many agents or fewer."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The only agent who covers a service of a department."""

    address: Address
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """The number of agents who cover a service in a department.

    Attributes:
        department: the name of the department.
        service: tickets, chats or calls.
        before: the number before the plan; None if the department does not exist yet.
        after: the number after the plan; None if the department is deleted.
        only: the last agent, where `after` is 1.
    """

    department: str
    service: str
    before: int | None
    after: int | None
    only: Holder | None = None

    @property
    def falls(self) -> bool:
        """Whether the plan reduces the number to `FEW` or less."""
        return self.after is not None and self.after <= FEW and self.after < (self.before or 0)


Grid = tuple[tuple[int, ...], ...]
"""A number of agents for each hour of each day from Monday."""


@dataclass(frozen=True, slots=True)
class PlannedHours:
    """The number of agents who are planned for a service in a department, by hour of the week.

    The number of an hour is the lowest number at any moment of it.

    Attributes:
        department: the name of the department.
        service: tickets, chats or calls.
        before: the numbers before the plan.
        after: the numbers after the plan.
    """

    department: str
    service: str
    before: Grid
    after: Grid

    def falls_to(self, number: int) -> int:
        """Return how many hours of the week the plan reduces to a number of agents."""
        return sum(
            after < before and after == number
            for days in zip(self.before, self.after, strict=True)
            for before, after in zip(*days, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of all departments, before and after a plan.

    Attributes:
        cells: each department with each service, sorted by department.
        hours: the planned hours, for those that have any.
        timezone: the time zone of the planned hours.
    """

    cells: tuple[Cell, ...] = ()
    hours: tuple[PlannedHours, ...] = ()
    timezone: str = ""

    @property
    def falling(self) -> tuple[Cell, ...]:
        """The cells that the plan reduces to one agent or none; the emptiest first."""
        return tuple(sorted((c for c in self.cells if c.falls), key=lambda cell: cell.after or 0))

    @property
    def shrinking(self) -> tuple[Cell, ...]:
        """The other cells that have fewer agents after the plan; those of most agents first."""
        fewer = [c for c in self.cells if c.after is not None and c.after < (c.before or 0)]
        rest = (cell for cell in fewer if not cell.falls)
        return tuple(sorted(rest, key=lambda cell: (cell.after or 0) - (cell.before or 0)))

    @property
    def single(self) -> tuple[Cell, ...]:
        """The cells that have one agent after the plan."""
        return tuple(cell for cell in self.cells if cell.only is not None)


def cover(live: LiveState, changes: Iterable[Change]) -> Coverage:
    """Return the coverage of an account before and after a plan.

    Manual steps do not count.
    """
    before, after = cover_sides(live, changes)
    return Coverage(
        cells=tuple(_cells(before, after)),
        hours=tuple(_hours(before, after)),
        timezone=zone_of_hours(live),
    )


def cover_sides(live: LiveState, changes: Iterable[Change]) -> tuple["CoverSide", "CoverSide"]:
    """Return who covers what in an account before and after changes."""
    before, after = CoverSide(), CoverSide()
    changed = {change.address.identity: change for change in changes}
    for identity, existing in live.objects.items():
        before.add(existing.address, existing.attributes)
        if identity not in changed:
            after.add(existing.address, existing.attributes)
    for change in changed.values():
        if change.after is not None:
            after.add(change.address, change.after)
    return before, after


Objects = Iterable[tuple[Address, Mapping[str, Any]]]
"""Addresses and fields of objects, declared or live."""


def declared_cover(before: Objects, after: Objects) -> tuple[Cell, ...]:
    """Return the cells of two states of the files; agents whom no file declares do not count."""
    sides = CoverSide(), CoverSide()
    for side, objects in zip(sides, (before, after), strict=True):
        for address, attributes in objects:
            side.add(address, attributes)
    return tuple(_cells(*sides))


Key = tuple[str, str]
"""A folded name of a department, and a service."""


class CoverSide:
    """The departments, agents and hours of an account before or after a plan."""

    def __init__(self) -> None:
        self.departments: dict[str, str] = {}
        self.agents: dict[Key, list[Holder]] = defaultdict(list)
        self.weeks: dict[Key, list[Mapping[str, str]]] = defaultdict(list)

    def add(self, address: Address, attributes: Mapping[str, Any]) -> None:
        """Add an object of the account."""
        if address.kind is Kind.DEPARTMENT:
            self.departments[fold(address.key)] = attributes.get("name", address.key)
        elif address.kind is Kind.AGENT:
            self._agent(Holder(address, attributes.get("name", "")), attributes)

    def _agent(self, agent: Holder, attributes: Mapping[str, Any]) -> None:
        hours = attributes.get("hours") or {}
        for name, entry in (attributes.get("departments") or {}).items():
            department = fold(name)
            for service in SERVICES:
                if entry.get(service):
                    self.agents[department, service].append(agent)
                    if week := hours.get(name, {}).get(service):
                        self.weeks[department, service].append(week)

    def count(self, key: Key) -> int | None:
        """Return how many agents cover a service; None if the department does not exist."""
        return len(self.agents[key]) if key[0] in self.departments else None

    def present(self, key: Key) -> list[int]:
        """Return how many agents are planned in each minute of the week."""
        steps = [0] * (MINUTES_OF_WEEK + MINUTES_OF_DAY)
        for week in self.weeks[key]:
            for start, end in _spans(week):
                steps[start] += 1
                steps[end] -= 1
        return list(accumulate(steps))[:MINUTES_OF_WEEK]

    def grid(self, key: Key) -> Grid:
        """Return how many agents are planned in each hour of the week."""
        present = self.present(key)
        return tuple(
            tuple(
                min(present[at : at + MINUTES_OF_HOUR])
                for at in range(start, start + MINUTES_OF_DAY, MINUTES_OF_HOUR)
            )
            for start in range(0, MINUTES_OF_WEEK, MINUTES_OF_DAY)
        )


def _spans(week: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    for day, text in week.items():
        for piece in text.split(", "):
            yield from shift_spans([day], *piece.split("-"))


def _cells(before: CoverSide, after: CoverSide) -> Iterator[Cell]:
    names = {**before.departments, **after.departments}
    for folded, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
        for service in SERVICES:
            key = (folded, service)
            remaining = after.count(key)
            yield Cell(
                department=name,
                service=service,
                before=before.count(key),
                after=remaining,
                only=after.agents[key][0] if remaining == 1 else None,
            )


def _hours(before: CoverSide, after: CoverSide) -> Iterator[PlannedHours]:
    names = {**before.departments, **after.departments}
    for folded, service in sorted({*before.weeks, *after.weeks}):
        key = (folded, service)
        yield PlannedHours(names.get(folded, folded), service, before.grid(key), after.grid(key))
