"""What `make bench-fleets` measures, with tiny fleets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.fleets import fleet_applies, fleet_plans, scale_page
from benchmarks.fleets.fleet_applies import LiveFleet
from benchmarks.fleets.fleet_results import FleetResults, store, stored
from benchmarks.fleets.made_fleets import SOME


@dataclass(frozen=True)
class LocalWorkers:
    """Stands in for a scheduler; `test_fleet_dask.py` has a real one."""

    engine: str = "local"
    processes: tuple[int, ...] = ()


@contextmanager
def no_cluster(_folder: Path) -> Iterator[LocalWorkers]:
    yield LocalWorkers()


def test_tiny_fleets_are_measured_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_plans, "cluster", no_cluster)
    monkeypatch.setattr(fleet_plans, "WORKS", (SOME,))
    engines = fleet_plans.engines(tmp_path / "engines", accounts=1, agents=2, turns=1)
    works = fleet_plans.works(tmp_path / "works", accounts=2, agents=20)
    fleet = LiveFleet(accounts=2, agents=2, changed=1, delay=0.001, per_minute=180)
    live = fleet_applies.applied(tmp_path / "live", fleet, jobs=2)
    assert live.planned == live.requests > 2 * works[SOME].read
    assert live.refused == 0
    assert live.parent > 0
    results = FleetResults(
        day="2026-11-26",
        machine="a machine",
        processors=2,
        minutes=1.0,
        loads={"engines": 1.0},
        accounts=1,
        agents=2,
        engines=engines,
        sizes=fleet_plans.sizes(tmp_path / "sizes", (2,), agents=2),
        works=works,
        jobs=[live],
        limited=live,
    )
    store(results, tmp_path / "measured.json")
    assert stored(tmp_path / "measured.json") == results
    assert "| 5,000, 5 % of agents changed |" in scale_page.measured(results)
