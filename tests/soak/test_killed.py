"""Law 3 for the example team: killed at any call, the next run ends where a calm one ends.

`make soak` goes through every call; `make test` takes a sample.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.faults import Fault, Faults
from tests.soak.harness import FULL, Ended, Killer, Runner, running
from tests.states import mails, state
from tests.support import Account

ACME = Path(__file__).parents[2] / "examples/acme"
CHUNKS = 40 if FULL else 2
SAMPLE = 2
"""Calls of a chunk that a sample takes."""

Held = tuple[Any, list[tuple[str, str]]]


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, int, int]:
    """What an undisturbed apply leaves, how many calls it makes, and how many of them write."""
    folder = tmp_path_factory.mktemp("calm")
    with running(folder / "server") as (live, runner):
        assert apply(runner, copied(folder)).code == 0
        entries = live.server.requests.entries()
        writes = sum(entry.method != "GET" for entry in entries)
        return held(live, folder / "server"), len(entries), writes


def copied(folder: Path) -> Path:
    """Return a copy of the example, so that each run has records of its own."""
    project = folder / "acme"
    shutil.copytree(ACME, project, ignore=shutil.ignore_patterns(".provisioner"))
    return project


def apply(runner: Runner, project: Path, victim_of: Killer | None = None) -> Ended:
    return runner.run("apply", str(project), "--yes", victim_of=victim_of)


def held(live: Account, folder: Path) -> Held:
    return state(live), mails(folder / "account.db")


def of_chunk(total: int, chunk: int) -> list[int]:
    """Return the numbers of the calls that a chunk is about, counted from 1."""
    mine = list(range(1 + chunk, total + 1, CHUNKS))
    return mine if FULL else mine[:: max(1, len(mine) // SAMPLE)][:SAMPLE]


@pytest.mark.parametrize("lands", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_run_that_is_killed_at_a_call_is_finished_by_the_next(
    chunk: int, lands: bool, calm: tuple[Held, int, int], tmp_path: Path
) -> None:
    wanted, calls, _ = calm
    for call in of_chunk(calls, chunk):
        folder = tmp_path / str(call)
        killer = Killer(call, lands=lands)
        with running(folder / "server", killer) as (live, runner):
            project = copied(folder)
            first = apply(runner, project, killer)
            assert first.code == -9, f"call {call}: {first.output}"
            killer.victim = None
            began = (project / ".provisioner/runs/000001.jsonl").exists()
            second = apply(runner, project)
            assert second.code == 0, f"call {call}: {second.output}"
            assert ("was killed" in second.output) == began
            assert held(live, folder / "server") == wanted, f"call {call}"
        shutil.rmtree(folder)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_an_answer_that_is_lost_changes_nothing(
    chunk: int, calm: tuple[Held, int, int], tmp_path: Path
) -> None:
    wanted, _, writes = calm
    for call in of_chunk(writes, chunk):
        folder = tmp_path / str(call)
        rule = Fault("drop", method=_WRITES, skip=call - 1, lands=True)
        with running(folder / "server", _Lost([rule])) as (live, runner):
            ended = apply(runner, copied(folder))
            assert ended.code == 0, f"write {call}: {ended.output}"
            assert held(live, folder / "server") == wanted, f"write {call}"
        shutil.rmtree(folder)


_WRITES = "POST PUT DELETE"


class _Lost(Faults):
    """Counts the writes of all methods together."""

    def fault_of(self, method: str, path: str) -> Fault | None:
        return super().fault_of(_WRITES if method != "GET" else method, path)
