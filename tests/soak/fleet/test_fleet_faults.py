"""Faults of an apply of a fleet: nothing is applied twice, and nothing left out of the report.

`make soak` takes all seeds of all kinds; `make test` takes a few that are quick.
"""

import os
import random
import shutil
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.dask_cluster import cluster
from tests.soak.child import SECONDS
from tests.soak.fleet import quick_worker
from tests.soak.fleet.dask_kinds import DASK_KINDS
from tests.soak.fleet.kinds import DISKS, KINDS, Kind, small_disk
from tests.soak.fleet.world import WAVES, check_output, check_report, check_rest, world
from tests.soak.harness import FULL

EACH, EACH_OF_DASK = 8, 2
"""Seeds of each kind; a cluster takes half a minute."""

SAMPLE = [("worker_killed", 1), ("signalled", 1), ("wrong_key", 1)]
CASES = [(kind, seed) for kind in KINDS for seed in range(EACH)]
CASES += [(kind, seed) for kind in DASK_KINDS for seed in range(EACH_OF_DASK)]
if not FULL:
    CASES = SAMPLE
DISK_KIBIBYTES = 256


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """What an undisturbed apply leaves in the accounts, and how many requests it makes."""
    with world(tmp_path_factory.mktemp("calm") / "world") as made:
        ended = made.apply()
        requests = sum(len(one.server.requests.entries()) for one in made.accounts.values())
        check_output(ended)
        check_report(ended.outcomes(), made.written())
        assert (ended.code, ended.outcomes()) == (0, dict.fromkeys(WAVES, "done"))
        return made.held(), requests


@pytest.mark.parametrize(("kind", "seed"), CASES, ids=[f"{kind}-{seed}" for kind, seed in CASES])
def test_a_fault_loses_nothing_and_the_next_run_does_the_rest(
    kind: str, seed: int, calm: tuple[dict[str, Any], int], tmp_path: Path
) -> None:
    wanted, requests = calm
    kinds: dict[str, Kind] = KINDS
    if kind in DISKS and os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with ExitStack() as stack:
        made = stack.enter_context(world(tmp_path / "world"))
        if kind in DISKS:
            stack.enter_context(small_disk(made.folder / DISKS[kind], DISK_KIBIBYTES))
        if kind in DASK_KINDS:
            more = {**made.environment, SECONDS: "2"}
            workers = stack.enter_context(cluster(made.folder, more, preload=quick_worker.__name__))
            made.engine, made.has_cluster = ("--engine", workers.engine), True
            kinds = {kind: partial(DASK_KINDS[kind], workers)}
        chance = random.Random(f"{kind} {seed}")  # noqa: S311  repeatable on purpose
        kinds[kind](made, chance, requests)
        check_rest(made, wanted)
    shutil.rmtree(tmp_path)
