"""Compares plans with those of an earlier version, in the same run: the one that issue 18 measured.

The earlier program comes from the history of this repository. Without it nothing is compared.
"""

import compileall
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from benchmarks.accounts import Work, generate, project_of, snapshot_of
from benchmarks.costs import Cost, cost_of, quickest_of
from benchmarks.planning import PROVISIONER, Sizes

COMMIT = "640b215"
"""The last version before pages of lists served as looks."""

ROOT = Path(__file__).parents[1]
RUNS, STARTS = 3, 15
MAIN = "import runpy\n\nrunpy.run_module('provisioner', run_name='__main__', alter_sys=True)\n"


@dataclass(frozen=True, slots=True)
class Compared:
    """The cost of the same work now and before.

    Attributes:
        now: of this version.
        before: of the earlier version; None without the history.
    """

    now: Cost
    before: Cost | None

    @property
    def ratio(self) -> float | None:
        """The processor time now as a share of that before."""
        return self.now.processor / self.before.processor if self.before else None


def measure(folder: Path, sizes: Sizes) -> dict[str, Compared]:
    """Plan the same work with both versions in turns, and return the costs by name of the work."""
    programs: list[tuple[str, ...]] = [PROVISIONER]
    if earlier := _earlier(folder / "before"):
        programs.append(earlier)
    generate(folder / "many", sizes.many)
    generate(folder / "one", 1)
    arguments = {
        f"plan of {sizes.many:,} {work} agents": (folder / "many", work, RUNS)
        for work in (Work.NEW, Work.CHANGED)
    }
    arguments["plan of one agent"] = (folder / "one", Work.UNCHANGED, STARTS)
    return {name: _compared(programs, *of) for name, of in arguments.items()}


def _compared(programs: list[tuple[str, ...]], folder: Path, work: Work, runs: int) -> Compared:
    command = ("plan", str(project_of(folder)), "--snapshot", str(snapshot_of(folder, work)))
    turns = [[cost_of((*program, *command)) for program in programs] for _ in range(runs)]
    now, *before = (quickest_of(costs) for costs in zip(*turns, strict=True))
    return Compared(now, before[0] if before else None)


def _earlier(folder: Path) -> tuple[str, ...] | None:
    """Unpack the earlier program; return its command, or None if the history does not have it.

    Python puts the folder that it runs before all others, so its modules come from there.
    """
    command = ["git", "-C", str(ROOT), "archive", COMMIT, "provisioner", "schemas"]
    try:
        archive = subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    (folder / "__main__.py").write_text(MAIN, "utf-8")
    compileall.compile_dir(folder, quiet=1)
    return (sys.executable, str(folder))
