"""`provisioner doctor`: every check, also on broken projects and without an account."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from filelock import FileLock

from provisioner.cli.main import main
from provisioner.liveagent.account_checkup import check_account
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.model.assumptions import AccountCapabilities
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import KEY, Account, account, write_project

AGENTS = "agents: [{email: mia@acme.example, name: Mia}]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "team", agents=AGENTS)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Start"]):
        identity = ["-c", "user.name=T", "-c", "user.email=t@acme.example"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    return folder


@pytest.fixture
def client(live: Account) -> Iterator[Client]:
    client = Client(live.server.url, KEY, pacer=Pacer(0))
    yield client
    client.close()


def checks(live: Account, project: Path, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
    """Return name to status and text of each check; the last of those with the same name."""
    result = live.run("doctor", str(project), "--format", "json", *arguments)
    assert result.exit_code == exit_code, result.output
    rows = json.loads(result.stdout)["checks"]
    return {row["name"]: (row["status"], f"{row['summary']} -> {row['hint']}") for row in rows}


@pytest.mark.parametrize("surface", ["v3", "full"])
def test_checks_everything_and_writes_nothing(tmp_path: Path, project: Path, surface: str) -> None:
    with account(tmp_path, surface=surface) as live:
        found = checks(live, project)
        assert live.writes() == []
    problems = {name for name, (status, _) in found.items() if status != "ok"}
    assert problems == {"assumptions"}
    assert found["surface"][1].startswith(surface)
    assert "can't" not in found["account zone"][1]
    assert not (project / ".provisioner").exists()


def test_a_broken_project_hides_no_other_check(live: Account, project: Path) -> None:
    (project / "agents.yaml").write_text("agents: [{emial: mia@acme.example}]\n", "utf-8")
    found = checks(live, project, exit_code=1)
    assert found["project"][0] == "error"
    assert "agents.yaml:1:11" in found["project"][1]
    assert found["git"][0] == "warning"
    assert found["surface"][0] == "ok"


@pytest.mark.parametrize("config", ["targets: 1\n", "version: 2\n"])
def test_broken_settings_do_not_hide_the_target_of_the_environment(
    live: Account, project: Path, config: str
) -> None:
    (project / "provisioner.yaml").write_text(config, "utf-8")
    found = checks(live, project, exit_code=1)
    assert found["project"][0] == "error"
    assert found["surface"][0] == "ok"
    assert found["schema versions"][0] == ("error" if "version" in config else "ok")


def test_without_an_account_the_checks_of_this_machine_run(project: Path) -> None:
    environment = {"LIVEAGENT_BASE_URL": "http://127.0.0.1:9", "LIVEAGENT_V3_API_KEY": KEY}
    result = CliRunner().invoke(main, ["doctor", str(project)], env=environment)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "ok       project: valid: 1 declared object"
    assert [line for line in lines if line.startswith("error    target: ")]
    assert "[internal]" not in result.output


def test_a_missing_key_is_the_problem_of_the_key(live: Account, project: Path) -> None:
    environment = {"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": ""}
    result = CliRunner().invoke(main, ["doctor", str(project)], env=environment)
    assert result.exit_code == 1
    assert "error    key: target " in result.stdout


def test_a_wrong_key_is_the_problem_of_the_key(live: Account, project: Path) -> None:
    environment = {"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": "other"}
    result = CliRunner().invoke(main, ["doctor", str(project)], env=environment)
    assert result.exit_code == 1
    assert "error    key: GET /api/v3/grid/agents: 403" in result.stdout


@pytest.mark.parametrize(
    ("path", "status", "way_out"),
    [
        ("/devices", "error", "give the key the privilege device.manage"),
        ("/grid/departments", "error", "give the key the privilege"),
        ("/settings", "warning", "give the key the privilege settings.read"),
    ],
)
def test_names_the_privilege_that_a_refused_list_needs(
    tmp_path: Path, project: Path, path: str, status: str, way_out: str
) -> None:
    with account(tmp_path, surface="v3") as live:
        live.server.faults.add(Fault("status", status=403, path=f"{path}$", times=0))
        found = checks(live, project, exit_code=int(status == "error"))
    assert found["key"][0] == status
    assert path in found["key"][1]
    assert way_out in found["key"][1]


@pytest.mark.parametrize(
    ("privileges", "status", "text"),
    [
        ({"agent": ["read", "manage"]}, "ok", "agent.manage, device.manage"),
        ({"agent": ["read"]}, "warning", "apply needs: agent.manage"),
        ({"api": []}, "warning", "does not show whether the key may write"),
    ],
)
def test_compares_the_listed_privileges(
    live: Account, client: Client, privileges: dict[str, list[str]], status: str, text: str
) -> None:
    others = {"device": ["manage"], "settings": ["read"], "api": ["read"], "agent": ["read"]}
    privileges = others | privileges
    rows = [{"object": name, "privileges": scopes} for name, scopes in privileges.items()]
    [key] = live.call("GET", "/apikeys")
    live.call("PUT", f"/apikeys/{key['id']}", {"privileges": rows})
    found = {one.name: one for one in check_account(client, 180, datetime.now(UTC))}
    assert (found["privileges"].status, text in found["privileges"].summary) == (status, True)


@pytest.mark.parametrize(("hours", "status"), [(0, "ok"), (-1, "warning"), (1, "warning")])
def test_compares_the_clocks(client: Client, hours: int, status: str) -> None:
    now = datetime.now(UTC) + timedelta(hours=hours)
    [clock] = [one for one in check_account(client, 180, now) if one.name == "clock"]
    assert clock.status == status


def test_a_limit_above_the_documented_one_is_a_warning(client: Client) -> None:
    found = {one.name: one for one in check_account(client, 600, datetime.now(UTC))}
    assert found["limits"].status == "warning"
    assert "requests_per_minute to 180" in found["limits"].hint


def test_an_unknown_zone_of_the_account_is_a_warning(tmp_path: Path, project: Path) -> None:
    with account(tmp_path, switches=Switches(account_timezone="(GMT) Nowhere")) as live:
        status, text = checks(live, project)["account zone"]
    assert status == "warning"
    assert "account.timezone" in text


def test_confirmed_assumptions_are_counted(live: Account) -> None:
    known = AccountCapabilities({"plan_day_base": 1})
    client = Client(live.server.url, KEY, pacer=Pacer(0), capabilities=known)
    found = {one.name: one for one in check_account(client, 180, datetime.now(UTC))}
    client.close()
    assert found["assumptions"].status == "ok"
    assert found["assumptions"].summary.startswith("1 of ")


def test_names_the_run_that_holds_the_lock(live: Account, project: Path) -> None:
    folder = project / ".provisioner/locks"
    folder.mkdir(parents=True)
    name = quote(f"{live.server.url}/api/v3", safe="")
    with FileLock(folder / f"{name}.lock"):
        assert checks(live, project)["lock"][0] == "warning"
    assert checks(live, project)["lock"][0] == "ok"


def test_files_that_git_tracks_in_the_workspace_are_an_error(live: Account, project: Path) -> None:
    (project / ".provisioner").mkdir()
    (project / ".provisioner/a").touch()
    subprocess.run(["git", "add", "-f", ".provisioner"], cwd=project, check=True)
    found = checks(live, project, exit_code=1)
    assert found["git"][0] == found["records"][0] == "error"
    assert "git rm -r --cached" in found["git"][1]
