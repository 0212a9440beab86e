"""The forecast: what begins and lapses on the next days by the dates of agents, with its cover.

It is made from the files alone: the effects are those between two days of the declared state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from provisioner.address import Address, parse
from provisioner.diagnostics import Span
from provisioner.documents.schema.shapes import (
    anything,
    number,
    one_of,
    optional,
    pattern,
    record,
    sequence,
    text,
)
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.model.dates.declared import Dates, DayRange, Temporary
from provisioner.model.dates.resolving import on_day
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.layers import merged_key
from provisioner.planning.changes import FieldChange
from provisioner.planning.coverage import Cell, Objects, declared_cover
from provisioner.planning.field_changes import field_changes
from provisioner.planning.plans.change_json import source_data

ONE_DAY = timedelta(days=1)


class Turn(StrEnum):
    """What happens to an agent on a day."""

    STARTS = "starts"
    """The first day of the agent."""
    ENDS = "ends"
    """The day after the last day of the agent."""
    BEGINS = "begins"
    """The first day of a temporary entry."""
    LAPSES = "lapses"
    """The day after the last day of a temporary entry."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an agent.

    Attributes:
        day: the day.
        address: the agent.
        name: the agent's name; "" for none.
        turn: what happens.
        detail: the reason of a temporary entry, or `suspend` or `delete` for an end.
        until: the last day of what begins; None for no end.
        fields: the declared values that differ from the day before.
        source: the place of the date in the files.
    """

    day: date
    address: Address
    name: str
    turn: Turn
    detail: str
    until: date | None
    fields: tuple[FieldChange, ...]
    source: Span

    def as_data(self) -> dict[str, Any]:
        """Return the event as JSON data."""
        return {
            "date": str(self.day),
            "address": str(self.address),
            "name": self.name,
            "event": self.turn.value,
            "detail": self.detail,
            "until": self.until.isoformat() if self.until else None,
            "fields": [
                {"path": list(one.path), "before": one.before, "after": one.after}
                for one in self.fields
            ],
            "source": source_data(self.source),
        }


@dataclass(frozen=True, slots=True)
class DayForecast:
    """The events of a day, and the cells of the cover that they change."""

    day: date
    events: tuple[Event, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days on which something begins or lapses.

    Attributes:
        range: the first and the last day of the forecast.
        timezone: the zone of the days.
        days: the days with events, the earliest first.
    """

    range: DayRange
    timezone: str
    days: tuple[DayForecast, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the forecast as JSON data."""
        return {
            "format_version": "1.0",
            "at": str(self.range.first),
            "until": str(self.range.last),
            "timezone": self.timezone,
            "events": [event.as_data() for one in self.days for event in one.events],
            "cover": [
                {
                    "date": str(one.day),
                    "department": cell.department,
                    "service": cell.service,
                    "before": cell.before,
                    "after": cell.after,
                }
                for one in self.days
                for cell in one.cells
            ],
        }


def forecast(state: DesiredState, shown: DayRange, timezone: str) -> Forecast:
    """Return the forecast of a declared state for some days."""
    agents = state.dated or [one for one in state.resources.values() if one.dates]
    turning = {day for agent in agents if agent.dates for day in agent.dates.changing_days()}
    days = sorted(day for day in turning if shown.holds(day))
    return Forecast(shown, timezone, tuple(_forecast(state, day) for day in days))


def new_events(desired: DesiredState, earlier: DesiredState) -> tuple[Event, ...]:
    """Return the events after the day of a desired state that earlier files did not have."""
    known = {_content(event) for event in _later(earlier, desired.day)}
    return tuple(one for one in _later(desired, desired.day) if _content(one) not in known)


def _content(event: Event) -> str:
    """Return what an event is: without its place, the agent's name, and what an end takes."""
    fields = () if event.turn is Turn.ENDS else event.fields
    return repr(replace(event, name="", fields=fields, source=Span("", 0, 0)))


_A_DAY = pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day such as 2027-01-31")

EVENT = record(
    {
        "date": _A_DAY,
        "address": ADDRESS,
        "name": text,
        "event": one_of(Turn),
        "detail": text,
        "until": optional(_A_DAY),
        "fields": sequence(record({"path": sequence(text), "before": anything, "after": anything})),
        "source": record({"file": text, "line": number(1)}),
    }
)


def event_of(data: Mapping[str, Any]) -> Event:
    """Return an event from JSON data that has the shape of `EVENT`."""
    return Event(
        day=date.fromisoformat(data["date"]),
        address=parse(data["address"]),
        name=data["name"],
        turn=Turn(data["event"]),
        detail=data["detail"],
        until=date.fromisoformat(data["until"]) if data["until"] else None,
        fields=tuple(
            FieldChange(tuple(one["path"]), one["before"], one["after"]) for one in data["fields"]
        ),
        source=Span(data["source"]["file"], data["source"]["line"], 1),
    )


def _later(state: DesiredState, today: date | None) -> Iterator[Event]:
    """Yield all events after a day, the earliest first."""
    if today is None or not state.dated:
        return
    agents = replace(state, resources={one.address.identity: one for one in state.dated})
    turning = {day for one in state.dated if one.dates for day in one.dates.changing_days()}
    for day in sorted(day for day in turning if day > today):
        yield from _events_of_day(on_day(agents, day - ONE_DAY), on_day(agents, day), day)


def _events_of_day(before: DesiredState, after: DesiredState, day: date) -> list[Event]:
    events = [
        event
        for agent in after.dated
        if agent.dates
        for event in _events(agent, agent.dates, day, _differences(agent, before, after))
    ]
    return sorted(events, key=lambda one: (str(one.address), one.turn))


def _forecast(state: DesiredState, day: date) -> DayForecast:
    before, after = on_day(state, day - ONE_DAY), on_day(state, day)
    cells = declared_cover(_objects(before), _objects(after))
    return DayForecast(
        day,
        tuple(_events_of_day(before, after, day)),
        tuple(cell for cell in cells if cell.before != cell.after),
    )


def _objects(state: DesiredState) -> Objects:
    """Yield the objects that the account has according to a state."""
    for resource in state.resources.values():
        if not resource.absent:
            yield resource.address, resource.attributes


def _differences(
    agent: Resource, before: DesiredState, after: DesiredState
) -> tuple[FieldChange, ...]:
    """Return the declared values of an agent that differ between two days."""
    sides = [_values(state.resources.get(agent.address.identity)) for state in (before, after)]
    if sides[0] == sides[1]:
        return ()
    changes = field_changes(*sides)
    hours = FieldChange(("hours",), sides[0].get("hours"), sides[1].get("hours"))
    without = tuple(one for one in changes if one.path[0] != "hours")
    return (*without, hours) if len(without) < len(changes) else without


def _values(agent: Resource | None) -> dict[str, Any]:
    """Return what a state gives to an agent; nothing for an agent without an account."""
    if agent is None or agent.absent:
        return {"departments": {}}
    hours = None if agent.suspended else merged_key(agent.layers, "hours")
    # Identity and name are no effect of a date, and null departments are none.
    known = {key: one for key, one in agent.attributes.items() if key not in {"email", "name"}}
    known["departments"] = known.get("departments") or {}
    return {**known, **({"hours": hours} if hours else {})}


def _events(
    agent: Resource, dates: Dates, day: date, fields: tuple[FieldChange, ...]
) -> Iterator[Event]:
    name = str(agent.attributes.get("name") or "")

    def event(
        turn: Turn, detail: str, until: date | None, own: tuple[FieldChange, ...], place: Span
    ) -> Event:
        return Event(day, agent.address, name, turn, detail, until, own, place)

    if dates.days.first == day:
        yield event(Turn.STARTS, "", dates.days.last, fields, dates.span_of("starts"))
    if dates.days.day_after == day:
        state = "delete" if dates.deletes else "suspend"
        access = tuple(one for one in fields if one.path[0] in {"role", "departments", "hours"})
        yield event(Turn.ENDS, state, None, access, dates.span_of("ends"))
    for one in dates.temporary:
        own = _of_entry(one, fields)
        if one.days.first == day:
            yield event(Turn.BEGINS, one.reason, one.days.last, own, one.layer.span())
        if one.days.day_after == day:
            yield event(Turn.LAPSES, one.reason, None, own, one.layer.span())


def _of_entry(one: Temporary, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    """Return the differences in the fields of a temporary entry."""
    paths = one.paths()
    return tuple(
        field
        for field in fields
        if any(_is_prefix(path, field.path) or _is_prefix(field.path, path) for path in paths)
    )


def _is_prefix(one: FieldPath, other: FieldPath) -> bool:
    return other[: len(one)] == one
