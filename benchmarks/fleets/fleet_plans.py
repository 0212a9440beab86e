"""Measures plans of fleets against snapshots: the engines, the memory, and each kind of change."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleets import processes
from benchmarks.fleets.made_fleets import NOTHING, WORKS, snapshot_fleet
from benchmarks.fleets.processes import RunCost
from benchmarks.planning import PROVISIONER
from tests.dask_cluster import cluster

ENGINES = LOCAL, DASK, LOOP = ("local", "Dask, two workers", "a loop of commands")


@dataclass(frozen=True, slots=True)
class EngineCost:
    """The cost of the plans of one fleet, as medians of several turns.

    Attributes:
        seconds: from start to end; of Dask, with the start of the client, without the scheduler's.
        processor: seconds of all processors; of Dask, with scheduler and workers.
    """

    seconds: float
    processor: float


@dataclass(frozen=True, slots=True)
class SizeCost:
    """The cost of one run over many accounts.

    Attributes:
        accounts: their number.
        seconds: from start to end.
        processor: seconds of all processors.
        parent: the highest memory of the command, in MiB.
        worker: the highest memory of a process of it, in MiB.
    """

    accounts: int
    seconds: float
    processor: float
    parent: float
    worker: float


@dataclass(frozen=True, slots=True)
class WorkCost:
    """The cost of one account.

    Attributes:
        read: the requests of a plan.
        requests: the requests of an apply, by the plan's own count.
        processor: seconds of the processor for a plan against a snapshot.
    """

    read: int
    requests: int
    processor: float


def engines(folder: Path, accounts: int, agents: int, turns: int) -> dict[str, EngineCost]:
    """Plan the same fleet by each engine and by a loop of commands, in turn."""
    fleet = folder / "engines"
    snapshots = snapshot_fleet(fleet, accounts, agents)
    projects = sorted((fleet / "accounts").iterdir())
    whole = (*PROVISIONER, "fleet", "plan", str(fleet), "--snapshots", str(snapshots))

    def looped() -> RunCost:
        costs = [
            processes.run(
                (*PROVISIONER, "plan", str(one), "--snapshot", f"{snapshots / one.name}.snapshot"),
                {},
                folder,
            )
            for one in projects
        ]
        return RunCost(sum(cost.seconds for cost in costs), sum(cost.processor for cost in costs))

    with cluster(folder) as dask:
        turn: Mapping[str, Callable[[], RunCost]] = {
            LOCAL: lambda: processes.run(whole, {}, folder),
            DASK: lambda: processes.run(
                (*whole, "--engine", dask.engine), {}, folder, others=dask.processes
            ),
            LOOP: looped,
        }
        turn[DASK]()  # the workers import the program once
        costs = [{name: plan() for name, plan in turn.items()} for _ in range(turns)]
    return {name: _median([one[name] for one in costs]) for name in ENGINES}


def _median(costs: Sequence[RunCost]) -> EngineCost:
    return EngineCost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.processor for cost in costs),
    )


def sizes(folder: Path, numbers: Sequence[int], agents: int) -> list[SizeCost]:
    """Plan fleets of these numbers of accounts, each in one run."""
    costs = []
    for number in numbers:
        fleet = folder / f"fleet{number}"
        cost = _planned(fleet, snapshot_fleet(fleet, number, agents))
        costs.append(SizeCost(number, cost.seconds, cost.processor, cost.parent, cost.worker))
    return costs


def works(folder: Path, accounts: int, agents: int) -> dict[str, WorkCost]:
    """Plan a fleet for each kind of change, and count the requests of an account."""
    costs = {}
    for work in WORKS:
        fleet = folder / f"work{WORKS.index(work)}"
        cost = _planned(fleet, snapshot_fleet(fleet, accounts, agents, work), "--format", "json")
        budget = json.loads(cost.output)[0]["requests"]
        requests = budget["read"] if work == NOTHING else budget["total"]
        costs[work] = WorkCost(budget["read"], requests, cost.processor / accounts)
    return costs


def _planned(fleet: Path, snapshots: Path, *more: str) -> RunCost:
    command = (*PROVISIONER, "fleet", "plan", str(fleet), "--snapshots", str(snapshots), *more)
    return processes.run(command, {}, fleet)
