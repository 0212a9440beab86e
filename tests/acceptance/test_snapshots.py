"""Plans for those who must not have the key: from a snapshot, without any request."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import KEY, Account, account, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", team=TEAM)


@pytest.fixture
def file(live: Account, project: Path) -> Path:
    path = project.parent / "account.snapshot"
    result = live.run("snapshot", str(project), "--out", str(path))
    assert result.exit_code == 0, result.output
    assert (
        result.stdout == f"Snapshot of environment in {path}: 1 agent, 1 department; "
        "read with 8 requests.\n"
    )
    return path


def without_account(*arguments: object) -> Result:
    """Run the command line where nothing is known of any account."""
    names = ("LIVEAGENT_BASE_URL", "LIVEAGENT_V3_API_KEY")
    return CliRunner().invoke(main, [*map(str, arguments)], env=dict.fromkeys(names))


def test_a_fork_gets_the_plan_without_key_address_and_request(
    live: Account, project: Path, file: Path
) -> None:
    shown = live.run("plan", str(project)).stdout
    live.server.requests.clear()
    result = without_account("plan", project, "--snapshot", file)
    assert result.exit_code == 0, result.output
    assert live.server.requests.entries() == []
    *plan, origin = result.stdout.splitlines()
    assert re.fullmatch(r"Made from the snapshot of 2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. .*", origin)
    # The limit of requests comes from the environment, which a fork does not have.
    assert plan[:-1] == shown.splitlines()[:-1]


def test_the_same_project_and_snapshot_give_the_same_bytes(project: Path, file: Path) -> None:
    first, second = (
        without_account("plan", project, "--snapshot", file, "--format", "json").stdout
        for _ in range(2)
    )
    assert first == second
    assert json.loads(first)["snapshot_taken"] == json.loads(file.read_bytes())["taken"]


def test_the_file_is_its_owner_s_alone_and_holds_no_key(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert KEY not in file.read_text()
    assert [entry.name for entry in file.parent.glob(".provisioner-*")] == []


def test_a_saved_plan_from_a_snapshot_is_checked_against_the_account_before_it_is_applied(
    live: Account, project: Path, file: Path
) -> None:
    saved = project.parent / "reviewed.plan"
    assert without_account("plan", project, "--snapshot", file, "--out", saved).exit_code == 0
    assert "Made from the snapshot of" in without_account("show", saved).stdout
    live.call("POST", "/agents", {"email": "mia@acme.example", "name": "Another"})
    live.server.requests.clear()
    result = live.run("apply", str(saved), "--yes")
    assert result.exit_code == 3
    assert "agent/mia@acme.example: it exists by now" in " ".join(result.stderr.split())
    assert live.writes() == []


def test_a_saved_plan_from_a_snapshot_is_applied_where_it_still_holds(
    live: Account, project: Path, file: Path
) -> None:
    saved = project.parent / "reviewed.plan"
    assert without_account("plan", project, "--snapshot", file, "--out", saved).exit_code == 0
    result = live.run("apply", str(saved), "--yes")
    assert result.exit_code == 0, result.output
    assert live.agent("mia@acme.example")["name"] == "Mia"


class TestAnotherAccount:
    """A snapshot is never taken for one of an account that it is not of."""

    @pytest.mark.parametrize(
        ("config", "target"),
        [
            ("targets: {environment: {url: 'https://other.example', api_key: {env: K}}}", None),
            ("targets: {staging: {url: 'https://other.example', api_key: {env: K}}}", "staging"),
            ("{}", "sandbox"),
        ],
    )
    def test_it_is_refused(
        self, project: Path, file: Path, config: str, target: str | None
    ) -> None:
        write_project(
            project, provisioner=f"version: 1\n{config}\n" if config != "{}" else "version: 1\n"
        )
        option = ["-t", target] if target else []
        result = without_account("plan", project, "--snapshot", file, *option)
        assert result.exit_code == 1
        assert 'the snapshot is one of the target "environment" at http://127.0.0.1' in " ".join(
            result.stderr.split()
        )

    def test_a_target_that_the_project_does_not_know_is_named(
        self, project: Path, file: Path
    ) -> None:
        config = "version: 1\ntargets: {staging: {url: 'https://a.example', api_key: {env: K}}}\n"
        write_project(project, provisioner=config)
        result = without_account("plan", project, "--snapshot", file)
        assert result.exit_code == 1
        assert "[unknown-target]" in result.stderr

    def test_the_environment_s_address_counts_where_there_is_one(
        self, live: Account, project: Path, file: Path
    ) -> None:
        live.server.requests.clear()
        assert live.run("plan", str(project), "--snapshot", str(file)).exit_code == 0
        assert live.server.requests.entries() == []
        environment = {"LIVEAGENT_BASE_URL": "https://other.example"}
        arguments = ["plan", str(project), "--snapshot", str(file)]
        assert CliRunner().invoke(main, arguments, env=environment).exit_code == 1


@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_file_that_is_no_snapshot_ends_the_run(
    project: Path, file: Path, damage: bytes | None
) -> None:
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    result = without_account("plan", project, "--snapshot", file)
    assert result.exit_code == 1
    assert "[snapshot-file]" in result.stderr


def test_hours_that_the_snapshot_lacks_are_asked_for(tmp_path: Path) -> None:
    """On API v3 it has the hours of those who declared some when it was taken."""
    hours = "{days: [mon], from: '09:00', to: '17:00', departments: [General]}"
    team = f"""
        departments: [{{name: General}}]
        agents: [{{email: owner@acme.example, departments: {{General: {{}}}}, hours: [{hours}]}}]
    """
    file = tmp_path / "account.snapshot"
    with account(tmp_path, surface="v3") as live:
        project = write_project(tmp_path / "p", team="agents: [{email: owner@acme.example}]")
        assert live.run("snapshot", str(project), "--out", str(file)).exit_code == 0
        write_project(project, team=team)
        result = without_account("plan", project, "--snapshot", file)
        assert result.exit_code == 1
        output = " ".join(result.stderr.split())
        assert "lacks the hours of owner@acme.example" in output
        assert live.run("snapshot", str(project), "--out", str(file), "--all-hours").exit_code == 0
    assert without_account("plan", project, "--snapshot", file).exit_code == 0


def test_a_place_that_can_not_be_written_is_said(live: Account, project: Path) -> None:
    result = live.run("snapshot", str(project), "--out", str(project / "nowhere" / "file"))
    assert result.exit_code == 1
    assert "[file-unwritable]" in result.stderr
    folder = project / "folder"
    folder.mkdir()
    assert live.run("snapshot", str(project), "--out", str(folder)).exit_code == 1
    assert [entry.name for entry in project.glob(".provisioner-*")] == []


class TestOnlySettings:
    """A snapshot shows the account: what the files declare matters for hours on API v3 only."""

    @pytest.mark.parametrize(
        "text",
        ["", "agents: []", "agents: [{email: 5}]", "agents: [", "roles: [{name: owner}]"],
        ids=["nothing", "nobody", "a wrong type", "no YAML", "a reserved role"],
    )
    def test_no_valid_declaration_is_needed(self, live: Account, tmp_path: Path, text: str) -> None:
        project = write_project(tmp_path / "p", team=text)
        file = tmp_path / "account.snapshot"
        result = live.run("snapshot", str(project), "--out", str(file))
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        write_project(project, team="agents: [{email: mia@acme.example, name: Mia}]")
        assert live.run("plan", str(project), "--snapshot", str(file)).exit_code == 0

    def test_invalid_settings_are_an_error(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", provisioner="version: 1\ntargts: {}\n")
        result = live.run("snapshot", str(project), "--out", str(tmp_path / "s"))
        assert (result.exit_code, "[unknown-key]" in result.stderr) == (1, True)

    def test_hours_that_nobody_can_name_are_announced_on_v3(self, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team="agents: [{email: 5}]")
        with account(tmp_path, surface="v3") as live:
            result = live.run("snapshot", str(project), "--out", str(tmp_path / "s"))
            assert (result.exit_code, "--all-hours" in result.stderr) == (0, True), result.output
            whole = live.run("snapshot", str(project), "--out", str(tmp_path / "s"), "--all-hours")
            assert (whole.exit_code, whole.stderr) == (0, "")
