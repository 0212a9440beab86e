"""Writes the results into docs/fleet-scale.md, between two marks; the rest is handwritten."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from benchmarks.fleets.capacity import (
    PER_MINUTE,
    AccountLoad,
    Machines,
    Memory,
    accounts_at_full_rate,
    bounds,
    needed,
    seconds,
)
from benchmarks.fleets.fleet_applies import LiveCost
from benchmarks.fleets.fleet_plans import DASK, LOCAL, LOOP
from benchmarks.fleets.fleet_results import FleetResults
from benchmarks.page import END, START
from benchmarks.tables import table

PAGE = Path(__file__).parents[2] / "docs" / "fleet-scale.md"

FLEETS = (100, 1_000, 5_000)
GOAL_MINUTES = 10
MOST_TO_EACH_OTHER, LEAST_OF_LOOP = 1.3, 3.0


def write(results: FleetResults, page: Path = PAGE) -> None:
    """Write results into a page."""
    pattern = f"{re.escape(START)}.*{re.escape(END)}"
    text = f"{START}\n{measured(results)}{END}"
    before = page.read_text("utf-8")
    page.write_text(re.sub(pattern, lambda _: text, before, flags=re.DOTALL), "utf-8")


def measured(results: FleetResults) -> str:
    """Return all tables."""
    loads = ", ".join(f"{load:.1f} ({what})" for what, load in results.loads.items())
    sections = {
        f"{results.accounts} accounts of {results.agents} agents, by engine": _engines(results),
        "Memory of one run": _sizes(results),
        f"{results.accounts} sandboxes on a slow network": _jobs(results),
        f"{results.accounts} sandboxes under the limit of their keys": _limited(results),
        "What one account takes": _works(results),
        "An apply by one machine": _one_machine(results),
        f"An apply within {GOAL_MINUTES} minutes": _needed(results),
        "Computed and measured": _compared(results),
    }
    lines = [
        f"Measured on {results.day}: {results.machine}, in {results.minutes:.0f} minutes.",
        f"Load of the machine before each part: {loads}.",
    ]
    for heading, text in sections.items():
        lines += ["", f"### {heading}", "", *text]
    return "\n".join([*lines, ""])


def account_load(results: FleetResults, work: str) -> AccountLoad:
    """Return what the apply of an account takes for a kind of change."""
    cost, limited, slow = results.works[work], results.limited, results.jobs[0]
    each = limited.processor / limited.requests
    return AccountLoad(
        cost.requests,
        cost.processor + cost.requests * each,
        slow.seconds * min(slow.jobs, slow.accounts) / slow.requests,
    )


def memory(results: FleetResults) -> Memory:
    """Return the memory of a run: all accounts of one command, and processes of an apply."""
    workers = max(*(one.worker for one in results.sizes), results.limited.worker)
    return Memory(max(one.parent for one in results.sizes), workers)


def ratios(results: FleetResults) -> dict[str, tuple[float, float]]:
    """Return name of a ratio to it by time, and by processor time."""
    local, dask, loop = (results.engines[name] for name in (LOCAL, DASK, LOOP))
    pairs = {
        "Dask to local": (dask, local),
        "the loop to local": (loop, local),
        "the loop to Dask": (loop, dask),
    }
    return {
        name: (one.seconds / other.seconds, one.processor / other.processor)
        for name, (one, other) in pairs.items()
    }


def _engines(results: FleetResults) -> list[str]:
    rows = [
        (name, f"{one.seconds:.1f} s", f"{one.processor:.1f} s")
        for name, one in results.engines.items()
    ]
    limits = (
        f"at most {MOST_TO_EACH_OTHER}",
        f"at least {LEAST_OF_LOOP:.0f}",
        f"at least {LEAST_OF_LOOP:.0f}",
    )
    compared = [
        (name, limit, f"{by_time:.2f}", f"{by_processor:.2f}")
        for (name, (by_time, by_processor)), limit in zip(
            ratios(results).items(), limits, strict=True
        )
    ]
    return [
        *table(("Engine", "Time", "Processor"), rows),
        "",
        *table(("Ratio", "Target", "By time", "By processor time"), compared),
    ]


def _sizes(results: FleetResults) -> list[str]:
    rows = [
        (
            f"{one.accounts:,}",
            f"{one.seconds:.0f} s",
            f"{one.processor:.0f} s",
            f"{one.parent:.0f} MiB",
            f"{one.worker:.0f} MiB",
        )
        for one in results.sizes
    ]
    return table(("Accounts planned", "Time", "Processor", "Command", "Each process"), rows)


def _jobs(results: FleetResults) -> list[str]:
    first = results.jobs[0]
    rows = [
        (
            str(one.jobs),
            f"{one.plan_seconds:.1f} s",
            f"{one.seconds:.1f} s",
            f"{one.requests / one.seconds:.0f}",
            f"{one.processor:.1f} s",
            f"{one.served:.1f} s",
        )
        for one in results.jobs
    ]
    text = (
        f"Each answer takes {first.delay * 1000:.0f} ms longer. {first.agents} agents each, "
        f"{first.requests:,} requests of an apply, {first.planned:,} planned."
    )
    head = ("At a time", "Plan", "Apply", "Requests a second", "Processor", "Of the sandboxes")
    return [*table(head, rows), "", text]


def _limited(results: FleetResults) -> list[str]:
    one = results.limited
    row = (
        f"{one.planned:,}",
        f"{one.requests:,}",
        f"{one.refused}",
        f"{one.seconds / 60:.1f}",
        f"{one.requests / one.seconds:.0f}",
        f"{one.processor:.0f} s",
        f"{one.served:.0f} s",
        f"{one.parent:.0f} MiB, {one.worker:.0f} MiB",
    )
    head = (
        *("Requests planned", "Counted by the sandboxes", "Refused", "Minutes"),
        *("Requests a second", "Processor", "Of the sandboxes", "Command, each process"),
    )
    text = (
        f"All {one.agents} agents of each account get another name, {one.jobs} accounts at a "
        f"time, {one.per_minute} requests a minute with each key."
    )
    return [*table(head, [row]), "", text]


def _works(results: FleetResults) -> list[str]:
    rows = []
    for work, cost in results.works.items():
        load = account_load(results, work)
        rows.append(
            (
                work,
                f"{cost.read}",
                f"{cost.requests}",
                f"{cost.processor:.3f} s",
                f"{load.processor:.2f} s",
                f"{load.seconds / 60:.1f}",
            )
        )
    head = (
        *("Apply of one account", "Requests of a plan", "Of an apply"),
        *("Processor of a plan", "Of an apply", "Minutes alone"),
    )
    return table(head, rows)


def _cases(results: FleetResults) -> Iterator[tuple[int, str, AccountLoad]]:
    for accounts in FLEETS:
        for work in results.works:
            yield accounts, work, account_load(results, work)


def _one_machine(results: FleetResults) -> list[str]:
    most = accounts_at_full_rate()
    machine = Machines(most, 1, results.processors)
    rows = []
    for accounts, work, load in _cases(results):
        limits = bounds(accounts, load, machine)
        slowest = max(limits, key=lambda name: limits[name])
        rows.append(
            (
                f"{accounts:,}, {work}",
                f"{accounts * load.requests:,}",
                f"{limits[slowest] / 60:.1f}",
                f"the {slowest}",
            )
        )
    text = (
        f"One address, {most} accounts at a time, {results.processors} processors, "
        f"{_gibibytes(memory(results).of(most))}. At full rate, each account sends {PER_MINUTE} "
        f"requests a minute, so that one address is enough for {most} accounts."
    )
    return [*table(("Accounts", "Requests", "Minutes", "Limited by"), rows), "", text]


def _needed(results: FleetResults) -> list[str]:
    rows = []
    for accounts, work, load in _cases(results):
        least = needed(accounts, load, 60 * GOAL_MINUTES)
        rows.append(
            (
                f"{accounts:,}, {work}",
                f"{seconds(accounts, load, least) / 60:.1f}",
                f"{least.workers:,}",
                f"{least.addresses:,}",
                f"{least.processors:,}",
                _gibibytes(memory(results).of(least.workers)),
            )
        )
    head = ("Accounts", "Minutes", "Workers", "Addresses", "Processors", "Memory")
    full = ", ".join(
        f"{accounts:,} accounts need {ceil(accounts / accounts_at_full_rate())}"
        for accounts in FLEETS[1:]
    )
    text = f"To send all that the keys allow, all the time, {full} addresses."
    return [*table(head, rows), "", text]


def _compared(results: FleetResults) -> list[str]:
    first = results.sizes[0]
    plan = AccountLoad(0, first.processor / first.accounts)
    cores = results.processors
    rows = [
        _comparison(
            f"plan of {one.accounts:,} accounts from snapshots",
            seconds(one.accounts, plan, Machines(cores, 1, cores)),
            one.seconds,
        )
        for one in results.sizes[1:]
    ]
    slow = results.jobs[0]
    for one in results.jobs:
        load = _live_load(one, slow.seconds * min(slow.jobs, slow.accounts) / slow.requests)
        computed = seconds(one.accounts, load, Machines(one.jobs, 1, cores))
        rows.append(
            _comparison(f"apply with a slow network, {one.jobs} at a time", computed, one.seconds)
        )
    one = results.limited
    computed = seconds(one.accounts, _live_load(one, 0), Machines(one.jobs, 1, cores))
    rows.append(_comparison("apply under the limit of the keys", computed, one.seconds))
    return table(("Run", "Computed", "Measured", "Measured to computed"), rows)


def _live_load(one: LiveCost, request_seconds: float) -> AccountLoad:
    """Return what an account took of this machine, on which the sandboxes ran, too."""
    processor = (one.processor + one.served) / one.accounts
    return AccountLoad(
        one.requests // one.accounts, processor, request_seconds, per_minute=one.per_minute
    )


def _comparison(name: str, computed: float, took: float) -> Sequence[str]:
    return name, f"{computed:.1f} s", f"{took:.1f} s", f"{took / computed:.2f}"


def _gibibytes(mebibytes: float) -> str:
    return f"{mebibytes / 1024:.1f} GiB"
