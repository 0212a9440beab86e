"""Leases: two runs on one account at once, of fleets or alone, are refused whatever they share."""

import os
import platform
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.cli.run.shared_run import shared_lock
from provisioner.diagnostics import RefusedError
from provisioner.model.policy import LockSetting
from provisioner.runs.record import Actor
from tests.fleets import Fleet
from tests.repository import Repository
from tests.support import Account

ENDED = 2**22 + 1
"""More than the highest id of a process on Linux."""


@pytest.fixture
def fleet(live: Account, tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet", live)


def lock(fleet: Fleet, setting: str) -> None:
    fleet.waves("{stop_after_failures: 5}\nlock: " + setting)


def first(
    fleet: Fleet, setting: LockSetting | None, host: str = "far", pid: int = 7
) -> AbstractContextManager[object]:
    """Hold the lock of the account as a run of another machine."""
    account = f"{fleet.live.server.url}/api/v3"
    actor, project = Actor("mia", host, pid), fleet.folder / "one"
    return shared_lock(setting, project, account, actor, timeout=0, announce=str)


def alone(fleet: Fleet, folder: Path) -> Result:
    command = ["apply", str(folder), "--yes"]
    return CliRunner().invoke(main, command, env=fleet.environment)


@pytest.mark.parametrize("place", ["folder", "sqlite"])
def test_the_lock_of_a_fleet_is_that_of_its_projects(place: str, fleet: Fleet) -> None:
    (fleet.folder / "locks").mkdir()
    lock(fleet, f"{{{place}: locks{'/lock.db' if place == 'sqlite' else ''}}}")
    path = str(fleet.folder / "locks") + ("/lock.db" if place == "sqlite" else "")
    setting = LockSetting(folder=path) if place == "folder" else LockSetting(sqlite=path)
    with first(fleet, setting):
        elements = fleet.elements("--only", "one", exit_code=3)
        result = alone(fleet, fleet.folder / "one")
    assert "mia on far (process 7, " in elements[0]["errors"][0]["summary"]
    assert result.exit_code == 3
    assert "mia on far (process 7, " in " ".join(result.stderr.split())
    assert fleet.live.writes() == []
    assert alone(fleet, fleet.folder / "one").exit_code == 0


def test_the_lock_of_a_project_has_priority(fleet: Fleet) -> None:
    lock(fleet, "{folder: missing}")
    assert fleet.outcomes("--only", "one", exit_code=3) == {"one": "refused"}
    fleet.connect("one", more="lock: {sqlite: lock.db}")
    assert fleet.outcomes("--only", "one", exit_code=0) == {"one": "done"}
    assert (fleet.folder / "one/lock.db").exists()


@pytest.mark.parametrize("setting", ["{}", "{folder: a, sqlite: b}"])
def test_a_lock_of_a_fleet_has_one_place(setting: str, fleet: Fleet) -> None:
    lock(fleet, setting)
    result = fleet.apply("--yes")
    assert result.exit_code == 1
    assert "fleet.yaml:6:" in result.stderr
    assert "lock: name one place" in result.stderr


@pytest.mark.parametrize("records", ["", "records"])
def test_projects_with_one_account_have_one_lock_beside_the_records_or_the_fleet(
    records: str, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_RECORDS", records and str(tmp_path / records))
    clone = Repository.new(fleet.folder)
    clone.commit("Begin")
    with first(fleet, None):
        elements = fleet.elements("--only", "two", exit_code=3)
        result = alone(fleet, fleet.folder / "two")
    assert "mia in one on far (process 7, " in elements[0]["errors"][0]["summary"]
    assert (result.exit_code, fleet.live.writes()) == (3, [])
    assert fleet.outcomes("--only", "two", exit_code=0) == {"two": "done"}
    place = tmp_path / records if records else fleet.folder / ".provisioner"
    assert [*(place / ".leases").iterdir()] == []
    assert clone.git("status", "--porcelain") == ""


def test_a_lease_that_comes_from_a_branch_is_refused(fleet: Fleet) -> None:
    clone = Repository.new(fleet.folder)
    clone.commit("Begin", ".provisioner/.leases", team="")
    elements = fleet.elements("--only", "one", exit_code=1)
    assert elements[0]["errors"][0]["code"] == "workspace-untrusted"
    assert fleet.live.writes() == []


@pytest.mark.parametrize(
    ("host", "pid", "is_taken_over"),
    [
        (platform.node(), ENDED, True),
        (platform.node(), os.getpid(), False),
        ("far", ENDED, False),
    ],
    ids=["ended", "running", "elsewhere"],
)
def test_only_the_lock_of_an_ended_process_of_this_machine_is_taken_over(
    host: str,
    pid: int,
    is_taken_over: bool,
    fleet: Fleet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROVISIONER_RECORDS", str(tmp_path / "records"))
    with first(fleet, None, host, pid):
        try:
            with first(fleet, None, "near"):
                assert is_taken_over
        except RefusedError:
            assert not is_taken_over


def test_each_embedded_sandbox_has_a_lock_of_its_own(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_RECORDS", str(tmp_path / "records"))

    def held(name: str, pid: int) -> AbstractContextManager[object]:
        actor, project = Actor("mia", "far", pid), fleet.folder / name
        return shared_lock(None, project, "", actor, timeout=0, announce=str)

    with held("one", 7), held("two", 8):
        with pytest.raises(RefusedError, match="process 7"), held("one", 9):
            pass
        command = ["apply", str(fleet.folder / "two"), "-t", "sandbox", "--yes"]
        result = CliRunner().invoke(main, command, env=fleet.environment)
        assert (result.exit_code, "process 8" in result.stderr) == (3, True)


def test_a_branch_that_changes_the_lock_of_a_fleet_shows_it(fleet: Fleet) -> None:
    clone = Repository.new(fleet.folder)
    lock(fleet, "{folder: locks}")
    clone.commit("Begin")
    clone.branch("change")
    words = ["plan", str(fleet.folder / "one"), "--base", "main"]
    plans = [CliRunner().invoke(main, words, env=fleet.environment).stdout]
    lock(fleet, "{folder: others}")
    clone.commit("Change the lock")
    plans.append(CliRunner().invoke(main, words, env=fleet.environment).stdout)
    assert ["Policy changed by this branch" in plan for plan in plans] == [False, True]
    assert "../others" in plans[1]
