"""The shared lock in all places: one holder, expiry, renewal, loss, and places that fail."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.cli.run.lock_database import LockDatabase
from provisioner.diagnostics import RefusedError, RunStoppedError
from provisioner.execution.steps import Step, steps_of
from provisioner.git.lock_ref import LockRef
from provisioner.runs.lock_folder import LockFolder
from provisioner.runs.record import Actor
from provisioner.runs.shared_lock import LockClaim, LockPlace, PlaceError, SharedLock
from tests.unit.execution.test_steps import MIA, create

LASTS = timedelta(minutes=30)
START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS: list[Step] = list(steps_of(create(MIA, name="Mia", email="mia@acme.example")))


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def after(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


Machine = Callable[..., SharedLock]


@pytest.fixture(params=["folder", "sqlite", "git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], LockPlace]:
    """Return a function that opens the place as another machine does."""
    if request.param == "folder":
        (tmp_path / "locks").mkdir()
        return lambda: LockFolder(tmp_path / "locks", "acme-1", LASTS)
    if request.param == "sqlite":
        return lambda: LockDatabase(tmp_path / "locks.db", "acme-1")
    bare(tmp_path / "locks.git")
    (tmp_path / "p").mkdir()
    return lambda: LockRef((tmp_path / "locks.git").as_uri(), "acme-1", tmp_path / "p")


def bare(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)


def claim(by: str, at: datetime) -> LockClaim:
    return LockClaim(by, "laptop", 1, at.isoformat(), (at + LASTS).isoformat(), by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def machine(place: Callable[[], LockPlace], clock: Clock, notes: list[str]) -> Machine:
    def make(by: str, pause: Callable[[float], object] = clock.wait) -> SharedLock:
        actor = Actor(by, f"{by}-laptop", 7)
        return SharedLock(
            place(), "PLACE", actor, LASTS, announce=notes.append, clock=clock, pause=pause
        )

    return make


def test_one_holds_it_and_the_next_one_gets_it_after_the_end(
    machine: Machine, place: Callable[[], LockPlace]
) -> None:
    with machine("mia").held(0):
        with pytest.raises(RefusedError) as refused, machine("bob").held(0):
            pass
        (finding,) = refused.value.diagnostics
        assert finding.code == "locked"
        assert "mia on mia-laptop (process 7, since 2026-01-01T00:00:00Z)" in finding.summary
        assert "until 2026-01-01T00:30:00Z at the latest" in finding.summary
    assert place().read() == ()
    with machine("bob").held(0):
        assert [claim.by for claim in place().read()] == ["bob"]


def test_a_run_waits_for_the_end_of_another_one(machine: Machine, notes: list[str]) -> None:
    with ExitStack() as first:
        first.enter_context(machine("mia").held(0))
        with machine("bob", pause=lambda _seconds: first.close()).held(10):
            assert "Waiting up to 10 s for mia on mia-laptop" in notes[0]


def test_an_ended_lock_is_taken_over_with_holder_and_time(
    machine: Machine, clock: Clock, notes: list[str], place: Callable[[], LockPlace]
) -> None:
    dead = machine("mia").held(0)
    dead.__enter__()
    clock.after(29)
    with pytest.raises(RefusedError), machine("bob").held(0):
        pass
    clock.after(1)
    with machine("bob").held(0):
        assert [claim.by for claim in place().read()] == ["bob"]
        dead.__exit__(None, None, None)
        assert [claim.by for claim in place().read()] == ["bob"]
    (note,) = notes
    assert "shared lock of mia on mia-laptop (process 7, since 2026-01-01T00:00:00Z)" in note
    assert "it ended at 2026-01-01T00:30:00Z" in note
    assert place().read() == ()


def test_a_run_renews_it_while_it_works(
    machine: Machine, clock: Clock, place: Callable[[], LockPlace]
) -> None:
    with machine("mia").held(0) as lock:
        for _ in range(5):
            clock.after(11)
            lock.started(STEPS)
            (held,) = place().read()
            assert datetime.fromisoformat(held.until) == clock.at + LASTS
            with pytest.raises(RefusedError), machine("bob").held(0):
                pass
        clock.after(9)  # less than a third of the time: nothing is written
        lock.started(STEPS)
        assert place().read() == (held,)
    assert place().read() == ()


def test_a_lost_lock_stops_the_run_before_its_next_step(machine: Machine, clock: Clock) -> None:
    with machine("mia").held(0) as lock:
        clock.after(31)
        with machine("bob").held(0), pytest.raises(RunStoppedError) as lost:
            lock.started(STEPS)
        (finding,) = lost.value.diagnostics
        assert finding.code == "lock-lost"
        assert "bob on bob-laptop" in finding.summary
        # It stays lost, also when the other run has ended.
        with pytest.raises(RunStoppedError):
            lock.started(STEPS)


def test_requests_that_read_renew_it_and_end_at_no_loss(
    machine: Machine, clock: Clock, place: Callable[[], LockPlace]
) -> None:
    """The last read of a run shows what it has done, also after a loss."""
    with machine("mia").held(0) as lock:
        clock.after(11)
        lock.guard(writes=False)
        (held,) = place().read()
        assert datetime.fromisoformat(held.until) == clock.at + LASTS
        clock.after(31)
        with machine("bob").held(0):
            lock.guard(writes=False)
            with pytest.raises(RunStoppedError):
                lock.guard(writes=True)


def test_a_late_renewal_holds_if_nobody_has_taken_it(machine: Machine, clock: Clock) -> None:
    with machine("mia").held(0) as lock:
        clock.after(45)
        lock.started(STEPS)
        with pytest.raises(RefusedError), machine("bob").held(0):
            pass


class TestFailures:
    def test_a_place_that_is_missing_is_refused(self, tmp_path: Path) -> None:
        url = (tmp_path / "none.git").as_uri()
        places: list[LockPlace] = [
            LockFolder(tmp_path / "none", "a", LASTS),
            LockDatabase(tmp_path / "none/locks.db", "a"),
            LockRef(url, "a", tmp_path / "p"),
        ]
        for place in places:
            lock = SharedLock(place, "PLACE", Actor("a", "b", 1), LASTS, announce=print)
            with pytest.raises(RefusedError) as refused, lock.held(0):
                pass
            assert refused.value.diagnostics[0].code == "lock-place"

    def test_an_outage_stops_the_run_only_when_the_claim_is_nearly_over(
        self, tmp_path: Path, clock: Clock
    ) -> None:
        folder = tmp_path / "locks"
        folder.mkdir()
        place = LockFolder(folder, "a", LASTS)
        notes: list[str] = []
        lock = SharedLock(
            place, "PLACE", Actor("a", "b", 1), LASTS, announce=notes.append, clock=clock
        )
        with lock.held(0):
            folder.rename(tmp_path / "away")
            clock.after(12)
            lock.started(STEPS)
            clock.after(12)
            with pytest.raises(RunStoppedError) as lost:
                lock.started(STEPS)
            assert "it can't be renewed" in lost.value.diagnostics[0].summary
        assert "can't be released" in notes[0]

    def test_a_repository_inside_of_the_project_is_refused(self, tmp_path: Path) -> None:
        """A branch could bring it, and its hooks would run."""
        (tmp_path / "link").symlink_to(tmp_path / "p", target_is_directory=True)
        for path in ("p/locks.git", "link/locks.git", "p%2Flocks.git"):
            with pytest.raises(PlaceError):
                LockRef(f"file://{tmp_path}/{path}", "a", tmp_path / "p")

    def test_an_unreadable_claim_counts_as_held(self, tmp_path: Path) -> None:
        """A run may be about to write it."""
        file = tmp_path / "a.000001.lock"
        file.write_text("{", "utf-8")
        place = LockFolder(tmp_path, "a", LASTS)
        (held,) = place.read()
        made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        assert datetime.fromisoformat(held.until) == made + LASTS
        assert held.by == "another run"

    def test_of_two_that_see_an_ended_claim_one_wins(
        self, place: Callable[[], LockPlace], machine: Machine, clock: Clock
    ) -> None:
        machine("mia").held(0).__enter__()
        clock.after(31)
        one, two = place(), place()
        first, second = one.read(), two.read()
        own = [claim(by, clock.at) for by in ("bob", "eve")]
        assert one.take(first, own[0])
        assert not two.take(second, own[1])
        assert place().read() == (own[0],)

    def test_a_claim_that_was_renewed_meanwhile_is_not_taken(
        self, place: Callable[[], LockPlace], machine: Machine, clock: Clock
    ) -> None:
        with machine("mia").held(0) as lock:
            clock.after(31)
            other = place()
            seen = other.read()
            lock.started(STEPS)
            own = claim("bob", clock.at)
            assert not other.take(seen, own)
            assert [claim.by for claim in place().read()] == ["mia"]


class TestDatabase:
    def test_each_account_has_a_claim_of_its_own(self, tmp_path: Path, clock: Clock) -> None:
        one, two = (LockDatabase(tmp_path / "locks.db", name) for name in ("acme-1", "acme-2"))
        assert one.take((), claim("mia", clock.at))
        assert two.take((), claim("bob", clock.at))
        assert [claim.by for claim in (*one.read(), *two.read())] == ["mia", "bob"]

    def test_a_database_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        file = tmp_path / "crm.db"
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE claims (name, claim)")
        before = file.read_bytes()
        with pytest.raises(PlaceError, match="another program"):
            LockDatabase(file, "a").take((), claim("mia", START))
        assert file.read_bytes() == before

    @pytest.mark.parametrize("text", ["{", "{}"])
    def test_an_unreadable_claim_never_ends(self, text: str, tmp_path: Path) -> None:
        place = LockDatabase(tmp_path / "locks.db", "a")
        place.take((), claim("mia", START))
        with closing(sqlite3.connect(tmp_path / "locks.db")) as other, other:
            other.execute("UPDATE claims SET claim = ?", (text,))
        (held,) = place.read()
        assert held.by == "another program"
        assert not held.has_ended(START + timedelta(days=999))

    def test_of_processes_that_race_one_holds_it(self, tmp_path: Path) -> None:
        """Each holder looks for another one; a holder that is killed keeps it until its time."""
        place = LockDatabase(tmp_path / "locks.db", "a")
        place.read()  # makes the file
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", RACE, tmp_path / "locks.db", by],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for by in ("mia", "bob")
        ]
        try:
            answers = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
            assert answers == ["ready", "ready"]
            for racer in racers:
                assert racer.stdin
                racer.stdin.write("go\n")
                racer.stdin.flush()
            answers = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
        finally:
            for racer in racers:
                racer.kill()
                racer.communicate()
        assert sorted(answers) == ["False", "True"]
        winner = ("mia", "bob")[answers.index("True")]
        assert [claim.by for claim in place.read()] == [winner]
        clock = Clock()
        clock.at = datetime(2999, 1, 1, 0, 30, tzinfo=UTC)
        later = SharedLock(
            place, "PLACE", Actor("eve", "desk", 1), LASTS, announce=str, clock=clock
        )
        with later.held(0):
            assert [claim.by for claim in place.read()] == ["eve"]


RACE = """
import sys
from pathlib import Path
from provisioner.cli.run.lock_database import LockDatabase
from provisioner.runs.shared_lock import LockClaim
place = LockDatabase(Path(sys.argv[1]), "a")
print("ready", flush=True)
sys.stdin.readline()
until = "2999-01-01T00:00:00Z"
print(place.take((), LockClaim(sys.argv[2], "laptop", 1, "now", until, sys.argv[2])), flush=True)
sys.stdin.readline()
"""
