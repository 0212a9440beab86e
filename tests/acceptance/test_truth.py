"""Whatever goes wrong in a run, its exit code, report and record show what was done.

Faults are put in at seams of the real program: a function raises, or the process gets a signal,
right before or after it does its work.
"""

import importlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.execution.workers import Workers
from provisioner.runs.record import Ending, Run
from provisioner.runs.store import RunStore
from provisioner.sandbox.faults import Fault
from tests.support import KEY, Account, changes, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}}
      - {email: bob@acme.example, name: Bob, departments: {Support: {chats: true}}}
"""

AFTER_THE_FIRST_WRITE = [
    "provisioner.liveagent.account_writer:LiveAgentWriter.write",
    "provisioner.runs.journal:Journal.ended",
    "provisioner.cli.console.progress:ProgressLines.ended",
    "provisioner.app.verification:read_back",
    "provisioner.app.verification:not_applied",
    "provisioner.runs.journal:Journal.end",
    "provisioner.render.terminal.apply_report:report",
]

BEFORE_THE_FIRST_WRITE = [
    "provisioner.cli.run.project_apply:make_plan",
    "provisioner.cli.console.confirmation:print_plan",
    "provisioner.runs.journal:Journal.begin",
    "provisioner.cli.run.exclusive_run:progress_of",
    "provisioner.app.make_plan:build_graph",
    "provisioner.app.apply_plan:execute",
]

FAULTS = [
    MemoryError(),
    TypeError("'int' object is not iterable"),
    OSError(24, "Too many open files"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", team=TEAM)


def last_run(project: Path) -> Run:
    run = next(RunStore(project / ".provisioner").all())
    assert isinstance(run, Run)
    return run


def seam(place: str) -> tuple[Any, str]:
    """Return the owner and the name of a function written as `module:Class.method`."""
    module, _, path = place.partition(":")
    *way, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for step in way:
        owner = getattr(owner, step)
    return owner, name


def raise_in(monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException) -> None:
    def raising(*_arguments: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(*seam(place), raising)


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("place", AFTER_THE_FIRST_WRITE)
def test_after_the_first_write_a_fault_ends_with_4_a_report_and_an_ended_record(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    with monkeypatch.context() as patch:
        raise_in(patch, place, error)
        result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 4, result.output
    assert isinstance(result.exception, SystemExit)
    assert "nothing was written" not in result.output
    report = result.stdout
    assert "Incomplete: " in report or "Run 1: apply to environment" in report
    run = last_run(project)
    recorded = place.endswith("report")  # the run itself went well
    assert run.ending is (Ending.COMPLETE if recorded else Ending.INCOMPLETE)
    assert run.ended
    live.apply(project)
    assert changes(live.plan(project)) == {}


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("place", BEFORE_THE_FIRST_WRITE)
def test_before_the_first_write_a_fault_says_that_nothing_was_written(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    live.server.requests.clear()
    with monkeypatch.context() as patch:
        raise_in(patch, place, error)
        result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 1, result.output
    assert result.stderr.endswith("nothing was written.\n")
    assert ("[internal]" in result.stderr) is isinstance(error, TypeError)
    assert live.writes() == []
    live.apply(project)


class TestThreads:
    def refuse(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        """Let a machine give only so many threads to the workers."""
        started: list[threading.Thread] = []

        class Refused(threading.Thread):
            def start(self) -> None:
                if len(started) >= number:
                    raise RuntimeError("can't start new thread")
                started.append(self)
                super().start()

        # Only here: the account is read with threads, too, before a run begins.
        seen = SimpleNamespace(Thread=Refused)
        monkeypatch.setattr("provisioner.execution.workers.threading", seen)

    def test_none_is_found_before_the_first_write(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            self.refuse(patch, 0)
            result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 1
        assert "no new thread can be started [system-limit]" in result.stderr
        assert result.stderr.endswith("nothing was written.\n")
        assert live.writes() == []

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_few_are_enough(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        with monkeypatch.context() as patch:
            self.refuse(patch, number)
            live.apply(project)
        assert changes(live.plan(project)) == {}

    def test_a_call_is_made_once_whoever_makes_it(self) -> None:
        workers = Workers[int](3)
        futures = [workers.submit(lambda number=number: number) for number in range(100)]  # type: ignore[misc]
        workers.close()
        assert [future.result() for future in futures] == [*range(100)]


class TestFullDisk:
    def test_a_run_whose_end_can_t_be_recorded_is_not_complete(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = os.write

        def full(descriptor: int, data: bytes) -> int:
            if b'"event":"end"' in data:
                raise OSError(28, "No space left on device")
            return write(descriptor, data)

        with monkeypatch.context() as patch:
            patch.setattr("provisioner.runs.journal.os.write", full)
            result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 4, result.output
        assert "Incomplete: 3 created done as planned" in result.stdout
        assert "000001.jsonl can't be written: No space left on device" in result.stdout
        assert last_run(project).ending is Ending.KILLED

    def test_a_line_that_is_half_written_spoils_no_other(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = os.write
        failed: list[int] = []

        def full_once(descriptor: int, data: bytes) -> int:
            if b'"event":"step"' in data and not failed:
                failed.append(write(descriptor, data[:20]))
                raise OSError(28, "No space left on device")
            return write(descriptor, data)

        with monkeypatch.context() as patch:
            patch.setattr("provisioner.runs.journal.os.write", full_once)
            result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 4, result.output
        run = last_run(project)
        assert run.ending is Ending.INCOMPLETE
        assert any("No space left on device" in remark for remark in run.remarks)
        live.apply(project)

    @pytest.mark.parametrize("room", range(0, 6000, 1000))
    def test_a_real_limit_at_any_size_leaves_a_true_exit_code(
        self, live: Account, project: Path, room: int
    ) -> None:
        done = run_apart(live, project, before=lambda: set_room(room))
        complete = "Applied and read back: 3 created" in done.stdout
        assert done.returncode == (0 if complete else 4 if live.writes() else 1), done.stderr
        assert "Traceback" not in done.stderr
        assert "[internal]" not in done.stderr
        live.apply(project)


def set_room(room: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


CHILD = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests.acceptance.test_truth import seam
owner, name = seam(sys.argv[2])
original = getattr(owner, name)
moments = [sys.argv[3]]  # a second signal would end the process at once
def signal(moment):
    if moment in moments:
        moments.clear()
        os.kill(os.getpid(), int(sys.argv[4]))
def signalled(*arguments, **named):
    signal("before")
    result = original(*arguments, **named)
    signal("after")
    return result
setattr(owner, name, signalled)
from provisioner.cli.main import main
main(sys.argv[5:], prog_name="provisioner")
"""


