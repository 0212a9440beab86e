"""The dates of an agent: `starts`, `ends` with `on_end`, and `temporary`.

A date is a day in the account's time zone. The last day counts: an agent with `ends: 2027-01-31`
has access on that day and loses it on 2027-02-01. Only `DayRange` knows this rule.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from provisioner.diagnostics import Diagnostic, Span
from provisioner.model.fields import FieldPath
from provisioner.model.layers import Layer
from provisioner.model.zones import zone_of

STARTS, ENDS, ON_END, TEMPORARY = "starts", "ends", "on_end", "temporary"

DATE_KEYS = frozenset({STARTS, ENDS, ON_END, TEMPORARY})
"""The keys of an agent that make its fields depend on the day."""

ENTRY_KEYS = ("from", "until", "reason")
"""The keys of an entry of `temporary` that are no fields of the agent."""

_ONE_DAY = timedelta(days=1)


def day_in(zone: str, moment: datetime) -> date:
    """Return the day of a moment in a time zone."""
    return moment.astimezone(zone_of(zone)).date()


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from a first one to a last one, both included; None for no limit."""

    first: date | None = None
    last: date | None = None

    def is_before(self, day: date) -> bool:
        """Return whether a day is after the last one."""
        return self.last is not None and day > self.last

    def is_after(self, day: date) -> bool:
        """Return whether a day is before the first one."""
        return self.first is not None and day < self.first

    def holds(self, day: date) -> bool:
        """Return whether a day is one of these."""
        return not (self.is_before(day) or self.is_after(day))

    @property
    def day_after(self) -> date | None:
        """The day after the last one; None for no end in the calendar."""
        return self.last + _ONE_DAY if self.last and self.last < date.max else None

    def overlaps(self, other: "DayRange") -> bool:
        """Return whether two periods with both limits have a common day."""
        return all(
            one.first is not None and not two.is_before(one.first)
            for one, two in ((self, other), (other, self))
        )


@dataclass(frozen=True, slots=True)
class Temporary:
    """An entry of `temporary`.

    Attributes:
        layer: the fields of the entry, to be laid over those of the agent.
        days: the days of the entry.
        reason: why the agent has the fields.
    """

    layer: Layer
    days: DayRange
    reason: str

    def paths(self) -> list[FieldPath]:
        """Return the paths of all values of the entry; an empty mapping is a value."""
        return [*_leaves(self.layer.fields)]


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of an agent.

    Attributes:
        days: the days of the agent.
        deletes: whether the end deletes the account; otherwise it suspends the agent.
        temporary: the entries of `temporary`, in the order of the file.
        owners: mapping from key to the entry of the files that has it.
    """

    days: DayRange
    deletes: bool
    temporary: tuple[Temporary, ...]
    owners: Mapping[str, Layer]

    @property
    def span(self) -> Span:
        """The position of one of the dates."""
        return self.span_of(min(self.owners))

    def span_of(self, key: str) -> Span:
        """Return the position of a key that the agent has."""
        return self.owners[key].span(key)

    def changing_days(self) -> set[date]:
        """Return the days on which the agent differs from the day before."""
        ranges = (self.days, *(one.days for one in self.temporary))
        turning = {day for one in ranges for day in (one.first, one.day_after)}
        return {day for day in turning if day is not None}


def read_dates(own: Sequence[Layer]) -> Dates | None:
    """Return the dates of an agent from its own layers, the strongest last; None for no dates.

    Values that violate the schema are ignored: they are reported already.
    """
    if not any(DATE_KEYS & layer.fields.keys() for layer in own):
        return None
    values = {key: layer for layer in own for key in DATE_KEYS & layer.fields.keys()}
    first, last, on_end = (
        values[key].fields[key] if key in values else None for key in (STARTS, ENDS, ON_END)
    )
    return Dates(
        days=DayRange(_day(first), _day(last)),
        deletes=on_end == "delete",
        temporary=tuple(_entries(values[TEMPORARY])) if TEMPORARY in values else (),
        owners=values,
    )


def _day(text: Any) -> date | None:
    """Return the day of a text such as 2027-01-31; None for anything else."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _entries(layer: Layer) -> Iterator[Temporary]:
    """Yield the entries of `temporary` that have both days."""
    entries = layer.fields[TEMPORARY]
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        days = DayRange(_day(entry.get("from")), _day(entry.get("until")))
        if days.first is None or days.last is None:
            continue
        fields = {key: value for key, value in entry.items() if key not in ENTRY_KEYS}
        path = (*layer.path, TEMPORARY, index)
        reason = entry.get("reason")
        yield Temporary(
            Layer(fields, layer.document, path), days, reason if isinstance(reason, str) else ""
        )


