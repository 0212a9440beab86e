"""Objects that apply does not write: `mode: plan-only` and `mode: import-only`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, changes, write_project

MIA = "mia@acme.example"
TEAM = """
    departments: [{name: Support}]
    roles: [{name: Senior, permissions: {}}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    live.server.requests.clear()
    return folder


def edited(project: Path, mode: str, more: str = "") -> Path:
    """Declare another role for Mia, in an entry with a mode."""
    team = TEAM.replace("name: Mia,", f"name: Mia, role: admin, mode: {mode},")
    return write_project(project, team=team.rstrip() + more)


def of(plan: dict[str, Any], address: str) -> dict[str, Any]:
    [change] = [one for one in plan["resource_changes"] if one["address"] == address]
    return dict(change)


def test_plan_only_is_shown_and_not_written(live: Account, project: Path) -> None:
    edited(project, "plan-only")
    plan = live.plan(project)
    change = of(plan, f"agent/{MIA}")
    assert (change["mode"], change["change"]["actions"]) == ("plan-only", ["update"])
    assert (plan["summary"]["plan-only"], plan["summary"]["update"]) == (1, 0)
    assert plan["requests"]["write"] == 0
    planned = plan["planned_values"]["root_module"]["resources"]
    [role] = [one["values"]["role"] for one in planned if one["address"] == f"agent/{MIA}"]
    assert role == "agent", "an apply leaves her as she is"
    for format_ in ("text", "markdown", "html"):
        shown = live.run("plan", str(project), "--format", format_).stdout
        assert "Not made by apply" in shown, format_
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 2
    live.apply(project)
    assert live.writes() == []
    assert live.agent(MIA)["role"] == "agent"


def test_import_only_is_drift_and_no_change(live: Account, project: Path) -> None:
    edited(project, "import-only")
    plan = live.plan(project)
    assert of(plan, f"agent/{MIA}")["mode"] == "import-only"
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0
    shown = " ".join(live.run("plan", str(project)).stdout.split())
    assert "Differs from the files, which only record it (import-only): agent/mia" in shown
    live.apply(project)
    assert live.writes() == []


@pytest.mark.parametrize("mode", ["plan-only", "import-only"])
def test_both_are_drift(live: Account, project: Path, mode: str) -> None:
    result = live.run("drift", str(edited(project, mode)), "--detailed-exitcode")
    assert result.exit_code == 2, result.output
    assert "role: declared admin, live agent" in result.stdout
    drift = json.loads(live.run("drift", str(project), "--format", "json").stdout)
    [entry] = [one for one in drift["drift"] if one["address"] == f"agent/{MIA}"]
    assert entry["mode"] == mode


def test_changes_that_need_one_are_left_out(live: Account, project: Path) -> None:
    team = TEAM.replace("{name: Support}", "{name: Support}, {name: Night, mode: plan-only}")
    team = team.replace("name: Bob", "name: Bob, departments: {Night: {}}")
    write_project(project, team=team)
    plan = live.plan(project)
    assert plan["left_out"] == [{"address": "agent/bob@acme.example", "needs": "department/Night"}]
    live.apply(project)
    assert live.writes() == []


def test_modes_of_roles_and_departments(live: Account, project: Path) -> None:
    team = """
        departments: [{name: Help, previously: Support, mode: import-only}]
        roles: [{name: Senior, permissions: {manage_agents: grant}, mode: plan-only}]
        agents: [{email: mia@acme.example, departments: {Help: {tickets: true}}}]
    """
    write_project(project, team=team)
    plan = live.plan(project)
    assert of(plan, "role/Senior")["mode"] == "plan-only"
    assert of(plan, "department/Help")["mode"] == "import-only"
    assert of(plan, f"agent/{MIA}")["change"]["actions"] == ["no-op"]
    live.apply(project)
    assert live.writes() == []


def test_guards_and_pruning_leave_them_out(live: Account, project: Path) -> None:
    """A deletion that is only planned is no deletion, and a recorded agent is declared."""
    team = """
        agents:
          - {email: mia@acme.example, state: absent, mode: plan-only}
          - {email: bob@acme.example, mode: import-only}
    """
    policy = "manage: {agents: {undeclared: delete}}\nguards: {max_delete: 0}"
    write_project(project, team=team, provisioner=policy)
    plan = live.plan(project)
    assert (plan["refused"], plan["summary"]["delete"]) == ([], 0)
    assert of(plan, f"agent/{MIA}")["change"]["actions"] == ["delete"]
    live.apply(project)
    assert live.writes() == []


def test_only_selects_them_too(live: Account, project: Path) -> None:
    edited(project, "plan-only")
    plan = live.plan(project, "--only", f"agent/{MIA}")
    assert changes(plan) == {f"agent/{MIA}": "update"}
    assert changes(live.plan(project, "--exclude", f"agent/{MIA}")) == {}


def test_a_saved_plan_keeps_the_mode(live: Account, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert live.run("plan", str(edited(project, "plan-only")), "--out", str(file)).exit_code == 0
    shown = json.loads(live.run("show", str(file), "--format", "json").stdout)
    assert of(shown, f"agent/{MIA}")["mode"] == "plan-only"
    live.server.requests.clear()
    assert live.run("apply", str(file), "--yes").exit_code == 0
    assert live.writes() == []


@pytest.mark.parametrize("state", ["absent", "suspended"])
def test_an_entry_can_not_record_and_remove(live: Account, tmp_path: Path, state: str) -> None:
    team = f"agents: [{{email: {MIA}, state: {state}, mode: import-only}}]"
    result = live.run("validate", str(write_project(tmp_path / "p", team=team)))
    assert (result.exit_code, "[mode-and-state]" in result.stdout) == (1, True)


def test_the_files_can_record_the_account(live: Account, project: Path) -> None:
    """`drift --accept` writes what the account has into the entry, and keeps the mode."""
    edited(project, "import-only")
    result = live.run("drift", str(project), "--accept", f"agent/{MIA}")
    assert result.exit_code == 0, result.output
    text = (project / "team.yaml").read_text("utf-8")
    assert "role: admin" not in text
    assert "mode: import-only" in text
    assert "No drift" in live.run("drift", str(project)).stdout
    assert live.writes() == []
