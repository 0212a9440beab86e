"""The limits of a machine: several pacers on the same files, and real processes."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import TargetError
from provisioner.liveagent.http import machine_folder as folder_module
from provisioner.liveagent.http.limits import MARGIN_SECONDS, WINDOW_SECONDS
from provisioner.liveagent.http.machine_folder import machine_folder
from provisioner.liveagent.http.machine_limits import MachineLimits, connections, connections_of_run
from provisioner.liveagent.http.pacing import Pacer
from tests.effort import LONGEST_SECONDS

URL = "https://acme.example/api/v3"
KEY = "secret-of-the-account"


class Machine:
    """Runs of one machine, on one clock. Each pacer is what another process would have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 100.0
        self.waits: list[tuple[float, int]] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, per_minute: int, per_second: int = 0, key: str = KEY) -> Pacer:
        limits = MachineLimits(
            URL,
            key,
            per_minute,
            per_second=per_second,
            folder=self.folder,
            clock=lambda: self.now,
        )
        return Pacer(
            per_minute,
            clock=lambda: self.now,
            sleep=self.sleep,
            on_wait=lambda seconds, asked: self.waits.append((seconds, asked)),
            limits=limits,
        )


@pytest.fixture(params=[True, False], ids=["flock", "without"])
def machine(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    monkeypatch.setattr(folder_module, "HAS_FLOCK", request.param)
    return Machine(tmp_path)


def test_runs_with_one_key_share_its_limit(machine: Machine) -> None:
    one, two, other = machine.run(3), machine.run(3), machine.run(3, key="another")
    one.wait()
    two.wait()
    assert (one.left(), two.left(), other.left()) == (1, 1, 3)
    one.wait()
    two.wait()
    other.wait()
    assert machine.waits == [(WINDOW_SECONDS + MARGIN_SECONDS, 0)]


def test_a_run_respects_its_own_limit_where_others_allow_more(machine: Machine) -> None:
    many, few = machine.run(5), machine.run(2)
    for _ in range(5):
        machine.sleep(1)
        many.wait()
    few.wait()
    # The fourth of the five is over: then one other is in the window.
    assert machine.now == 104 + WINDOW_SECONDS + MARGIN_SECONDS
    assert few.left() == 0


def test_a_wait_that_the_account_asks_for_holds_for_all_with_the_key(machine: Machine) -> None:
    one, two, other = machine.run(0), machine.run(0), machine.run(0, key="another")
    one.hold(7)
    other.wait()
    assert machine.now == 100
    two.wait()
    assert machine.waits == [(7, 1)]


def test_reserved_places_count_for_all(machine: Machine) -> None:
    one, two = machine.run(3), machine.run(3)
    slots = one.reserve(2, within=5)
    two.wait()
    assert two.left() == 0
    one.wait(slots)
    one.wait(slots)
    assert machine.waits == []


@given(
    per_minute=st.integers(1, 12),
    per_second=st.integers(1, 4),
    calls=st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 20)), min_size=1, max_size=40
    ),
)
def test_no_window_of_any_mix_of_runs_exceeds_a_limit(
    per_minute: int, per_second: int, calls: list[tuple[int, bool, float]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        runs = [machine.run(per_minute, per_second, key) for key in (KEY, KEY, "another")]
        slots = [run.reserve(1, within=1) for run in runs]
        sent: list[list[float]] = [[], [], []]
        for number, is_kept, pause in calls:
            machine.sleep(pause)
            runs[number].wait(slots[number] if is_kept else None)
            sent[number].append(machine.now)
    first, second, third = sent
    assert _most(first + second, WINDOW_SECONDS) <= per_minute
    assert _most(third, WINDOW_SECONDS) <= per_minute
    assert _most(first + second + third, 1) <= per_second


def _most(moments: list[float], window: float) -> int:
    return max(
        (sum(first <= one < first + window for one in moments) for first in moments), default=0
    )


class TestFiles:
    def test_none_has_the_key_and_only_the_user_reads_them(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        names = set()
        for folder in (tmp_path, tmp_path / "other"):
            machine = Machine(folder)
            machine.run(3, 3).wait()
            (name,) = {file.name for file in folder.glob("key-*")}
            names.add(name)
        # The digest can't be compared with that of another machine.
        assert len(names) == 2
        for file in filter(Path.is_file, tmp_path.rglob("*")):
            assert file.stat().st_mode & 0o777 == 0o600
            assert KEY.encode() not in file.read_bytes() + file.name.encode()

    def test_of_a_clock_that_began_again_nothing_is_left(self, machine: Machine) -> None:
        """As after a restart of the machine."""
        run = machine.run(1, 1)
        run.wait()
        run.hold(30)
        machine.now = 5
        run.wait()
        assert machine.waits == []

    @pytest.mark.parametrize(
        "content", [b"", b"abc", b"\0" * 8, b"\x7f" * 80, b"\xff" * 80, b"\0" * 16 + b"\x7f" * 8]
    )
    def test_damaged_ones_count_as_empty(self, content: bytes, tmp_path: Path) -> None:
        machine = Machine(tmp_path)
        run = machine.run(1, 1)
        run.wait()
        for file in (tmp_path / "address", *tmp_path.glob("key-*")):
            file.write_bytes(content)
        run.wait()
        assert machine.now == 100

    def test_those_of_keys_that_are_no_longer_used_are_removed(self, tmp_path: Path) -> None:
        machine = Machine(tmp_path)
        machine.run(1).wait()
        (old,) = tmp_path.glob("key-*")
        os.utime(old, (0, 0))
        machine.run(1, key="another")
        assert not old.exists()

    def test_without_the_folder_nothing_is_sent(self, tmp_path: Path) -> None:
        folder = tmp_path / "shared"
        folder.mkdir()
        run = Machine(folder).run(1)
        folder.rename(tmp_path / "away")
        for call in (run.wait, run.wait, lambda: MachineLimits(URL, KEY, 1, folder=folder)):
            with pytest.raises(TargetError) as error:
                call()
            assert error.value.diagnostics[0].code == "file-unwritable"


class TestFolder:
    def test_is_the_user_s_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        folder = machine_folder()
        assert (folder.parent, folder.stat().st_mode & 0o777) == (tmp_path, 0o700)
        assert machine_folder() == folder

    def test_a_link_of_somebody_else_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        (tmp_path / "provisioner").symlink_to(tmp_path)
        with pytest.raises(TargetError, match="another user"):
            machine_folder()


class TestConnections:
    def test_runs_get_what_is_left_and_wait_for_the_first_free_one(self, machine: Machine) -> None:
        with ExitStack() as runs, ExitStack() as second:

            def take(stack: ExitStack) -> int:
                kept = connections(
                    4, most=6, folder=machine.folder, sleep=lambda _seconds: second.close()
                )
                return stack.enter_context(kept)

            assert [take(runs), take(second), take(runs)] == [4, 2, 2]
        assert [*machine.folder.glob("*.connections")] == []
        with connections(9, most=6, folder=machine.folder) as number:
            assert number == 6

    def test_those_of_a_killed_run_are_free(self, tmp_path: Path) -> None:
        code = """
            import sys, pathlib
            from provisioner.liveagent.http.machine_limits import connections
            with connections(6, most=6, folder=pathlib.Path(sys.argv[1])):
                print("held", flush=True)
                sys.stdin.read()
        """
        with process(code, tmp_path) as held:
            assert held.stdout
            assert held.stdout.readline() == "held\n"
            held.send_signal(signal.SIGKILL)
            held.wait(LONGEST_SECONDS)
        with connections(6, most=6, folder=tmp_path) as number:
            assert number == 6


def test_processes_share_the_limits_also_with_one_that_is_killed(tmp_path: Path) -> None:
    """The moments at which four processes send, one of them killed, on the clock of the machine."""
    code = f"""
        import sys, pathlib, time
        from provisioner.liveagent.http.machine_limits import MachineLimits
        from provisioner.liveagent.http.pacing import Pacer
        folder = pathlib.Path(sys.argv[1])
        limits = MachineLimits("{URL}", "{KEY}", 1000, per_second=40, folder=folder)
        pacer = Pacer(1000, limits=limits)
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(20):
            pacer.wait()
            print(time.monotonic(), flush=True)
    """
    running = [process(code, tmp_path) for _ in range(4)]
    for one in running:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    began = time.monotonic()
    for one in running:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    assert running[0].stdout
    first = running[0].stdout.readline()
    running[0].send_signal(signal.SIGKILL)
    outputs = [one.communicate(timeout=LONGEST_SECONDS)[0] for one in running]
    sent = [float(line) for output in (first, *outputs) for line in output.split()]
    assert len(sent) >= 61
    # A moment is read after its place was taken, so a slow machine only makes it later.
    assert sum(moment < began + 1 for moment in sent) <= 40


def process(code: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("wanted", "runs", "each"), [(8, 1, 8), (8, 37, 8), (8, 38, 7), (8, 100, 3)]
)
def test_runs_at_the_same_time_have_connections_without_waiting(
    wanted: int, runs: int, each: int, tmp_path: Path
) -> None:
    def no_wait(_seconds: float) -> None:
        pytest.fail("a run waits")

    assert connections_of_run(wanted, runs) == each
    with ExitStack() as stack:
        for _ in range(runs):
            own = connections(each, folder=tmp_path, sleep=no_wait)
            assert stack.enter_context(own) == each
