"""Planned hours as LiveAgent keeps them: rows of a device's plans, and the YAML's week."""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.model import hours
from provisioner.model.kinds import DAYS

Row = Mapping[str, Any]

FIRST_DAY = 0
"""The number of Monday in a device plan (U)."""

SECONDS = ":00"
"""What follows HH:MM in a device plan's times (U)."""

MIDNIGHT = "23:59"
"""How a plan ends at midnight: its times have no 24:00 (U)."""


def week(plans: Iterable[tuple[str, Row]], departments: Mapping[str, str]) -> hours.Hours:
    """Return the week of an agent's device plans.

    Args:
        plans: service and row of each plan.
        departments: department id to name.
    """
    spans: hours.Spans = {}
    for service, plan in plans:
        day = DAYS[int(plan["day"]) - FIRST_DAY]
        start, end = (plan[name][: len(MIDNIGHT)] for name in ("start", "end"))
        block = hours.shift_spans([day], start, "24:00" if end == MIDNIGHT else end)
        spans.setdefault((departments[plan["department_id"]], service), []).extend(block)
    return hours.from_spans(spans)


def plan_rows(days: Mapping[str, str], device_id: Any, department_id: str) -> list[dict[str, Any]]:
    """Return the rows of a device's plans in a department for one service's canonical week."""
    return [
        {
            "device_id": device_id,
            "department_id": department_id,
            "day": DAYS.index(day) + FIRST_DAY,
            "start": begin + SECONDS,
            "end": (MIDNIGHT if end == "24:00" else end) + SECONDS,
        }
        for day, text in days.items()
        for begin, end in (piece.split("-") for piece in text.split(", "))
    ]
