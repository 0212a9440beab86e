"""Coverage as tables: departments by services, and hours by days."""

from itertools import groupby
from typing import Any

from provisioner.model.kinds import DAYS
from provisioner.planning.coverage import FEW, Cell, Coverage, PlannedHours

Data = dict[str, Any]


def matrix(coverage: Coverage) -> list[Data]:
    """Return a row for each department, with a cell for each service."""
    return [
        {"department": department, "note": _existence(cells[0]), "cells": [*map(_cell, cells)]}
        for department, found in groupby(coverage.cells, key=lambda cell: cell.department)
        if (cells := [*found])
    ]


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
        for planned in coverage.hours
    ]


def _existence(cell: Cell) -> str:
    return "is new" if cell.before is None else "is deleted" if cell.after is None else ""


def _cell(cell: Cell) -> Data:
    before, after = cell.before or 0, cell.after
    if after is None:
        return {"text": f"{before} → gone", "tone": "empty", "note": ""}
    text = str(after) if before == after else f"{before} → {after}"
    only = (cell.only.name or cell.only.address.key) if cell.only else ""
    if cell.falls:
        tone, note = ("one", f"only {only}") if after else ("zero", "nobody left")
    elif only:
        tone, note = "alone", f"only {only}"
    else:
        tone, note = "more" if after > before else "" if after else "empty", ""
    return {"text": text, "tone": tone, "note": note}


def _hour(before: int, after: int) -> Data:
    text = str(after) if before == after else f"{before}→{after}"
    tone = "" if after else "empty"
    if after < before:
        tone = "less" if after > FEW else "one" if after else "zero"
    elif after > before:
        tone = "more"
    return {"text": text, "tone": tone}


def _falls(planned: PlannedHours) -> str:
    """Return how many hours of the week the plan leaves without anybody, or with one agent."""
    told = {"without anybody": planned.falls_to(0), "with one agent": planned.falls_to(1)}
    return ", ".join(f"{number} h {how}" for how, number in told.items() if number)
