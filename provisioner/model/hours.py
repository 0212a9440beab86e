"""Planned hours: from the blocks of the YAML to one canonical week.

A week says for each department and service and day the spans of time, in the account's own zone:
`{"Support": {"chats": {"mon": "09:00-12:00, 13:00-17:30"}}}`. Two ways to write the same hours are
the same week, so they are no change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.model.kinds import DAYS, SERVICES

MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY

Week = dict[str, dict[str, dict[str, str]]]
Spans = dict[tuple[str, str], list[tuple[int, int]]]
"""Department and service to spans in minutes of the week."""


def week(spans: Mapping[tuple[str, str], Iterable[tuple[int, int]]]) -> Week:
    """Return the canonical week of spans in minutes; they may overlap and cross midnight."""
    result: Week = {}
    for (department, service), pieces in sorted(spans.items()):
        days: dict[str, list[str]] = {}
        for start, end in _joined(pieces):
            day, begin = divmod(start, MINUTES_OF_DAY)
            days.setdefault(DAYS[day], []).append(f"{_clock(begin)}-{_clock(begin + end - start)}")
        if days:
            shown = {day: ", ".join(days[day]) for day in DAYS if day in days}
            result.setdefault(department, {})[service] = shown
    return result


def blocks(content: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Return a canonical week as blocks of the YAML, with what is alike in one of them."""
    days = _gathered(
        ((*piece.split("-"), service, department), day)
        for department, services in sorted(content.items())
        for service in SERVICES
        for day, text in services.get(service, {}).items()
        for piece in text.split(", ")
    )
    services = _gathered(
        ((begin, end, on, department), service)
        for (begin, end, service, department), on in days.items()
    )
    departments = _gathered(
        ((begin, end, on, of), department) for (begin, end, on, department), of in services.items()
    )
    made = [
        {"days": [*on], "from": begin, "to": end, "services": [*of], "departments": [*where]}
        for (begin, end, on, of), where in departments.items()
    ]
    return sorted(made, key=lambda block: [[DAYS.index(day) for day in block["days"]], str(block)])


def _gathered(
    rows: Iterable[tuple[tuple[Any, ...], str]],
) -> dict[tuple[Any, ...], tuple[str, ...]]:
    """Return the second parts of rows by their first."""
    found: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for key, value in rows:
        found[key] = (*found.get(key, ()), value)
    return found


def block_spans(days: Iterable[str], begin: str, end: str) -> list[tuple[int, int]]:
    """Return one block of hours on several days as spans in minutes of the week."""
    start, stop = minutes(begin), minutes(end)
    if stop <= start:
        stop += MINUTES_OF_DAY
    return [(at + start, at + stop) for at in (DAYS.index(day) * MINUTES_OF_DAY for day in days)]


def minutes(clock: str) -> int:
    """Return the minutes since midnight of `HH:MM`."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def shifted(spans: Iterable[tuple[int, int]], by: int) -> list[tuple[int, int]]:
    """Return spans moved by minutes, still within the week."""
    return [(start + by, end + by) for start, end in spans]


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
        if result and start <= result[-1][1] and start % MINUTES_OF_DAY:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
