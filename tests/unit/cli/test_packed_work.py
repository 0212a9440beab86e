"""Batches of tasks for the workers of Dask, and what is left of a lost one."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli.fleet import packed_work
from provisioner.cli.fleet.packed_work import MOST_BYTES_OF_BATCH, PackedTask, batches, run_packed
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.fleet.account_task import AccountResult, AccountTask, failed_account
from provisioner.fleet.engines.local import Finished
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.project_content import ProjectContent

Batch = tuple[PackedTask, ...]
LOST = "the connection to its worker was lost"


def planned(task: AccountTask) -> AccountResult:
    return failed_account(task.account)


def task_of(name: str, snapshot: str = "eu.snapshot") -> AccountTask:
    return AccountTask(FleetAccount(name, name), "fleet", snapshot=snapshot)


def packed_task(name: str, snapshot: str = "eu.snapshot", size: int = 1) -> PackedTask:
    content = ProjectContent({"team.yaml": b"x" * size}, ".", name)
    return PackedTask(planned, task_of(name, snapshot), content)


def names(sent: Iterable[Batch | Finished[Batch, Any]]) -> list[str]:
    tasks = (one.task if isinstance(one, Finished) else one for one in sent)
    return ["".join(task.task.account.name for task in batch) for batch in tasks]


def test_small_tasks_with_snapshots_go_together() -> None:
    assert names(batches(map(packed_task, "abcdefg"))) == ["abcde", "fg"]
    assert names(batches(packed_task(name, snapshot="") for name in "abc")) == ["a", "b", "c"]
    large = packed_task("b", size=MOST_BYTES_OF_BATCH)
    assert names(batches([packed_task("a"), large, packed_task("c")])) == ["ab", "c"]
    failed = Finished(packed_task("b"), planned(task_of("b")))
    assert names(batches([packed_task("a"), failed, packed_task("c")])) == ["b", "ac"]


@pytest.mark.parametrize("scheduler_lost", [False, True])
def test_a_task_that_ends_its_worker_costs_only_itself(
    scheduler_lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Content:
        def __init__(self, _fleet: Fleet) -> None:
            pass

        def content(self, account: FleetAccount, _snapshot: str) -> ProjectContent:
            return ProjectContent({}, ".", account.project)

    runs = []

    def run(_work: Any, tasks: Iterable[Batch], *_more: Any, **_options: Any) -> Iterator[Any]:
        runs.append(1)
        if scheduler_lost and len(runs) > 1:
            raise TargetError(Diagnostic(code="engine-unavailable", summary="no scheduler"))
        for batch in tasks:
            ends = any(task.task.account.name == "b" for task in batch)
            results = tuple(planned(task.task) for task in batch)
            yield Finished(batch, None, LOST) if ends else Finished(batch, results)

    monkeypatch.setattr(packed_work, "Packer", Content)
    monkeypatch.setattr(packed_work, "run_dask", run)
    fleet = Fleet(Path("fleet"), "fleet.yaml", ())
    came = [*run_packed("dask://127.0.0.1:9", fleet, planned, map(task_of, "abcdefg"), 2)]
    assert sorted(one.task.account.name for one in came) == [*"abcdefg"]
    lost = {one.task.account.name: one.reason for one in came if one.result is None}
    assert lost == dict.fromkeys("abcde" if scheduler_lost else "b", LOST)
