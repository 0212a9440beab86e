"""`python -m benchmarks`: measure everything, print the tables, write docs/performance.md.

`python -m benchmarks trial` measures small accounts in two minutes, and writes no page.
"""

import compileall
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import provisioner
from benchmarks import before, page, peers, planning, server, tables, traffic
from benchmarks.planning import TRIAL, Sizes
from benchmarks.results import Results

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

Result = TypeVar("Result")


class Measuring:
    """Takes measurements one after the other, because they would slow each other down.

    Attributes:
        loads: the load of the machine before each measurement, by its name.
    """

    def __init__(self) -> None:
        self.loads: dict[str, float] = {}
        self._began = time.perf_counter()

    @property
    def minutes(self) -> float:
        """The time so far."""
        return (time.perf_counter() - self._began) / 60

    def take(self, what: str, measure: Callable[[], Result]) -> Result:
        """Take a measurement and note the load."""
        self.loads[what] = os.getloadavg()[0]
        sys.stderr.write(f"{self.minutes:4.1f} min, load {self.loads[what]:.1f}: {what}\n")
        return measure()


def measure(folder: Path, sizes: Sizes) -> Results:
    """Take all measurements."""
    run = Measuring()
    # First, because the clock of the machine counts here, and not the time of the processor.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
        sent = run.take(
            "requests",
            other.submit(traffic.measure, folder / "traffic", sizes.account, sizes.aged).result,
        )
    found = run.take("other programs", lambda: peers.measure(folder / "peers", sizes.peers))
    compared = run.take("the version before", lambda: before.measure(folder / "before", sizes))
    starts = run.take("starts", planning.starts)
    serving = run.take("an apply", lambda: server.measure(folder / "server"))
    plannings = [
        run.take(f"{size:,} agents", lambda size=size: planning.measure(size, folder / str(size)))  # type: ignore[misc]
        for size in sizes.plans
    ]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return Results(plannings, starts, serving, found, compared, sent, day, run.loads, run.minutes)


def main() -> None:
    """Measure, and write the page unless it is a trial."""
    is_trial = sys.argv[1:] == ["trial"]
    # pip compiles what it installs, so the other programs are compiled as well.
    compileall.compile_dir(Path(provisioner.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as temporary:
        results = measure(Path(temporary), TRIAL if is_trial else Sizes())
    sys.stdout.write(tables.measured(results))
    if not is_trial:
        page.write(results, PAGE)


if __name__ == "__main__":
    main()
