"""The local engine: processes, and the end of one of them."""

import errno
import operator
import os
import signal

import pytest

from provisioner.fleet.engines.local import default_jobs, run_local

MEBIBYTE = 1024**2


def test_every_task_is_run_once_by_any_number_of_jobs() -> None:
    for jobs in (1, 2):
        done = [*run_local(operator.neg, range(6), jobs)]
        assert sorted((one.task, one.result) for one in done) == [(n, -n) for n in range(6)]


def test_the_end_of_a_process_concerns_only_its_task() -> None:
    tasks = [signal.SIGCONT, signal.SIGKILL, signal.SIGCONT]
    done = [*run_local(signal.raise_signal, tasks, 2)]
    assert sorted((one.task, one.reason) for one in done) == [
        (signal.SIGKILL, "its process was ended by SIGKILL"),
        (signal.SIGCONT, ""),
        (signal.SIGCONT, ""),
    ]


def test_without_a_process_the_task_has_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("provisioner.fleet.engines.local._Worker", refused)
    done = [*run_local(operator.neg, range(3), 2)]
    assert [(one.task, one.begun, one.process) for one in done] == [(n, False, 0) for n in range(3)]
    assert {one.reason for one in done} == {"no process can be started: Too many open files"}


@pytest.mark.parametrize(
    ("processors", "mebibytes", "waiting", "computing"),
    [
        (2, 8192, 16, 2),
        (16, 65536, 100, 16),
        (4, 2048, 16, 4),
        (1, 64, 1, 1),
        (None, 8192, 8, 1),
    ],
)
def test_tasks_that_wait_have_more_processes(
    processors: int | None,
    mebibytes: int,
    waiting: int,
    computing: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = {"SC_PHYS_PAGES": mebibytes, "SC_PAGE_SIZE": MEBIBYTE}
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    monkeypatch.setattr(os, "sysconf", numbers.__getitem__)
    assert default_jobs(waits=True) == waiting
    assert default_jobs(waits=False) == computing
