"""A branch of a stranger: no command runs what its repository names, or reads what it links."""

import os
import shutil
from pathlib import Path

import pytest

from tests.repository import Repository
from tests.support import Account
from tests.traps import TRAPS, set_trap

LAZY = "lazy"


@pytest.fixture(params=[False, True], ids=["own", "embedded"])
def strange(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A project in a clone with every trap at once, and the mark of the programs."""
    traps = [trap for trap in TRAPS if LAZY not in trap.name]
    trapped = set_trap(tmp_path, *traps, embedded=request.param)
    os.mkfifo(tmp_path / "pipe")
    trapped.mark.unlink(missing_ok=True)
    return trapped.project, trapped.mark


def test_no_command_runs_a_program_of_the_repository(
    live: Account, strange: tuple[Path, Path], tmp_path: Path
) -> None:
    project, mark = map(str, strange)
    snapshot, saved = str(tmp_path / "snapshot.json"), str(tmp_path / "plan.json")
    for format_ in ("text", "json", "github", "gitlab", "sarif", "junit"):
        assert live.run("validate", project, "--format", format_).exit_code == 0
    for arguments in (
        ["snapshot", project, "--out", snapshot],
        ["plan", project, "--base", "main"],
        ["plan", project, "-t", "environment", "--base", "main", "--snapshot", snapshot],
        ["plan", project, "--base", "main", "--out", saved, "--format", "html"],
        ["drift", project],
        ["diff", "main", project],
        ["diff", "main", "HEAD", project],
        ["explain", "agent/mia@acme.example", project],
        ["apply", saved, "--yes"],
        ["apply", project, "--yes"],
        ["runs", project],
        ["undo", "1", project, "--yes"],
        ["plan", project, "--base", "main"],
    ):
        result = live.run(*arguments)
        assert result.exit_code == 0, result.output
        assert not Path(mark).exists(), arguments


def test_git_gets_no_key_and_nothing_of_the_environment(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Repository.new(tmp_path / "clone")
    clone.commit("Begin", team="departments: [{name: Support}]")
    log = tmp_path / "log"
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n{{ echo "$@"; env; }} >> "{log}"\nexec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("ACME_KEY", "CI_JOB_TOKEN", "GIT_SSH", "GIT_DIR", "LD_PRELOAD_X"):
        monkeypatch.setenv(name, "a-secret-of-the-pipeline")
    assert live.run("apply", str(clone.folder), "--yes").exit_code == 0
    assert live.run("plan", str(clone.folder), "--base", "main").exit_code == 0
    lines = log.read_text().split("\n")
    calls = [line for line in lines if line.startswith("-C ")]
    assert len(calls) > 5
    for setting in ("safe.bareRepository=explicit", "core.fsmonitor=", "protocol.allow=never"):
        assert all(f"-c {setting} " in call for call in calls)
    assert "a-secret-of-the-pipeline" not in log.read_text()
    assert "LIVEAGENT" not in log.read_text()
    known = ("GIT_", "LC_ALL", "PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SUDO_UID")
    of_the_shell = ("PWD", "OLDPWD", "SHLVL", "_")
    names = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("-C ")}
    assert {name for name in names if not name.startswith(known)} <= {*of_the_shell}


def test_a_link_to_what_is_tracked_in_the_repository_keeps_the_base(
    live: Account, tmp_path: Path
) -> None:
    """A team's project may share files with others in the same repository."""
    clone = Repository.new(tmp_path / "clone")
    (clone.folder / "team").mkdir()
    (clone.folder / "team/people.yaml").symlink_to("../shared/people.txt")
    (clone.folder / "team/common").symlink_to("../shared/common")
    (clone.folder / "shared").mkdir()
    people = clone.folder / "shared/people.txt"
    people.write_text("agents:\n  - email: a@acme.example\n    name: A\n")
    clone.commit("Begin", "shared/common", units="departments: [{name: Support}]")
    live.apply(clone.folder / "team")
    clone.branch("change")
    people.write_text(people.read_text().replace("name: A", "name: B"))
    commit = clone.commit("Rename")
    data = live.plan(clone.folder / "team", "--base", "main")
    [change] = [one for one in data["resource_changes"] if one["change"]["actions"] != ["no-op"]]
    assert (change["origin"], change["commit"]["id"]) == ("branch", commit)


@pytest.mark.parametrize("target", ["../secret.yaml", "../.git/config", "../.git", "..", "../new"])
def test_a_link_to_what_is_not_tracked_is_refused(
    live: Account, tmp_path: Path, target: str
) -> None:
    clone = Repository.new(tmp_path / "clone")
    clone.commit("Begin", "team", team="departments: [{name: Support}]")
    (clone.folder / "new").mkdir()
    for file in (clone.folder / "secret.yaml", clone.folder / "new/secret.yaml"):
        file.write_text("password: very-secret\n")
    (clone.folder / "team/x.yaml").symlink_to(target)
    for command in (["validate"], ["validate", "--format", "github"], ["plan", "--base", "main"]):
        result = live.run(command[0], str(clone.folder / "team"), *command[1:])
        assert result.exit_code == 1
        assert "very-secret" not in result.output
        assert "link-outside" in result.output
