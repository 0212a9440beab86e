"""`python -m benchmarks.fleets`: measure fleets, and write the tables of docs/fleet-scale.md.

`python -m benchmarks.fleets trial` measures tiny fleets in a minute, and writes no page;
`python -m benchmarks.fleets page` writes the page again from the stored results.
"""

import compileall
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import provisioner
from benchmarks.fleets import fleet_applies, fleet_plans, scale_page
from benchmarks.fleets.capacity import PER_MINUTE
from benchmarks.fleets.fleet_applies import LiveFleet
from benchmarks.fleets.fleet_results import FleetResults, store, stored
from benchmarks.measuring import Measuring
from benchmarks.tables import machine


@dataclass(frozen=True, slots=True)
class FleetSizes:
    """The sizes of the measurements.

    Attributes:
        accounts: of the fleet that each engine plans, and of the fleets of sandboxes.
        agents: of each account.
        turns: how often each engine plans the fleet.
        sizes: accounts of the fleets of which the memory is measured.
        live_agents: of each sandbox with a slow network.
        limited_agents: of each sandbox under the limit of its key; a minute is not enough to
            rename all of them.
        jobs: accounts at a time of the applies with a slow network.
        delay: the seconds by which their answers are delayed.
    """

    accounts: int = 100
    agents: int = 200
    turns: int = 3
    sizes: tuple[int, ...] = (100, 300, 1_000)
    live_agents: int = 40
    limited_agents: int = 180
    jobs: tuple[int, ...] = (4, 8, 16, 32, 64)
    delay: float = 0.05


TRIAL = FleetSizes(
    accounts=3,
    agents=4,
    turns=1,
    sizes=(2, 4),
    live_agents=4,
    limited_agents=4,
    jobs=(1, 2),
    delay=0.001,
)
CHANGED_EACH = 20


def measure(folder: Path, sizes: FleetSizes) -> FleetResults:
    """Take all measurements."""
    run = Measuring()
    number, agents = sizes.accounts, sizes.agents
    engines = run.take(
        "engines", lambda: fleet_plans.engines(folder / "engines", number, agents, sizes.turns)
    )
    runs = run.take("memory", lambda: fleet_plans.sizes(folder / "sizes", sizes.sizes, agents))
    works = run.take("changes", lambda: fleet_plans.works(folder / "works", number, agents))
    some = max(1, sizes.live_agents // CHANGED_EACH)
    slow = LiveFleet(number, sizes.live_agents, some, delay=sizes.delay)
    jobs = [
        run.take(
            f"{at_a_time} accounts at a time",
            lambda jobs=at_a_time: fleet_applies.applied(folder / f"jobs{jobs}", slow, jobs),  # type: ignore[misc]
        )
        for at_a_time in sizes.jobs
    ]
    limited_agents = sizes.limited_agents
    whole = LiveFleet(number, limited_agents, limited_agents, per_minute=PER_MINUTE)
    limited = run.take(
        "the limit of keys", lambda: fleet_applies.applied(folder / "limited", whole, number)
    )
    return FleetResults(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine(),
        processors=os.cpu_count() or 1,
        minutes=run.minutes,
        loads=run.loads,
        accounts=number,
        agents=agents,
        engines=engines,
        sizes=runs,
        works=works,
        jobs=jobs,
        limited=limited,
    )


def main() -> None:
    """Measure, and write the results and the page unless it is a trial."""
    if sys.argv[1:] != ["page"]:
        is_trial = sys.argv[1:] == ["trial"]
        compileall.compile_dir(Path(provisioner.__file__).parent, quiet=1)
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as temporary:
            results = measure(Path(temporary), TRIAL if is_trial else FleetSizes())
        sys.stdout.write(scale_page.measured(results))
        if is_trial:
            return
        store(results)
    scale_page.write(stored())


if __name__ == "__main__":
    main()
