"""The stored results of `python -m benchmarks.fleets`, from which the page is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.fleets.fleet_applies import LiveCost
from benchmarks.fleets.fleet_plans import EngineCost, SizeCost, WorkCost

STORED = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class FleetResults:
    """All results of one run.

    Attributes:
        day: of the measurements, as YYYY-MM-DD.
        machine: where they were taken.
        processors: of that machine.
        minutes: of all measurements.
        loads: the numbers of running processes, averages of a minute, before each measurement.
        accounts: the number of accounts that the engines planned.
        agents: of each account that was planned against a snapshot.
        engines: the cost of each engine, and of a loop of commands.
        sizes: the cost of runs over more and more accounts.
        works: the cost of an account for each kind of change.
        jobs: applies of one fleet with more and more accounts at a time, and a slow network.
        limited: an apply of as many accounts under the limit of their keys.
    """

    day: str
    machine: str
    processors: int
    minutes: float
    loads: Mapping[str, float]
    accounts: int
    agents: int
    engines: Mapping[str, EngineCost]
    sizes: Sequence[SizeCost]
    works: Mapping[str, WorkCost]
    jobs: Sequence[LiveCost]
    limited: LiveCost


def store(results: FleetResults, file: Path = STORED) -> None:
    """Write results."""
    file.write_text(json.dumps(asdict(results), indent=2) + "\n", "utf-8")


def stored(file: Path = STORED) -> FleetResults:
    """Return the results of the last complete run."""
    data = json.loads(file.read_text("utf-8"))
    data["engines"] = {name: EngineCost(**one) for name, one in data["engines"].items()}
    data["sizes"] = [SizeCost(**one) for one in data["sizes"]]
    data["works"] = {name: WorkCost(**one) for name, one in data["works"].items()}
    data["jobs"] = [LiveCost(**one) for one in data["jobs"]]
    data["limited"] = LiveCost(**data["limited"])
    return FleetResults(**data)
