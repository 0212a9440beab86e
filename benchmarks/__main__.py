"""`python -m benchmarks`: measure everything, print the tables, write docs/performance.md.

`python -m benchmarks trial` measures small accounts in two minutes, and writes no page.
"""

import compileall
import multiprocessing
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import provisioner
from benchmarks import before, page, peers, planning, server, tables, traffic
from benchmarks.measuring import Measuring
from benchmarks.planning import TRIAL, Sizes
from benchmarks.results import Results

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


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
