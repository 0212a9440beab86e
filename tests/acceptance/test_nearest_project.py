"""A command without PATH uses the project that the current folder belongs to, as git does."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import KEY, Account, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"
TARGET = "targets: {production: {url: '%s', api_key: {env: KEY}, requests_per_minute: 6000}}"
PRINTED_KEY = "targets: {production: {url: '%s', api_key: {command: ./key}}}"

NOTHING = {"LIVEAGENT_BASE_URL": None, "LIVEAGENT_V3_API_KEY": None}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, [*arguments], env={**NOTHING, "KEY": KEY, **environment})


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    return write_project(folder, provisioner=TARGET % live.server.url, agents=TEAM)


@pytest.fixture
def below(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = project / "offices/prague"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def used(project: Path) -> str:
    return f"Using the project in ../.. ({project}).\n"


COMMANDS = {
    "validate": "validate",
    "plan": "plan",
    "drift": "drift",
    "apply": "apply --yes",
    "doctor": "doctor",
    "runs": "runs",
    "snapshot": "snapshot --out account.snapshot",
    "export": "export copy",
    "show": "show agent mia@acme.example",
    "explain": "explain agent/mia@acme.example",
    "explain a field": "explain agent/mia@acme.example name",
    "set": "set agent/mia@acme.example name=Eve --no-plan",
    "agent": "agent suspend mia@acme.example --no-plan",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=[*COMMANDS])
def test_every_command_looks_upwards_and_names_the_project(
    command: str, project: Path, below: Path
) -> None:
    assert run("apply", str(project), "--yes").exit_code == 0
    result = run(*command.split())
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Using the project") == 1
    assert used(project) in result.stderr
    assert "Using the project" not in result.stdout
    assert not (below / ".provisioner").exists()


def test_an_undo_looks_upwards_too(project: Path, below: Path, live: Account) -> None:
    assert run("apply", "--yes").exit_code == 0
    result = run("undo", "1")
    assert used(project) in result.stderr
    assert "agent/mia@acme.example" in result.stdout
    assert live.agent("mia@acme.example")
    assert not (below / ".provisioner").exists()


def test_places_are_named_from_the_current_folder(project: Path, below: Path) -> None:
    del below
    write_project(project, agents="agents: [{email: mia@acme.example, rolle: x}]")
    result = run("validate")
    assert (result.exit_code, result.stdout.partition(":")[0]) == (1, "../../agents.yaml")


def test_the_line_is_an_event_of_a_json_log(project: Path, below: Path) -> None:
    del below
    result = run("apply", "--yes", "--log-format", "json")
    assert f'"text": "Using the project in ../.. ({project})."' in result.stderr


@pytest.mark.usefixtures("below")
@pytest.mark.parametrize("path", [".", "../.."])
def test_a_named_path_is_taken_as_it_is(path: str) -> None:
    result = run("validate", path)
    assert result.exit_code == (1 if path == "." else 0)
    assert "Using the project" not in result.output


def test_nothing_is_said_in_the_folder_of_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(project.parent, provisioner="version: 1")
    monkeypatch.chdir(project)
    result = run("plan")
    assert (result.exit_code, result.stderr) == (0, "")


class TestBounds:
    """The search ends where that of git ends, and uses nobody else's settings."""

    @pytest.mark.usefixtures("project")
    def test_the_top_of_a_repository(self, below: Path) -> None:
        (below / ".git").mkdir()
        assert "[empty-project]" in run("validate").output

    def test_a_repository_with_the_project_at_its_top(self, project: Path, below: Path) -> None:
        del below
        (project / ".git").mkdir()
        assert used(project) in run("validate").stderr

    @pytest.mark.usefixtures("below")
    def test_the_ceiling_of_git(self, project: Path) -> None:
        ceiling = os.pathsep.join(["/elsewhere", str(project)])
        assert "[empty-project]" in run("validate", GIT_CEILING_DIRECTORIES=ceiling).output
        assert run("validate", GIT_CEILING_DIRECTORIES=str(project.parent)).exit_code == 0

    def test_settings_of_another_user_start_no_program(
        self, project: Path, below: Path, live: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_project(below, agents=TEAM)
        write_project(project, provisioner=PRINTED_KEY % live.server.url)
        program = project / "key"
        program.write_text(f"#!/bin/sh\ntouch {project}/started\necho {KEY}\n")
        program.chmod(0o700)
        live.server.requests.clear()
        user = os.geteuid()
        with monkeypatch.context() as patch:
            patch.setattr("os.geteuid", lambda: user + 1)
            result = run("plan")
        assert (result.exit_code, live.server.requests.entries()) == (1, [])
        assert "[project-of-another-user]" in result.stderr
        assert "[no-target]" in result.stderr
        assert not (project / "started").exists()
        (below / "agents.yaml").unlink()
        assert run("plan").exit_code == 0
        assert (project / "started").exists()

    def test_a_relative_program_means_the_same_in_every_folder(
        self, project: Path, below: Path, live: Account
    ) -> None:
        write_project(project, provisioner=PRINTED_KEY % live.server.url)
        for folder, text in ((project, f"echo {KEY}"), (below, "touch started")):
            (folder / "key").write_text(f"#!/bin/sh\n{text}\n")
            (folder / "key").chmod(0o700)
        assert run("plan").exit_code == 0
        assert not (below / "started").exists()


class TestFromAbove:
    """Where there is no project, those below are named, and none is chosen."""

    @pytest.fixture
    def top(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for name in ("support", "sales", "more/deep/down", "a b", ".hidden", "too/far/down/there"):
            write_project(tmp_path / "top" / name, provisioner="version: 1", agents=TEAM)
        (tmp_path / "top/link").symlink_to(tmp_path / "top/sales")
        monkeypatch.chdir(tmp_path / "top")
        return tmp_path / "top"

    @pytest.mark.usefixtures("top")
    @pytest.mark.parametrize(
        ("command", "typed"),
        [
            ("plan", "provisioner plan"),
            ("validate", "provisioner validate"),
            ("drift", "provisioner drift"),
            ("apply --yes", "provisioner apply"),
            ("set agents name=x", "provisioner set ..."),
            ("explain agent/mia@acme.example", "provisioner explain ..."),
            ("agent suspend mia@acme.example", "provisioner agent suspend ..."),
            ("runs", "provisioner runs"),
            ("undo 1", "provisioner undo ..."),
            ("snapshot --out x", "provisioner snapshot"),
        ],
    )
    def test_the_projects_below_are_named(self, command: str, typed: str) -> None:
        result = run(*command.split())
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            "error: no project here; projects below: a b/, sales/, support/, more/deep/down/ "
            f"[no-project]\n  hint: run: {typed} 'a b/'\n"
            "  why: A run without PATH does not guess which of several projects is meant.\n"
            "\n1 error\n"
        )

    def test_wrong_usage_is_reported_first(self, top: Path) -> None:
        del top
        assert run("plan", "--format", "pdf").exit_code == 64

    def test_a_command_that_needs_only_a_target_takes_that_of_the_environment(
        self, top: Path, live: Account
    ) -> None:
        result = live.run("snapshot", "--out", str(top / "file"))
        assert (result.exit_code, (top / "file").exists()) == (0, True), result.output

    def test_a_named_path_is_a_project_even_here(self, top: Path) -> None:
        write_project(top, agents=TEAM)
        assert "[no-project]" not in run("validate", ".").output

    def test_a_folder_without_projects_is_read_as_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(write_project(tmp_path / "plain", agents=TEAM))
        assert run("validate").exit_code == 0
        monkeypatch.chdir(tmp_path)
        (tmp_path / "plain/agents.yaml").unlink()
        assert "[empty-project]" in run("validate").output


class TestTargetsOnly:
    """`snapshot` and `export` need targets, not declared agents."""

    @pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "environment"])
    def test_an_empty_project(
        self, is_declared: bool, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = tmp_path / "empty"
        empty.mkdir()
        if is_declared:
            write_project(empty, provisioner=TARGET % live.server.url)
        monkeypatch.chdir(empty)
        environment = {} if is_declared else {"LIVEAGENT_BASE_URL": live.server.url}
        environment["LIVEAGENT_V3_API_KEY"] = KEY
        for command in ("snapshot --out file", "export copy"):
            result = run(*command.split(), **environment)
            assert result.exit_code == 0, result.output
            assert "warning" not in result.stderr
        assert (empty / "copy/provisioner.yaml").exists()
