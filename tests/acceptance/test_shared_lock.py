"""Working folders that share a lock, as machines do: in a repository, a folder or a file."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.cli.run import shared_run
from provisioner.runs.lock_folder import LockFolder
from provisioner.runs.shared_lock import LockClaim
from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, held, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia, alias: %s}]"


class Place:
    """A place of a lock that tests look into."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.path = kind, folder / f"locks-{kind}"
        if kind == "folder":
            self.path.mkdir()
            self.setting = f"lock: {{folder: '{self.path}'}}"
        elif kind == "sqlite":
            self.setting = f"lock: {{sqlite: '{self.path}'}}"
        else:
            subprocess.run(["git", "init", "--quiet", "--bare", self.path], check=True)
            self.setting = f"lock: {{git: '{self.path.as_uri()}'}}"

    def locks(self) -> list[str]:
        """Return the names of all locks."""
        if self.kind == "folder":
            return sorted(file.name for file in self.path.iterdir())
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.path)) as database:
                return [name for (name,) in database.execute("SELECT name FROM claims")]
        listed = subprocess.run(
            ["git", "-C", self.path, "for-each-ref", "--format=%(refname)"],
            check=True,
            capture_output=True,
            text=True,
        )
        return listed.stdout.split()


@pytest.fixture(params=["sqlite", "git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param, tmp_path)


@pytest.fixture
def machine(place: Place, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes the working folder of one machine."""
    return lambda name: write_project(tmp_path / name, team=TEAM % name, provisioner=place.setting)


def start(live: Account, project: Path) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "LIVEAGENT_BASE_URL": live.server.url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "provisioner", "apply", str(project), "--yes"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def test_a_run_is_refused_while_another_machine_works(
    live: Account, place: Place, machine: Callable[[str], Path]
) -> None:
    with held(live, "GET", "/agents") as reading:
        first = start(live, machine("one"))
        assert reading.wait(LONGEST_SECONDS)
        assert len(place.locks()) == 1
        refused = live.run("apply", str(machine("two")), "--yes")
    assert refused.exit_code == 3, refused.output
    assert "[locked]" in refused.stderr
    assert f"(process {first.pid}, since " in refused.stderr
    output, _ = first.communicate(timeout=LONGEST_SECONDS)
    assert first.returncode == 0, output
    assert live.agent("mia@acme.example")["name"] == "Mia"
    assert place.locks() == []
    assert live.run("apply", str(machine("two")), "--yes").exit_code == 0
    assert place.locks() == []


def test_the_lock_of_a_killed_run_ends_at_its_time(
    live: Account,
    place: Place,
    machine: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with held(live, "GET", "/agents") as reading:
        first = start(live, machine("one"))
        assert reading.wait(LONGEST_SECONDS)
        os.kill(first.pid, signal.SIGKILL)
        first.communicate(timeout=LONGEST_SECONDS)
    assert len(place.locks()) == 1
    assert live.run("apply", str(machine("two")), "--yes").exit_code == 3
    assert live.writes() == []
    later = datetime.now(UTC) + timedelta(minutes=31)
    monkeypatch.setattr(shared_run, "utc_now", lambda: later)
    taken = live.run("apply", str(machine("two")), "--yes")
    assert taken.exit_code == 0, taken.output
    assert "Taking over the shared lock of " in taken.stderr
    assert f"(process {first.pid}, since " in taken.stderr
    assert place.locks() == []


def test_a_lost_lock_stops_the_run_before_its_next_write(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine sleeps between its plan and its first write, and another one takes over."""
    place = Place("folder", tmp_path)
    project = write_project(tmp_path / "one", team=TEAM % "one", provisioner=place.setting)
    times: list[datetime] = []

    def clock() -> datetime:
        times.append(datetime.now(UTC) + timedelta(minutes=40 * (len(times) // 2)))
        if len(times) == 3:
            name = place.locks()[0].rpartition(".000001")[0]
            other = LockFolder(place.path, name, timedelta(minutes=30))
            until = (times[-1] + timedelta(minutes=30)).isoformat()
            assert other.take(other.read(), LockClaim("eve", "desk", 9, "now", until, "token"))
        return times[-1]

    monkeypatch.setattr(shared_run, "utc_now", clock)
    result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 1, result.output
    assert "is lost: eve on desk (process 9, since now) has taken it over" in result.stdout
    assert live.writes() == []
    (left,) = place.locks()
    assert json.loads((place.path / left).read_text("utf-8"))["by"] == "eve"


@pytest.mark.parametrize(
    ("kind", "command"),
    [("folder", "apply"), ("sqlite", "apply"), ("git", "apply"), ("git", "undo"), ("git", "probe")],
)
def test_without_the_place_nothing_is_written(
    kind: str, command: str, live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", team=TEAM % "one")
    live.apply(project)
    before = live.writes()
    missing = tmp_path / "missing/locks"
    setting = missing.as_uri() if kind == "git" else str(missing)
    write_project(project, team=TEAM % "two", provisioner=f"lock: {{{kind}: '{setting}'}}")
    words = {
        "apply": ("apply", str(project), "--yes"),
        "undo": ("undo", "1", str(project), "--yes"),
        "probe": ("probe", str(project), "--agent", "x@acme.example", "--yes"),
    }
    result = live.run(*words[command])
    assert (result.exit_code, "[lock-place]" in result.stderr) == (3, True), result.output
    assert live.writes() == before


def test_a_refused_push_is_no_lock_of_another_run(live: Account, tmp_path: Path) -> None:
    place = Place("git", tmp_path)
    hook = place.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    environment = tmp_path / "environment"
    hook.write_text(f"#!/bin/sh\nenv > '{environment}'\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    project = write_project(tmp_path / "p", team=TEAM % "one", provisioner=place.setting)
    result = live.run("apply", str(project), "--yes")
    assert (result.exit_code, "[lock-place]" in result.stderr) == (3, True), result.output
    assert live.writes() == []
    # Neither git nor the server gets the key.
    assert KEY not in environment.read_text("utf-8")


def test_a_repository_that_a_branch_could_bring_is_refused(live: Account, tmp_path: Path) -> None:
    url = (tmp_path / "p/locks.git").as_uri()
    project = write_project(
        tmp_path / "p", team=TEAM % "one", provisioner=f"lock: {{git: '{url}'}}"
    )
    result = live.run("apply", str(project), "--yes")
    assert (result.exit_code, "a branch could bring" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    "setting",
    [
        "{}",
        "{expires_minutes: 5}",
        "{git: 'https://git.acme.example/a.git', folder: /mnt/a}",
        "{git: 'ext::sh -c id'}",
        "{git: '--upload-pack=id'}",
        "{git: 'http://git.acme.example/a.git'}",
        "{git: 'https://mia:secret@git.acme.example/a.git'}",
        "{git: 'ssh://-oProxyCommand=id/a.git'}",
        "{git: 'file://host/a.git'}",
        "{git: 'git@git.acme.example:a.git'}",
        "{folder: /mnt/a, sqlite: /mnt/a.db}",
        "{folder: /mnt/a, expires_minutes: 0}",
    ],
)
def test_other_settings_are_errors(setting: str, live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM % "one", provisioner=f"lock: {setting}")
    result = live.run("validate", str(project))
    assert result.exit_code == 1
    assert "secret" not in result.output
