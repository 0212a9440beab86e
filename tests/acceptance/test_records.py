"""Records of runs, the lock, the log, and what happens when none of them can be kept."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from filelock import FileLock

from provisioner.runs.journal import Journal
from provisioner.runs.record import Ending
from provisioner.runs.store import RunStore
from provisioner.sandbox.faults import Fault
from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, account, held, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, alias: M, departments: {Support: {chats: true}}}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", team=TEAM)


def start(
    live: Account, *arguments: str, before: Callable[[], None] | None = None
) -> "subprocess.Popen[str]":
    """Start the command line in a process of its own."""
    environment = {
        **os.environ,
        "LIVEAGENT_BASE_URL": live.server.url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "provisioner", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=before,  # noqa: PLW1509  a limit for the child alone
    )


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read the output of a process until a line holds the words."""
    assert process.stderr is not None
    while words not in (line := process.stderr.readline()):
        assert line, f"it ended without saying: {words}"


def ignore_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def lock_name(live: Account) -> str:
    """Return the name of the account's lock: targets of one account share it."""
    return quote(f"{live.server.url}/api/v3", safe="")


def records(project: Path) -> RunStore:
    return RunStore(project / ".provisioner")


class TestRecord:
    def test_tells_who_did_what_when_and_how_it_ended(self, live: Account, project: Path) -> None:
        live.apply(project)
        write_project(project, team=TEAM.replace("alias: M", "alias: Mia"))
        live.apply(project)
        run = records(project).load(2)
        assert (run.command, run.target, run.ending) == ("apply", "environment", Ending.COMPLETE)
        assert run.actor.pid == os.getpid()
        step = run.steps["agent/mia@acme.example#update-profile"]
        assert (step.before, step.after) == ({"alias": "M"}, {"alias": "Mia"})
        listed = live.run("runs", str(project)).stdout.splitlines()
        assert [line.split()[0] for line in listed] == ["2", "1"]
        shown = live.run("runs", "show", "2", str(project)).stdout
        assert "alias M → alias Mia" in shown
        data = json.loads(live.run("runs", "show", "2", str(project), "--format", "json").stdout)
        assert data["counts"] == {"applied": 1, "failed": 0, "skipped": 0, "under-way": 0}
        overview = json.loads(live.run("runs", str(project), "--format", "json").stdout)
        assert [entry["id"] for entry in overview["runs"]] == [2, 1]

    def test_holds_no_key_and_is_for_its_owner_only(self, live: Account, project: Path) -> None:
        live.apply(project)
        file = project / ".provisioner/runs/000001.jsonl"
        assert KEY not in file.read_text(encoding="utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_an_apply_with_nothing_to_do_leaves_none(self, live: Account, project: Path) -> None:
        live.apply(project)
        live.apply(project)
        assert [run.id for run in records(project).all()] == [1]  # type: ignore[union-attr]

    def test_a_failed_step_says_why(self, live: Account, project: Path) -> None:
        live.server.faults.add(Fault(method="PUT", path="/profile", status=400, times=0))
        live.apply(project, exit_code=4)
        shown = live.run("runs", "show", "1", str(project)).stdout
        assert "incomplete" in shown
        assert "400 Bad Request: Fault on purpose" in shown

    def test_none_and_damaged_ones_are_told(self, live: Account, project: Path) -> None:
        assert live.run("runs", str(project)).stdout == "No runs yet.\n"
        missing = live.run("runs", "show", "9", str(project))
        assert missing.exit_code == 1
        assert "[unknown-run]" in missing.stderr
        live.apply(project)
        file = project / ".provisioner/runs/000001.jsonl"
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole[: len(whole) - 20], encoding="utf-8")
        assert "killed" in live.run("runs", str(project)).stdout
        for damage in ("", "{}\n", "[1]\n", '{"event": "run", "format_version": "9.0"}\n'):
            file.write_text(damage, encoding="utf-8")
            assert "is not a record" in live.run("runs", str(project)).stdout
            result = live.run("undo", "1", str(project), "--yes")
            assert (result.exit_code, "[run-record]" in result.stderr) == (1, True)
        assert live.run("apply", str(project), "--yes").exit_code == 0

    def test_numbers_go_on_whatever_the_clock_does(self, tmp_path: Path) -> None:
        store = RunStore(tmp_path)
        for _ in range(3):
            store.begin().__exit__(None, None, None)
        jumping = Journal(tmp_path / "runs/000009.jsonl", 9, clock=lambda: "1970-01-01T00:00:00Z")
        jumping.__exit__(None, None, None)
        with store.begin() as journal:
            assert journal.id == 10