def run_apart(
    live: Account,
    project: Path,
    *program: str,
    before: Callable[[], None] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Apply in a process of its own."""
    return subprocess.run(
        [sys.executable, *(program or ("-m", "provisioner")), "apply", str(project), "--yes"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
        },
        preexec_fn=before,
        timeout=60,
        check=False,
    )


MOMENTS = [
    *((place, "before", 1) for place in BEFORE_THE_FIRST_WRITE[:2]),
    ("provisioner.app.make_plan:build_graph", "before", 1),
    ("provisioner.app.apply_plan:execute", "before", 1),
    *((place, "before", 4) for place in AFTER_THE_FIRST_WRITE[:3]),
    ("provisioner.app.verification:read_back", "before", 0),
    ("provisioner.app.verification:not_applied", "before", 0),
    ("provisioner.runs.journal:Journal.end", "before", 0),
    ("provisioner.runs.journal:Journal.end", "after", 0),
    ("provisioner.render.terminal.apply_report:report", "before", 0),
    ("provisioner.cli.console.output:Console.print_report", "after", 0),
    ("provisioner.liveagent.http.client:Client.close", "after", 0),
    ("provisioner.runs.lock:FileLock.release", "after", 0),
]
"""Where a signal comes, and the exit code of the run."""


@pytest.mark.parametrize(("place", "when", "code"), MOMENTS)
def test_a_signal_at_any_moment_ends_with_the_truth(
    live: Account, project: Path, place: str, when: str, code: int
) -> None:
    number = (signal.SIGTERM, signal.SIGINT)[MOMENTS.index((place, when, code)) % 2]
    root = str(Path(__file__).parents[2])
    done = run_apart(live, project, "-c", CHILD, root, place, when, str(int(number)))
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert ("nothing was written" in done.stdout + done.stderr) is (code == 1)
    assert bool(live.writes()) is (code != 1)
    if code != 1:
        assert last_run(project).ending is (Ending.INCOMPLETE if code else Ending.COMPLETE)
    live.apply(project)


def test_answers_of_a_wrong_type_at_read_back_are_no_fault_of_the_tool(
    live: Account, project: Path
) -> None:
    """The second reading gets a page of HTML in the place of a list."""
    live.apply(project)
    reads = sum(entry.method == "GET" for entry in live.server.requests.entries())
    write_project(project, team=TEAM.replace("name: Mia", "name: Mia Chen"))
    live.server.faults.add(Fault("html", method="GET", status=200, skip=reads // 2, times=0))
    report = live.apply(project, exit_code=4)
    assert "the account could not be read back" in report
    live.server.faults.clear()
    live.apply(project)


def test_logins_that_were_ended_are_reported_whatever_fails(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.apply(project)
    live.server.seed_activity("mia@acme.example")
    raise_in(
        monkeypatch,
        "provisioner.liveagent.on_demand_reader:LiveAgentReportReader.disconnect",
        MemoryError(),
    )
    result = live.run("apps", "disconnect", "mia@acme.example", str(project), "--yes")
    assert result.exit_code == 4, result.output
    assert "there is not enough memory" in result.stdout
