"""Coverage as tables: departments by services, hours by days, and agents who work alone."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

from provisioner.model.kinds import DAYS, SERVICES
from provisioner.planning.coverage import FEW, Cell, Coverage, Holder, PlannedHours
from provisioner.render import readable
from provisioner.render.html.page_entries import parts
from provisioner.render.review.coverage_falls import Leaving
from provisioner.render.sentences import Quoted, Sentence, joined

BY_HAND = "waits for a manual step"
"""Why a number is not known."""

Data = dict[str, Any]


def matrix(
    coverage: Coverage, by_hand: Collection[str] = (), leaving: Leaving | None = None
) -> list[Data]:
    """Return a row for each department, with a cell for each service.

    Args:
        coverage: the agents of each service, before and after the plan.
        by_hand: departments that agents join or leave by hand, so that their number is not known.
        leaving: for each department and service, how many agents leave it, by attribution.
    """
    rows = {
        name: {
            "department": name,
            "note": _existence(cells[0]),
            "cells": [_cell(cell, leaving or {}, waits=name in by_hand) for cell in cells],
            "changes": name in by_hand or any(cell.before != cell.after for cell in cells),
        }
        for name, same in groupby(coverage.cells, key=lambda cell: cell.department)
        if (cells := [*same])
    }
    unknown = {"text": "0 → ?", "tone": "empty", "note": BY_HAND}
    new = {
        name: {
            "department": name,
            "note": "is new",
            "cells": [unknown for _ in SERVICES],
            "changes": True,
        }
        for name in by_hand
        if name not in rows
    }
    return [row for _, row in readable.ordered({**rows, **new})]


def single_agents(coverage: Coverage, by_hand: Collection[str]) -> list[Data]:
    """Return the agents who are the only ones in a service, with these services.

    Departments with a manual step are left out: the number of their agents is not known.
    """
    services: dict[Holder, list[Sentence]] = {}
    for cell in coverage.single:
        if cell.only and cell.department not in by_hand:
            service = (f"{cell.service} in ", Quoted(cell.department))
            services.setdefault(cell.only, []).append(service)
    return [
        {"person": {"name": agent.name, "key": agent.address.key}, "text": parts(joined(own))}
        for agent, own in sorted(services.items(), key=lambda item: item[0].address)
    ]


def hour_grids(coverage: Coverage) -> list[Data]:
    """Return the week of each service of a department that has planned hours.

    Each has two pictures, before and after, and the same numbers as a table.
    """
    return [
        {
            "department": planned.department,
            "service": planned.service,
            "falls": _falls(planned),
            "changes": planned.before != planned.after,
            "pictures": _pictures(planned),
            "days": [
                (day, [_hour(*pair) for pair in zip(before, after, strict=True)])
                for day, before, after in zip(DAYS, planned.before, planned.after, strict=True)
            ],
        }
        for planned in sorted(coverage.hours, key=lambda hours: readable.natural(hours.department))
    ]


def _pictures(planned: PlannedHours) -> list[Data]:
    """Return a picture of the hours after the plan, and of those before if they differ."""
    most = max(max(map(max, side)) for side in (planned.before, planned.after))
    after = [
        [*zip(old, new, strict=True)]
        for old, new in zip(planned.before, planned.after, strict=True)
    ]
    pictures = [{"title": "After", "days": [_runs(day, most) for day in after]}]
    if planned.before != planned.after:
        before = [[(number, number) for number in day] for day in planned.before]
        pictures.insert(0, {"title": "Before", "days": [_runs(day, most) for day in before]})
    return pictures


LEVELS = 4
"""Shades of a picture for hours with agents; the darkest one is for most agents."""


def _runs(day: Iterable[tuple[int, int]], most: int) -> list[Data]:
    """Return the hours of a day, with equal ones in a row as one bar."""
    bars = []
    start = 0
    for (number, tone), same in groupby(day, key=lambda hour: (hour[1], _fall_tone(*hour))):
        hours = len([*same])
        level = -(-LEVELS * number // most) if most else 0
        bar = {"start": start, "hours": hours, "number": number, "tone": tone or f"level-{level}"}
        bars.append(bar)
        start += hours
    return bars


def _fall_tone(before: int, after: int) -> str:
    tone = _tone(before, after)
    return tone if tone in {"zero", "one"} else ""


def _existence(cell: Cell) -> str:
    return "is new" if cell.before is None else "is deleted" if cell.after is None else ""


def _cell(cell: Cell, leaving: Leaving, *, waits: bool) -> Data:
    before, after = cell.before or 0, cell.after
    if after is None:
        return {"text": f"{before} → gone", "tone": "empty", "note": ""}
    if waits and not cell.falls:
        return {"text": f"{before} → ?", "tone": "empty", "note": BY_HAND}
    text = str(after) if before == after else f"{before} → {after}"
    only = (cell.only.name or cell.only.address.key) if cell.only else ""
    alone = only and before == after
    notes = (
        f"only {only}" if only else "nobody left" if cell.falls else "",
        leaving.get((cell.department, cell.service), ""),
        BY_HAND if waits else "",
    )
    tone = "alone" if alone else _tone(before, after)
    return {"text": text, "tone": tone, "note": "; ".join(note for note in notes if note)}


def _tone(before: int, after: int) -> str:
    """Return the mark of a number; only a number that falls to one or none is a warning."""
    if after < before:
        return "less" if after > FEW else "one" if after else "zero"
    return "more" if after > before else "" if after else "empty"


def _hour(before: int, after: int) -> Data:
    text = str(after) if before == after else f"{before}→{after}"
    return {"text": text, "tone": _tone(before, after)}


def _falls(planned: PlannedHours) -> str:
    """Return how many hours of the week the plan leaves without anybody, or with one agent."""
    numbers = {"without anybody": planned.falls_to(0), "with one agent": planned.falls_to(1)}
    return ", ".join(f"{number} h {how}" for how, number in numbers.items() if number)
