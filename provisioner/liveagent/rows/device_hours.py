"""Translates planned hours between the plans of LiveAgent's devices and the YAML's week.

The API calls a shift of a device in a department a plan.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.model import hours
from provisioner.model.kinds import DAYS

ShiftRow = Mapping[str, Any]
"""A shift as the API has it: `department_id`, `day`, `start` and `end`."""

FIRST_DAY = 0
"""The number of Monday (U)."""

SECONDS = ":00"
"""What follows HH:MM in the times of a shift (U)."""

MIDNIGHT = "23:59"
"""The end of a shift at midnight: times have no 24:00 (U)."""


def week(shifts: Iterable[tuple[str, ShiftRow]], departments: Mapping[str, str]) -> hours.Hours:
    """Return the week of an agent from the shifts of the agent's devices.

    Args:
        shifts: service and row of each shift.
        departments: mapping from department id to name.
    """
    spans: hours.Spans = {}
    for service, shift in shifts:
        day = DAYS[int(shift["day"]) - FIRST_DAY]
        start, end = (shift[name][: len(MIDNIGHT)] for name in ("start", "end"))
        spans_of_shift = hours.shift_spans([day], start, "24:00" if end == MIDNIGHT else end)
        spans.setdefault((departments[shift["department_id"]], service), []).extend(spans_of_shift)
    return hours.from_spans(spans)


def shift_rows(days: Mapping[str, str], device_id: Any, department_id: str) -> list[dict[str, Any]]:
    """Return the rows of a device's shifts in a department.

    Args:
        days: one service's canonical week: day to spans such as `09:00-17:30`.
        device_id: the id of the device.
        department_id: the id of the department.
    """
    return [
        {
            "device_id": device_id,
            "department_id": department_id,
            "day": DAYS.index(day) + FIRST_DAY,
            "start": begin + SECONDS,
            "end": (MIDNIGHT if end == "24:00" else end) + SECONDS,
        }
        for day, text in days.items()
        for begin, end in (span.split("-") for span in text.split(", "))
    ]