def _leaves(fields: Any, path: FieldPath = ()) -> Iterator[FieldPath]:
    for key, value in fields.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def date_findings(name: str, own: Sequence[Layer], dates: Dates) -> Iterator[Diagnostic]:
    """Yield the errors of an agent's dates that the schema can't express.

    `own` are the agent's own layers.
    """
    for layer in own:
        yield from _impossible_days(name, layer)
    if _is_reversed(dates.days):
        yield _order(f'agent "{name}": `{ENDS}` is before `{STARTS}`', dates.span_of(ENDS))
    if ON_END in dates.owners and ENDS not in dates.owners:
        yield Diagnostic(
            code="end-without-date",
            summary=f'agent "{name}": `{ON_END}` without `{ENDS}`',
            span=dates.span_of(ON_END),
            hint=f"add `{ENDS}` with the last day, or remove the line",
        )
    for number, one in enumerate(dates.temporary):
        if _is_reversed(one.days):
            yield _order(f'agent "{name}": `until` is before `from`', one.layer.span("until"))
        if not one.layer.fields:
            yield Diagnostic(
                code="missing-key",
                summary=f'agent "{name}": the temporary entry has no field',
                span=one.layer.span(),
                hint="add what holds meanwhile, such as role: admin",
            )
        yield from _overlaps(name, one, dates.temporary[:number])


def _is_reversed(days: DayRange) -> bool:
    return days.first is not None and days.is_before(days.first)


def _order(summary: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="dates-order",
        summary=summary,
        span=span,
        hint="write the first day before the last one; both days count",
    )


def _impossible_days(name: str, layer: Layer) -> Iterator[Diagnostic]:
    """Yield an error for each text in the form of a date that is no day of the calendar."""
    fields, entries = layer.fields, layer.fields.get(TEMPORARY)
    places = [((key,), fields[key]) for key in (STARTS, ENDS) if key in fields]
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            keys = [key for key in ENTRY_KEYS[:2] if key in entry]
            places += [((TEMPORARY, index, key), entry[key]) for key in keys]  # type: ignore[misc]
    for path, text in places:
        if (
            isinstance(text, str)
            and _day(text) is None
            and layer.path not in layer.document.invalid
        ):
            yield Diagnostic(
                code="invalid-value",
                summary=f'agent "{name}": there is no day {text}',
                span=layer.document.span((*layer.path, *path)),
                hint="write a day such as 2027-01-31",
            )


def _overlaps(name: str, one: Temporary, others: Iterable[Temporary]) -> Iterator[Diagnostic]:
    """Yield an error for each earlier entry that gives the same field a value on the same day."""
    own = one.paths()
    for other in others:
        theirs = other.paths()
        path = next((a for a in own for b in theirs if a[: len(b)] == b[: len(a)]), None)
        if path is not None and one.days.overlaps(other.days):
            yield Diagnostic(
                code="temporary-overlap",
                summary=f'agent "{name}": two temporary entries give {".".join(path)} a value '
                "on the same day",
                span=one.layer.span(*path),
                hint="end the one before the other begins",
                related=(("the other entry", other.layer.span()),),
            )
