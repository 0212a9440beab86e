"""The local engine: processes, and the end of one of them."""

import errno
import operator
import signal

import pytest

from provisioner.fleet.engines.local import run_local


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
