"""`provisioner rehearse`: the plan is applied to an account in this process, with failures."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.live.snapshot_file import load, save
from tests.support import Account, account, write_project

TEAM = """\
departments: [{name: Support}]
roles: [{name: Lead, permissions: {manage_agents: grant}}]
agents:
  - email: mia@acme.example
    name: Mia
    role: Lead
    departments: {Support: {tickets: true, chats: true, role: manager}}
    availability: {tickets: online}
    notifications: {slack: {user: U02ABC}}
    signature: Mia
    hours: [{days: [mon], from: "09:00", to: "24:00", services: [tickets], departments: [Support]}]
  - {email: ben@acme.example, name: Ben, departments: {Support: {calls: true}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", team=TEAM)


def snapshot(live: Account, project: Path) -> Path:
    file = project.parent / "account.snapshot"
    result = live.run("snapshot", str(project), "--out", str(file), "--all-hours")
    assert result.exit_code == 0, result.output
    return file


def rehearse(project: Path, file: Path, *words: str) -> Result:
    """Rehearse where no account and no key is known."""
    names = ("LIVEAGENT_BASE_URL", "LIVEAGENT_V3_API_KEY")
    arguments = ["rehearse", str(project), "--snapshot", str(file), *words]
    return CliRunner().invoke(main, arguments, env=dict.fromkeys(names))


def rehearsed(project: Path, file: Path, *words: str, exit_code: int = 0) -> dict[str, Any]:
    result = rehearse(project, file, *words, "--format", "json")
    assert result.exit_code == exit_code, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def files(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_kind_of_failure_ends_as_the_calm_apply(live: Account, project: Path) -> None:
    file = snapshot(live, project)
    before = files(project)
    live.server.requests.clear()
    data = rehearsed(project, file, "--faults", "8")
    assert {one["address"]: one["action"] for one in data["changes"]} == {
        "agent/ben@acme.example": "create",
        "agent/mia@acme.example": "create",
        "department/Support": "create",
        "role/Lead": "create",
    }
    calm, *rounds = data["rounds"]
    assert calm["failure"] is None
    assert [run["exit_code"] for run in calm["runs"]] == [0]
    kinds = ["kill", "lost-answer", "429", "500"]
    assert [one["failure"]["kind"] for one in rounds] == kinds * 2
    assert all(one["failure"]["request"] for one in rounds)
    killed = [one for one in rounds if one["failure"]["kind"] == "kill"]
    assert all([run["exit_code"] for run in one["runs"]] == [None, 0] for one in killed)
    assert all(one["converged"] and one["runs"][-1]["exit_code"] == 0 for one in data["rounds"])
    assert data["converged"]
    assert live.server.requests.entries() == []
    assert files(project) == before


def test_a_v3_account_is_rehearsed_as_one(tmp_path: Path, project: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        file = snapshot(live, project)
    result = rehearse(project, file, "--faults", "1")
    assert result.exit_code == 0, result.output
    assert "Rehearsal for environment" in result.stdout
    assert "(API v3)" in result.stdout
    assert "manual steps would stay open" in result.stdout
    assert "1st run killed, 2nd run complete" in result.stdout
    assert result.stdout.splitlines()[-1] == "Converged: without failures, and after 1 failure."


@pytest.mark.parametrize("surface", ["v3", "full"])
def test_an_embedded_account_reads_as_its_snapshot(
    surface: str, tmp_path: Path, project: Path
) -> None:
    with account(tmp_path) as live:
        live.apply(project)
        live.call("DELETE", f"/agents/{live.agent('ben@acme.example')['id']}")
    with account(tmp_path, surface=surface) as live:
        file = snapshot(live, project)
    stored = load(file.read_bytes())
    (project / "team.yaml").write_text(
        TEAM.replace("  - {email: ben@acme.example, name: Ben, ", "  - {email: eva@acme.example, "
                     "name: Eva, "), encoding="utf-8"
    )  # fmt: skip
    data = rehearsed(project, file, "--faults", "0")
    assert [one["address"] for one in data["changes"]] == ["agent/eva@acme.example"]
    assert data["surface"] == stored.live.surface


def test_a_refused_plan_is_not_rehearsed(live: Account, project: Path) -> None:
    file = snapshot(live, project)
    (project / "provisioner.yaml").write_text("version: 1\nconfirm: [owner]\n", encoding="utf-8")
    team = project / "team.yaml"
    team.write_text(team.read_text().replace("name: Ben,", "name: Ben, role: owner,"))
    result = rehearse(project, file)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert rehearse(project, file, "--allow", "owners=1", "--faults", "0").exit_code == 0


def test_an_account_that_refuses_is_not_converged(live: Account, project: Path) -> None:
    live.apply(project)
    stored = load(snapshot(live, project).read_bytes())
    mia = stored.live.objects["agent", "mia@acme.example"]  # type: ignore[index]
    facts = replace(stored.live.account, key_agent=mia.id)
    file = project.parent / "other.snapshot"
    file.write_bytes(save(replace(stored, live=replace(stored.live, account=facts))))
    team = project / "team.yaml"
    team.write_text(team.read_text() + "  - {email: eva@acme.example, name: Eva, role: admin}\n")
    data = rehearsed(project, file, exit_code=1)
    assert not data["converged"]
    assert "privileges" in data["rounds"][0]["problem"]
    assert len(data["rounds"]) == 1


def test_the_extra_is_named_where_it_is_missing(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = snapshot(live, project)
    for name in [*sys.modules]:
        if name.startswith(("provisioner.sandbox", "provisioner.cli.offline.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = rehearse(project, file)
    assert result.exit_code == 1
    assert "pip install -U 'liveagent-provisioner[sandbox]'" in result.stderr
