"""Coverage as tables: departments by services, and hours by days."""

from collections.abc import Callable, Collection
from itertools import groupby
from typing import Any

from provisioner.model.kinds import DAYS, SERVICES
from provisioner.planning.coverage import FEW, Cell, Coverage, PlannedHours
from provisioner.render import readable

BY_HAND = "waits for a manual step"
"""Why a number is not known."""

Data = dict[str, Any]


def matrix(
    coverage: Coverage,
    by_hand: Collection[str] = (),
    whose: Callable[[Cell], str] = lambda _: "",
) -> list[Data]:
    """Return a row for each department, with a cell for each service.

    Args:
        coverage: how many agents take the work.
        by_hand: departments that agents join or leave by hand: how many are left is not known.
        whose: tells by whom agents leave a service.
    """
    rows = {
        name: {
            "department": name,
            "note": _existence(cells[0]),
            "cells": [_cell(cell, whose(cell), waits=name in by_hand) for cell in cells],
        }
        for name, found in groupby(coverage.cells, key=lambda cell: cell.department)
        if (cells := [*found])
    }
    unknown = {"text": "0 → ?", "tone": "empty", "note": BY_HAND}
    new = {
        name: {"department": name, "note": "is new", "cells": [unknown for _ in SERVICES]}
        for name in by_hand
        if name not in rows
    }
    return [row for _, row in readable.ordered({**rows, **new})]


def hour_grids(coverage: Coverage) -> list[Data]:
    """Return a table of the week for each service of a department that has planned hours."""
    return [
        {
            "department": planned.department,
            "service": planned.service,
            "falls": _falls(planned),
            "days": [
                (day, [_hour(*pair) for pair in zip(before, after, strict=True)])
                for day, before, after in zip(DAYS, planned.before, planned.after, strict=True)
            ],
        }
        for planned in sorted(coverage.hours, key=lambda hours: readable.natural(hours.department))
    ]


def _existence(cell: Cell) -> str:
    return "is new" if cell.before is None else "is deleted" if cell.after is None else ""


def _cell(cell: Cell, whose: str, *, waits: bool) -> Data:
    before, after = cell.before or 0, cell.after
    if after is None:
        return {"text": f"{before} → gone", "tone": "empty", "note": ""}
    text = str(after) if before == after else f"{before} → {after}"
    only = (cell.only.name or cell.only.address.key) if cell.only else ""
    tone = _tone(before, after)
    if cell.falls:
        note = f"only {only}" if after else "nobody left"
    elif waits:
        return {"text": f"{before} → ?", "tone": "empty", "note": BY_HAND}
    else:
        tone = "alone" if only and before == after else tone
        note = f"only {only}" if only else ""
    told = [part for part in (note, whose.strip(" ()"), BY_HAND if waits else "") if part]
    return {"text": text, "tone": tone, "note": "; ".join(told)}


def _tone(before: int, after: int) -> str:
    """Return how a number is marked: only one that falls is a warning."""
    if after < before:
        return "less" if after > FEW else "one" if after else "zero"
    return "more" if after > before else "" if after else "empty"


def _hour(before: int, after: int) -> Data:
    text = str(after) if before == after else f"{before}→{after}"
    return {"text": text, "tone": _tone(before, after)}


def _falls(planned: PlannedHours) -> str:
    """Return how many hours of the week the plan leaves without anybody, or with one agent."""
    told = {"without anybody": planned.falls_to(0), "with one agent": planned.falls_to(1)}
    return ", ".join(f"{number} h {how}" for how, number in told.items() if number)
