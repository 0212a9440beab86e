"""A full disk: nothing half is left behind, and no result of a fleet is lost."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.cli.fleet.fleet_run import DocumentFile
from provisioner.diagnostics import TargetError
from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.liveagent.http.machine_limits import MachineLimits
from provisioner.runs.lock_folder import LockFolder
from provisioner.runs.owner_only import write_own_file
from provisioner.runs.shared_lock import LockClaim, PlaceError

START = datetime(2026, 1, 1, tzinfo=UTC)
LASTS = timedelta(minutes=30)


@contextmanager
def full(room: int = 0) -> Iterator[None]:
    """Let no file of this process become larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def claim(token: str) -> LockClaim:
    return LockClaim("ann", "one", 1, START.isoformat(), (START + LASTS).isoformat(), token)


def test_no_half_of_a_small_file_is_left(tmp_path: Path) -> None:
    file = tmp_path / ".gitignore"
    with full(), pytest.raises(OSError, match="File too large"):
        write_own_file(file, "*\n")
    assert [*tmp_path.iterdir()] == []


def test_a_claim_that_could_not_be_written_locks_out_nobody(tmp_path: Path) -> None:
    place = LockFolder(tmp_path, "acme-1", LASTS)
    with full(), pytest.raises(PlaceError):
        place.take((), claim("a"))
    assert [*tmp_path.iterdir()] == []
    assert place.take((), claim("a"))
    with full(), pytest.raises(PlaceError):
        place.renew(claim("a"), claim("b"))
    assert [one.name for one in tmp_path.iterdir()] == ["acme-1.000001.lock"]
    assert place.renew(claim("a"), claim("b"))


def test_who_takes_a_lock_over_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    (tmp_path / "acme-1.000001.lock").write_text("")
    (tmp_path / "acme-1.000001.new").write_text("{")
    (tmp_path / "acme-2.000001.new").write_text("{")
    place = LockFolder(tmp_path, "acme-1", LASTS)
    assert place.take(place.read(), claim("a"))
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "acme-1.000002.lock",
        "acme-2.000001.new",
    ]


@pytest.mark.parametrize("room", [0, 30], ids=["nothing is written", "a part is written"])
def test_a_request_that_can_t_be_counted_is_not_sent(room: int, tmp_path: Path) -> None:
    limits = MachineLimits(
        "https://acme.example", "key", 60, per_second=0, folder=tmp_path, clock=lambda: 1.0
    )
    with (
        full(room),
        pytest.raises(TargetError, match="the limits of this machine can't be kept"),
        limits,
    ):
        limits.key.fill([30.0])


def test_the_memory_keeps_what_the_disk_does_not_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_documents(lambda: full(100))
    monkeypatch.setattr("tempfile.TemporaryFile", _no_folder)
    check_documents(full)


def _no_folder(**_options: object) -> None:
    raise FileNotFoundError(2, "No usable temporary directory found")


def check_documents(disk: Callable[[], AbstractContextManager[None]]) -> None:
    texts = {f"a{number}": f"{number}" * 60 for number in range(4)}
    with DocumentFile() as documents, disk():
        for name, text in texts.items():
            account = FleetAccount(name, name)
            result = AccountResult(account, PlanSeverity.CHANGES, 0, documents={"json": text})
            assert documents.take(result).documents == {}
        assert {name: documents.text(name, "json") for name in texts} == texts
        assert documents.text("a1", "html") is None
