"""Coverage as JSON data, and back."""

from collections.abc import Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.model.kinds import DAYS
from provisioner.planning.coverage import Cell, Coverage, Holder, PlannedHours


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    """Return coverage as JSON data."""
    return {
        "cells": [
            {
                "department": cell.department,
                "service": cell.service,
                "before": cell.before,
                "after": cell.after,
                "only": {"address": str(cell.only.address), "name": cell.only.name}
                if cell.only
                else None,
            }
            for cell in coverage.cells
        ],
        "hours": [
            {
                "department": planned.department,
                "service": planned.service,
                "before": dict(zip(DAYS, map(list, planned.before), strict=True)),
                "after": dict(zip(DAYS, map(list, planned.after), strict=True)),
            }
            for planned in coverage.hours
        ],
        "timezone": coverage.timezone,
    }


def read_coverage(data: Mapping[str, Any]) -> Coverage:
    """Return coverage from JSON data that has the shape of `plan_shape`."""
    return Coverage(
        cells=tuple(
            Cell(
                entry["department"],
                entry["service"],
                _number(entry["before"]),
                _number(entry["after"]),
                _holder(entry["only"]) if entry["only"] else None,
            )
            for entry in data["cells"]
        ),
        hours=tuple(
            PlannedHours(
                entry["department"],
                entry["service"],
                *(
                    tuple(tuple(map(int, entry[side][day])) for day in DAYS)
                    for side in ("before", "after")
                ),
            )
            for entry in data["hours"]
        ),
        timezone=data["timezone"],
    )


def _number(data: Any) -> int | None:
    return None if data is None else int(data)


def _holder(data: Mapping[str, Any]) -> Holder:
    kind, _, key = data["address"].partition("/")
    return Holder(Address(Kind(kind), key), data["name"])
