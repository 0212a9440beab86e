"""Measures plans of generated accounts against snapshots: sizes, layouts, phases, start."""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accounts import LARGE, Layout, layouts
from benchmarks.costs import Cost, cost_of, median_cost
from benchmarks.phases import PHASES

PROVISIONER = (sys.executable, "-m", "provisioner")
MANY_RUNS, FEW_RUNS = 5, 1


@dataclass(frozen=True, slots=True)
class Planning:
    """The cost of plans of one account.

    Attributes:
        size: agents.
        plans: layout to the cost of a whole plan, process start included.
        phases: name to seconds, of the layout with one file.
        validate: the cost of `provisioner validate`, one file.
        yaml_bytes: of all files.
    """

    size: int
    plans: dict[Layout, Cost]
    phases: dict[str, float]
    validate: Cost
    yaml_bytes: int


def measure(size: int, folder: Path) -> Planning:
    """Generate an account and measure plans of it."""
    runs = FEW_RUNS if size >= LARGE else MANY_RUNS
    snapshot = folder / "account.snapshot"
    make = [sys.executable, "-m", "benchmarks.accounts", str(folder), str(size)]
    subprocess.run(make, check=True)
    plans = {}
    for layout in layouts(size):
        project = folder / layout.name.lower()
        command = (*PROVISIONER, "plan", str(project), "--snapshot", str(snapshot))
        plans[layout] = median_cost(lambda command=command: cost_of(command), runs)  # type: ignore[misc]
    project = folder / Layout.ONE_FILE.name.lower()
    laps = [_phases(project, snapshot) for _ in range(runs)]
    return Planning(
        size,
        plans,
        {phase: statistics.median(lap[phase] for lap in laps) for phase in PHASES},
        median_cost(lambda: cost_of((*PROVISIONER, "validate", str(project))), runs),
        sum(file.stat().st_size for file in project.rglob("*.yaml")),
    )


def _phases(project: Path, snapshot: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.phases", str(project), str(snapshot)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    start = cost_of((sys.executable, "-c", "import provisioner.cli.commands.plan, deepdiff"))
    return {"start": start.seconds, **json.loads(done.stdout)}


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