class TestNoRecord:
    def test_without_a_record_nothing_is_written(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_arguments: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 1
        assert "No space left on device" in result.stderr
        assert "[run-record-unwritable]" in result.stderr
        assert live.writes() == []

    def test_a_disk_that_fills_up_stops_the_run_like_an_interrupt(
        self, live: Account, project: Path, tmp_path: Path
    ) -> None:
        calm = write_project(tmp_path / "calm", team=TEAM)
        with account(tmp_path / "calm") as other:
            other.apply(calm)
        record = (calm / ".provisioner/runs/000001.jsonl").read_text(encoding="utf-8")
        header = record.splitlines()[0]
        room = len(header.encode()) + 450  # the first start of steps, and no more

        def small() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        process = start(live, "apply", str(project), "--yes", before=small)
        stdout, stderr = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 4, stdout + stderr
        assert "can't be written: File too large" in stdout + stderr
        assert "Traceback" not in stderr
        live.apply(project)

    def test_a_folder_that_can_not_be_written_is_told_before_anything(
        self, live: Account, project: Path
    ) -> None:
        (project / ".provisioner").write_text("in the way", encoding="utf-8")
        result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 1
        assert "[file-unwritable]" in result.stderr
        assert live.writes() == []


class TestLock:
    def test_a_second_run_is_refused_and_told_who_works(self, live: Account, project: Path) -> None:
        folder = project / ".provisioner/locks"
        folder.mkdir(parents=True)
        held = {"by": "ci", "host": "runner-1", "pid": 7, "at": "2026-01-01T00:00:00Z"}
        name = lock_name(live)
        (folder / f"{name}.json").write_text(json.dumps(held), encoding="utf-8")
        with FileLock(folder / f"{name}.lock"):
            result = live.run("apply", str(project), "--yes")
            waited = live.run("apply", str(project), "--yes", "--lock-timeout", "0.01")
        assert result.exit_code == waited.exit_code == 3
        assert "ci on runner-1 (process 7, since 2026-01-01T00:00:00Z)" in result.stderr
        assert "[locked]" in result.stderr
        assert "Waiting up to 0.01 s for ci on runner-1" in waited.stderr
        assert live.writes() == []

    def test_the_lock_of_a_dead_process_is_taken_over(self, live: Account, project: Path) -> None:
        folder = project / ".provisioner/locks"
        folder.mkdir(parents=True)
        note = folder / f"{lock_name(live)}.json"
        note.write_text("{", encoding="utf-8")
        result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 0
        assert "Taking over the lock of another run" in result.stderr
        assert not note.exists()

    def test_a_run_waits_for_the_other_to_end(self, live: Account, project: Path) -> None:
        with held(live, "POST", "/agents") as arrived:
            first = start(live, "apply", str(project), "--yes")
            assert arrived.wait(LONGEST_SECONDS)
            second = start(live, "apply", str(project), "--yes", "--lock-timeout", "600")
            read_until(second, "Waiting up to")
        assert first.wait(LONGEST_SECONDS) == 0
        stdout, stderr = second.communicate(timeout=LONGEST_SECONDS)
        assert second.returncode == 0, stderr
        assert "Nothing to change" in stdout
        first.communicate()


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_the_first_finishes_what_is_under_way(
        self, live: Account, project: Path, number: signal.Signals
    ) -> None:
        with held(live, "POST", "/departments") as arrived:
            process = start(live, "apply", str(project), "--yes")
            assert arrived.wait(LONGEST_SECONDS)
            process.send_signal(number)
            read_until(process, "Stopping: what is under way is finished")
        stdout, stderr = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 4, stderr
        assert "not started, the run was interrupted" in stdout
        run = records(project).load(1)
        assert run.ending is Ending.INCOMPLETE
        assert run.count(None) == 0
        live.apply(project)

    def test_the_second_stops_at_once(self, live: Account, project: Path) -> None:
        with held(live, "POST", "/departments") as arrived:
            process = start(live, "apply", str(project), "--yes")
            assert arrived.wait(LONGEST_SECONDS)
            process.send_signal(signal.SIGTERM)
            read_until(process, "Stopping")
            process.send_signal(signal.SIGTERM)
            _, stderr = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 4
        assert "Stopped at once" in stderr
        run = records(project).load(1)
        assert run.ending is Ending.KILLED
        assert run.count(None) > 0
        again = live.run("apply", str(project), "--yes")
        assert again.exit_code == 0
        assert "Run 1 (" in again.stderr
        assert live.run("apply", str(project), "--yes").stderr == ""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    @pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
    def test_before_the_first_write_a_run_ends_at_once(
        self, live: Account, project: Path, number: signal.Signals, command: list[str]
    ) -> None:
        live.server.faults.add(Fault("status", method="GET", status=429, times=0))
        process = start(live, *command, str(project))
        read_until(process, "asks to wait")
        process.send_signal(number)
        _, stderr = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 1
        assert stderr.endswith("Stopped; nothing was written.\n")
        assert "Traceback" not in stderr
        assert not list(project.glob(".provisioner/locks/*.json"))

    def test_a_run_under_nohup_survives_the_end_of_its_terminal(
        self, live: Account, project: Path
    ) -> None:
        with held(live, "POST", "/departments") as arrived:
            process = start(live, "apply", str(project), "--yes", before=ignore_hang_up)
            assert arrived.wait(LONGEST_SECONDS)
            process.send_signal(signal.SIGHUP)
        stdout, _ = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 0
        assert "Applied and read back: 3 created" in stdout


class TestLog:
    def test_a_pipeline_gets_a_line_for_each_object(self, live: Account, project: Path) -> None:
        result = live.run("apply", str(project), "--yes")
        lines = result.stderr.splitlines()
        assert len(lines) == 5
        assert lines[-3].startswith("[3/3] agent/")
        assert lines[-2] == "Reading the account back."
        assert lines[-1].startswith("Record 1 has the hash ")
        assert not any("[3/3]" in line for line in result.stdout.splitlines())

    def test_a_machine_gets_a_line_of_json_for_each_event(
        self, live: Account, project: Path
    ) -> None:
        live.server.faults.add(Fault("status", method="PUT", status=503))
        live.server.faults.add(Fault("status", method="POST", path="/departments", status=400))
        result = live.run("apply", str(project), "--yes", "--log-format", "json")
        events = [json.loads(line) for line in result.stderr.splitlines()]
        assert result.exit_code == 4
        kinds = {event["event"] for event in events}
        assert kinds == {"started", "ended", "retrying", "message"}
        failed = [event for event in events if event.get("status") == "failed"]
        assert [event["step"] for event in failed] == ["department/Support#create-department"]
        assert "400 Bad Request" in failed[0]["error"]
        refused = live.run("apply", str(project / "none"), "--yes", "--log-format", "json")
        assert json.loads(refused.stderr.splitlines()[0])["code"] == "path-missing"

    def test_a_terminal_gets_one_live_line(self, live: Account, project: Path) -> None:
        ours, theirs = os.openpty()
        process = start_in_terminal(live, theirs, "apply", str(project), "--yes")
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        stdout, _ = process.communicate(timeout=LONGEST_SECONDS)
        os.close(ours)
        assert process.returncode == 0
        assert b"objects done" in shown
        assert "Applied and read back: 3 created" in stdout


def start_in_terminal(live: Account, terminal: int, *arguments: str) -> "subprocess.Popen[str]":
    """Start the command line with standard error at a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "provisioner", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env={
            **os.environ,
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
            "TERM": "xterm-256color",
            "COLUMNS": "100",
        },
    )


class TestTrouble:
    def test_an_apply_goes_on_when_nobody_listens_to_its_progress(
        self, live: Account, project: Path
    ) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        environment = {
            **os.environ,
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
        }
        done = subprocess.run(
            [sys.executable, "-m", "provisioner", "apply", str(project), "--yes"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=writing,
            env=environment,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        os.close(writing)
        assert done.returncode == 0
        assert records(project).load(1).ending is Ending.COMPLETE

    def test_a_key_that_is_refused_ends_the_run(self, live: Account, project: Path) -> None:
        agents = "".join(
            f"      - {{email: a{number}@acme.example, name: A{number}}}\n" for number in range(40)
        )
        write_project(project, team=f"agents:\n{agents}")
        live.server.faults.add(Fault(method="POST", status=401, times=0))
        report = live.apply(project, exit_code=4)
        assert "the account no longer accepts the API key" in report
        assert len(live.writes()) < 20

    def test_a_page_in_place_of_an_answer_does_not_hide_what_was_written(
        self, live: Account, project: Path
    ) -> None:
        live.apply(project)
        write_project(project, team=TEAM.replace("name: Bob", "name: Bob Moss"))
        live.server.faults.add(
            Fault("html", method="PUT", status=200, lands=True),
        )
        live.apply(project, exit_code=4)
        assert live.agent("bob@acme.example")["name"] == "Bob Moss"
        live.run("undo", "2", str(project), "--yes")
        assert live.agent("bob@acme.example")["name"] == "Bob"
