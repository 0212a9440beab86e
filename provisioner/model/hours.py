"""Planned working hours: the shifts that the YAML declares, and the one canonical form of them.

The canonical form maps department, service and day to times in the account's zone, such as
`{"Support": {"chats": {"mon": "09:00-12:00, 13:00-17:30"}}}`. Two ways to write the same hours have
the same canonical form, so they are not a change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from provisioner.model.kinds import DAYS, SERVICES
from provisioner.model.zones import offset_between

MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY

Hours = dict[str, dict[str, dict[str, str]]]
"""Canonical hours: department, service and day to times."""

Spans = dict[tuple[str, str], list[tuple[int, int]]]
"""Department and service to spans in minutes of the week."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One entry of an agent's declared hours.

    Attributes:
        zone: the IANA name of the zone of its times; "" for the account's own zone.
        departments: names of departments.
        services: the services of these departments.
        pieces: spans in minutes of the week.
    """

    zone: str
    departments: Collection[str]
    services: Collection[str]
    pieces: Sequence[tuple[int, int]]


def shifts_of(declared: list[dict[str, Any]], departments: Mapping[str, Any]) -> tuple[Shift, ...]:
    """Return the shifts of an agent's declared hours.

    Args:
        declared: the list `hours` of the YAML; it must have the shape of the schema.
        departments: the declared memberships of the agent: the default of each shift.
    """
    return tuple(
        Shift(
            zone=entry.get("timezone", ""),
            departments=entry.get("departments", departments),
            services=entry.get("services", SERVICES),
            pieces=shift_spans(entry["days"], entry["from"], entry["to"]),
        )
        for entry in declared
    )


class ShiftCache:
    """Makes shifts, only once for hours that many agents have from one profile."""

    def __init__(self) -> None:
        # The values are kept with the shifts, so that no other value gets their id.
        self._made: dict[tuple[int, int], tuple[object, object, tuple[Shift, ...]]] = {}

    def shifts_of(
        self, declared: list[dict[str, Any]], departments: Mapping[str, Any]
    ) -> tuple[Shift, ...]:
        """Return the result of the function `shifts_of` for the same values."""
        key = id(declared), id(departments)
        if key not in self._made:
            self._made[key] = declared, departments, shifts_of(declared, departments)
        return self._made[key][2]


def planned_hours(shifts: Iterable[Shift], account_zone: str) -> Hours:
    """Return the canonical hours of shifts in the account's zone.

    A shift is left out where the offset between its zone and the account's changes during the
    year: no hours in the account's zone have the same meaning all year.
    """
    spans: Spans = {}
    for shift in shifts:
        offset = offset_between(shift.zone or account_zone, account_zone)
        if offset is not None:
            pieces = [(start + offset, end + offset) for start, end in shift.pieces]
            for key in product(shift.departments, shift.services):
                spans.setdefault(key, []).extend(pieces)
    return from_spans(spans)


def from_spans(spans: Mapping[tuple[str, str], Iterable[tuple[int, int]]]) -> Hours:
    """Return the canonical hours of spans in minutes; they may overlap and cross midnight."""
    result: Hours = {}
    for (department, service), pieces in sorted(spans.items()):
        days: dict[str, list[str]] = {}
        for start, end in _joined(pieces):
            day, begin = divmod(start, MINUTES_OF_DAY)
            days.setdefault(DAYS[day], []).append(f"{_clock(begin)}-{_clock(begin + end - start)}")
        if days:
            shown = {day: ", ".join(days[day]) for day in DAYS if day in days}
            result.setdefault(department, {})[service] = shown
    return result


def as_yaml(hours: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Return canonical hours as entries of the YAML, as few as possible."""
    days = _grouped(
        ((begin, end, service, department), day)
        for department, services in sorted(hours.items())
        for service in SERVICES
        for begin, end, day in _over_midnight(services.get(service, {}))
    )
    services = _grouped(
        ((begin, end, on, department), service)
        for (begin, end, service, department), on in days.items()
    )
    departments = _grouped(
        ((begin, end, on, of), department) for (begin, end, on, department), of in services.items()
    )
    entries = [
        {"days": [*on], "from": begin, "to": end, "services": [*of], "departments": [*where]}
        for (begin, end, on, of), where in departments.items()
    ]
    return sorted(
        entries, key=lambda entry: [[DAYS.index(day) for day in entry["days"]], str(entry)]
    )


def _over_midnight(days: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return begin, end and day of each span; one that goes on after midnight stays whole."""
    spans = [
        (*piece.split("-"), day) for day in DAYS if day in days for piece in days[day].split(", ")
    ]
    mornings = {day: end for begin, end, day in spans if begin == "00:00"}
    result, joined = [], set()
    for begin, end, day in spans:
        following = DAYS[(DAYS.index(day) + 1) % len(DAYS)]
        goes_on = end == "24:00" and "00:00" < begin >= mornings.get(following, end)
        if goes_on:
            joined.add(following)
        result.append((begin, mornings[following] if goes_on else end, day))
    return [one for one in result if not (one[0] == "00:00" and one[2] in joined)]


def weekly_minutes(services: Mapping[str, Mapping[str, str]]) -> int:
    """Return the minutes of a week in which at least one service has hours.

    Args:
        services: service and day to times: the canonical hours in one department.
    """
    pieces = [
        span
        for days in services.values()
        for begin, end, day in _over_midnight(days)
        for span in shift_spans([day], begin, end)
    ]
    return sum(end - start for start, end in _joined(pieces))


def _grouped(
    rows: Iterable[tuple[tuple[Any, ...], str]],
) -> dict[tuple[Any, ...], tuple[str, ...]]:
    """Return each first part of the rows with all its second parts."""
    groups: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for key, value in rows:
        groups[key] = (*groups.get(key, ()), value)
    return groups


def shift_spans(days: Iterable[str], begin: str, end: str) -> list[tuple[int, int]]:
    """Return a shift on several days as spans in minutes of the week."""
    start, stop = minutes(begin), minutes(end)
    if stop <= start:
        stop += MINUTES_OF_DAY
    return [(at + start, at + stop) for at in (DAYS.index(day) * MINUTES_OF_DAY for day in days)]


def minutes(clock: str) -> int:
    """Return the minutes since midnight of `HH:MM`."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def _joined(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut spans at midnight, bring them into the week, and join those that touch."""
    cut: list[tuple[int, int]] = []
    for first, end in pieces:
        start = first
        while start < end:
            stop = min(end, (start // MINUTES_OF_DAY + 1) * MINUTES_OF_DAY)
            at = start % MINUTES_OF_WEEK
            cut.append((at, at + stop - start))
            start = stop
    result: list[tuple[int, int]] = []
    for start, end in sorted(cut):
        is_same_day = result and (start % MINUTES_OF_DAY or start == result[-1][0])
        if is_same_day and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
