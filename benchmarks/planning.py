"""Measures plans of generated accounts against snapshots: sizes, layouts, works, phases, start."""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accounts import LARGE, Layout, Work, generate, layouts, project_of, snapshot_of
from benchmarks.costs import Cost, cost_of, median_cost
from benchmarks.phases import PHASES

PROVISIONER = (sys.executable, "-m", "provisioner")
MANY_RUNS, FEW_RUNS = 3, 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of the measurements; small ones try the program in a minute.

    Attributes:
        plans: agents of the plans.
        peers: agents of the plan that is compared with octoDNS and Terraform.
        many: new or changed agents of the plan that is compared with the earlier version.
        account: agents of the account to which requests are sent.
        aged: agents that are changed under the limit of requests.
    """

    plans: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    peers: int = 10_000
    many: int = 8_000
    account: int = 1_000
    aged: int = 140


TRIAL = Sizes(plans=(10, 40), peers=40, many=40, account=12, aged=4)


@dataclass(frozen=True, slots=True)
class Planning:
    """The cost of plans of one account.

    Attributes:
        size: agents.
        plans: layout to the cost of a whole plan, process start included.
        works: what the plan has to do to its cost, one file.
        phases: name to seconds, of the layout with one file.
        validate: the cost of `provisioner validate`, one file.
        yaml_bytes: of all files.
    """

    size: int
    plans: dict[Layout, Cost]
    works: dict[Work, Cost]
    phases: dict[str, float]
    validate: Cost
    yaml_bytes: int


def measure(size: int, folder: Path) -> Planning:
    """Generate an account and measure plans of it."""
    runs = FEW_RUNS if size >= LARGE else MANY_RUNS
    generate(folder, size)

    def planned(layout: Layout, work: Work) -> Cost:
        files, snapshot = project_of(folder, layout), snapshot_of(folder, work)
        command = (*PROVISIONER, "plan", str(files), "--snapshot", str(snapshot))
        return median_cost(lambda: cost_of(command), runs)

    plans = {layout: planned(layout, Work.SOME) for layout in layouts(size)}
    works = {Work.SOME: plans[Layout.ONE_FILE]}
    for work in (Work.UNCHANGED, Work.CHANGED, Work.NEW):
        works[work] = planned(Layout.ONE_FILE, work)
    project = project_of(folder)
    laps = [_phases(project, snapshot_of(folder)) for _ in range(runs)]
    return Planning(
        size,
        plans,
        works,
        {phase: statistics.median(lap[phase] for lap in laps) for phase in PHASES},
        median_cost(lambda: cost_of((*PROVISIONER, "validate", str(project))), runs),
        sum(file.stat().st_size for file in project.rglob("*.yaml")),
    )


def _phases(project: Path, snapshot: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.phases", str(project), str(snapshot)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    start = cost_of((sys.executable, "-c", "import provisioner.cli.commands.plan, deepdiff"))
    return {"start": start.processor, **json.loads(done.stdout)}


def starts() -> dict[str, Cost]:
    """Return the cost of starting Python with click, and the program."""
    commands = {
        "Python with click": (sys.executable, "-c", "import click"),
        "`provisioner --version`": (*PROVISIONER, "--version"),
        "`provisioner --help`": (*PROVISIONER, "--help"),
    }
    return {
        name: median_cost(lambda command=command: cost_of(command), 21)  # type: ignore[misc]
        for name, command in commands.items()
    }
