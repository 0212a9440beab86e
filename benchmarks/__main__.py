"""`python -m benchmarks`: measure everything, print the tables, write docs/performance.md."""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import page, peers, planning, server

SIZES = (100, 1_000, 10_000, 100_000)
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    """Take all measurements in sequence, because they would slow each other down."""
    before = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as temporary:
        folder = Path(temporary)
        plannings = []
        for size in SIZES:
            _say(f"plans of {size:,} agents")
            (folder / str(size)).mkdir()
            plannings.append(planning.measure(size, folder / str(size)))
        _say("starts")
        starts = planning.starts()
        _say("reading and writing")
        (folder / "server").mkdir()
        serving = server.measure(folder / "server")
        _say("peers")
        for name in ("octodns", "provisioner", "ansible"):
            (folder / "peers" / name).mkdir(parents=True)
        found = peers.measure(folder / "peers")
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        results = page.Results(plannings, starts, serving, found, day)
        sys.stdout.write(page.write(results, PAGE))
    _say(f"done in {(time.perf_counter() - before) / 60:.1f} minutes")


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()
