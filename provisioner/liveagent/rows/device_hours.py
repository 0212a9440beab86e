"""Finds web devices, and translates hours between their plans and the YAML's week.

The API calls a shift of a device in a department a plan. Numbers of days and the form of times are
those of a `HoursForm`; times with and without seconds are read (U: the form that an account sends).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row
from provisioner.model import hours
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.hours_form import HoursForm, hours_form

ShiftRow = Mapping[str, Any]
"""A shift as the API has it: `department_id`, `day`, `start` and `end`."""

_LAST_MINUTE = "23:59"
"""The end of a shift to midnight where times have no 24:00 (U)."""

_LAST_SECOND = "59"
"""The seconds of an end that includes its last minute, such as 17:29:59 for 17:30 (U)."""


def day_number(value: Any) -> int:
    """Return the number of a day: LiveAgent may send it as a number or a text (C).

    Raises:
        ValueError: it is not a whole number.
    """
    if isinstance(value, bool) or not float(value).is_integer():
        raise ValueError(value)
    return int(float(value))


def form_of(capabilities: AccountCapabilities, shifts: Iterable[ShiftRow]) -> HoursForm:
    """Return the form of an account's hours, as known, shown by its rows, or assumed."""
    rows = [*shifts]
    return hours_form(
        capabilities,
        {day_number(row["day"]) for row in rows},
        {row[name] for row in rows for name in ("start", "end")},
    )


def week(
    shifts: Iterable[tuple[str, ShiftRow]], departments: Mapping[str, str], form: HoursForm
) -> hours.Hours:
    """Return the week of an agent from the shifts of the agent's devices.

    Raises:
        TargetError: a row has a number that no day has in this form.
    """
    spans: hours.Spans = {}
    for service, shift in shifts:
        day = _day(day_number(shift["day"]), form)
        spans_of_shift = hours.shift_spans([day], _clock(shift["start"]), _end(shift["end"]))
        spans.setdefault((departments[shift["department_id"]], service), []).extend(spans_of_shift)
    return hours.from_spans(spans)


def shift_rows(
    days: Mapping[str, str], device_id: Any, department_id: str, form: HoursForm
) -> list[dict[str, Any]]:
    """Return the rows of a device's shifts in a department.

    `days` maps a day to spans such as `09:00-17:30`.
    """
    return [
        {
            "device_id": device_id,
            "department_id": department_id,
            "day": form.number_of(day),
            "start": form.time_of(begin),
            "end": form.time_of(end),
        }
        for day, text in days.items()
        for begin, end in (span.split("-") for span in text.split(", "))
    ]


def copied_rows(
    shifts: Iterable[ShiftRow], device_id: Any, department_id: str
) -> Iterator[dict[str, Any]]:
    """Yield rows that add shifts as the account has sent them, such as to put them back."""
    for shift in shifts:
        kept = {name: shift[name] for name in ("start", "end", "title") if name in shift}
        ids = {"device_id": device_id, "department_id": department_id}
        yield {**ids, "day": day_number(shift["day"]), **kept}


def _day(number: int, form: HoursForm) -> str:
    day = form.day_of(number)
    if day is None:
        raise TargetError(
            Diagnostic(
                code="hours-form",
                summary=f"the account has planned hours on day {number}, and by what is confirmed "
                f"for this target its days are {form.described()}",
                hint="compare the hours of one agent in the panel, and correct `hours` of the "
                "target in provisioner.yaml, or its facts in capabilities.yaml",
            )
        )
    return day


def _clock(text: str) -> str:
    """Return a time as HH:MM, without its seconds."""
    hour, minute, *_ = text.split(":")
    return f"{hour:0>2}:{minute}"


def _end(text: str) -> str:
    """Return the end of a shift as HH:MM; a last minute that is included ends with its hour."""
    clock = _clock(text)
    if text.count(":") > 1 and text.endswith(_LAST_SECOND):
        at = hours.minutes(clock) + 1
        return f"{at // 60:02}:{at % 60:02}"
    return "24:00" if clock == _LAST_MINUTE else clock


SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}


def web_devices(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Return a mapping from agent id to a mapping from service to web device.

    Of several web devices for a service, the first counts: one is expected (I).
    """
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if is_web_device(row):
            devices[row["agent_id"]].setdefault(SERVICE_OF[row["service_type"]], row)
    return devices


def is_web_device(row: Row) -> bool:
    """Return whether a device is an agent's in the panel."""
    is_web = row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF
    return is_web and bool(row.get("agent_id"))


def repeated_devices(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return the second and further web devices of an agent for a service."""
    seen: set[tuple[str, str]] = set()
    repeated: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if is_web_device(row):
            key = (row["agent_id"], SERVICE_OF[row["service_type"]])
            if key in seen:
                repeated[key].append(row)
            seen.add(key)
    return repeated
