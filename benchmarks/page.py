"""Writes the results into docs/performance.md, between two marks; the rest is handwritten."""

import re
from pathlib import Path

from benchmarks.accounts import Work
from benchmarks.bars import bars
from benchmarks.before import COMMIT
from benchmarks.plot import plot
from benchmarks.results import Results
from benchmarks.tables import measured
from benchmarks.targets import REQUESTS_BEFORE
from benchmarks.traffic import LIMIT, Traffic
from provisioner.planning.plans.requests import RequestBudget

START, END = "<!-- measured: start -->", "<!-- measured: end -->"


def write(results: Results, page: Path) -> None:
    """Write results into a page and its two pictures."""
    before = page.read_text("utf-8")
    pattern = f"{re.escape(START)}.*{re.escape(END)}"
    text = f"{START}\n{measured(results)}{END}"
    page.write_text(re.sub(pattern, lambda _: text, before, flags=re.DOTALL), "utf-8")
    page.with_suffix(".svg").write_text(curves(results), "utf-8")
    page.with_name("minutes.svg").write_text(minutes(results.traffic), "utf-8")


def curves(results: Results) -> str:
    """Draw the seconds of plans against agents."""
    works = {Work.CHANGED: "all changed", Work.NEW: "all new", Work.UNCHANGED: "unchanged"}
    series = {
        f"seconds, {name}": {one.size: one.works[work].seconds for one in results.plannings}
        for work, name in works.items()
    }
    return plot("Seconds of a plan against agents, both axes logarithmic", series)


def minutes(sent: Traffic) -> str:
    """Draw the minutes of applies under the limit: before, now, and what the API would allow."""
    groups = {}
    for name, before in REQUESTS_BEFORE.items():
        planned = sent.works[name].planned
        groups[f"{name[0].upper()}{name[1:]}"] = {
            f"version {COMMIT}": _minutes(before),
            "this version": _minutes(planned.total),
            "floor": _minutes(planned.floor.total) if planned.floor else 0,
        }
    title = f"Minutes of an apply under a limit of {LIMIT} requests a minute"
    return bars(title, "min", groups)


def _minutes(requests: int) -> float:
    return RequestBudget(requests, {}, 0, LIMIT).seconds / 60
