"""Measures plans and applies of fleets of sandboxes over HTTP."""

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleets import processes
from benchmarks.fleets.made_fleets import live_fleet
from benchmarks.fleets.processes import RunCost
from benchmarks.fleets.sandboxes import Served, sandboxes
from benchmarks.planning import PROVISIONER
from benchmarks.server import KEY


@dataclass(frozen=True, slots=True)
class LiveCost:
    """The cost of one apply of a fleet.

    Attributes:
        accounts: the number of accounts.
        agents: of each account.
        jobs: the accounts at a time.
        delay: the seconds by which each answer was delayed.
        per_minute: the limit of each key; 0 for none.
        planned: the requests of all accounts by the plan's own count.
        requests: the requests that the sandboxes have counted.
        refused: those among them that were over the limit.
        seconds: from start to end.
        processor: seconds of all processors for the command and its processes.
        served: seconds of the processor for the sandboxes.
        parent: the highest memory of the command, in MiB.
        worker: the highest memory of a process of it, in MiB.
        plan_seconds: the time of a plan of the same fleet before.
    """

    accounts: int
    agents: int
    jobs: int
    delay: float
    per_minute: int
    planned: int
    requests: int
    refused: int
    seconds: float
    processor: float
    served: float
    parent: float
    worker: float
    plan_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LiveFleet:
    """A fleet to apply.

    Attributes:
        accounts: the number of accounts.
        agents: of each account.
        changed: the agents of each account that get another name.
        delay: the seconds by which each answer is delayed.
        per_minute: the limit of each key; 0 for none.
    """

    accounts: int
    agents: int
    changed: int
    delay: float = 0.0
    per_minute: int = 0


def applied(folder: Path, fleet: LiveFleet, jobs: int) -> LiveCost:
    """Plan a fleet, apply it to new sandboxes, and count what was sent for the apply."""
    folder.mkdir(parents=True)
    _, plan = _run(folder / "plan", fleet, jobs, "plan", "--format", "json")
    served, apply = _run(folder / "apply", fleet, jobs, "apply", "--yes")
    return LiveCost(
        fleet.accounts,
        fleet.agents,
        jobs,
        fleet.delay,
        fleet.per_minute,
        sum(one["requests"]["total"] for one in json.loads(plan.output)),
        sum(served.requests),
        served.refused,
        apply.seconds,
        apply.processor,
        served.processor,
        apply.parent,
        apply.worker,
        plan.seconds,
    )


def _run(folder: Path, fleet: LiveFleet, jobs: int, *words: str) -> tuple[Served, RunCost]:
    limit = fleet.per_minute
    serving = sandboxes(folder, fleet.accounts, fleet.agents, delay=fleet.delay, limit=limit)
    with serving as served:
        live_fleet(folder / "fleet", served.urls, fleet.agents, fleet.changed, limit)
        command, *more = words
        whole = (*PROVISIONER, "fleet", command, str(folder / "fleet"), "--jobs", str(jobs), *more)
        # Ports are used again, and a key has what its port has sent in the last minute.
        environment = {"KEY": KEY, "XDG_RUNTIME_DIR": str(folder)}
        cost = processes.run(whole, environment, folder)
    return served, cost
