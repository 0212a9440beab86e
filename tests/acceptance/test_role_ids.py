"""Accounts with opaque ids of built-in roles: the id of the default role is learned."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.acceptance.shapes import GONE, AlteredAccount, Behaviour, field
from tests.support import Account, account, changes, write_project

OPAQUE = Switches(role_id_shape="opaque")
TEAM = """
    agents:
    - {email: mia@acme.example, name: Mia, role: agent}
    - {email: bob@acme.example, name: Bob}
    - {email: zoe@acme.example, name: Zoe, role: admin}
"""
NOTE = 'The default role has the id "agent001" in this account.'


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, surface="v3", switches=OPAQUE) as running:
        yield running


def role_steps(live: Account, project: Path) -> dict[str, Any]:
    steps = live.plan(project)["manual_steps"]
    return {step["address"]: step["hint"] for step in steps if step["section"] == "role"}


def test_plain_agents_are_created_and_the_next_plan_is_empty(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    result = live.run("apply", str(project), "--yes")
    assert result.exit_code == 0, result.output
    assert "Applied and read back: 3 created" in result.stdout
    assert NOTE in result.stderr
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0

    # A later run knows the id, and has nothing to add to what the project may know.
    write_project(project, team=TEAM.replace("Bob", "Robert").replace("role: admin", "role: agent"))
    result = live.run("apply", str(project), "--yes")
    assert (result.exit_code, NOTE in result.stderr) == (0, False), result.output
    assert live.agent("zoe@acme.example")["roleId"] == "agent001"
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0


def test_a_machine_without_records_asks_once_for_the_id(live: Account, tmp_path: Path) -> None:
    live.apply(write_project(tmp_path / "first", team=TEAM))
    other = write_project(tmp_path / "other", team=TEAM)
    hints = role_steps(live, other)
    assert set(hints) == {"agent/mia@acme.example"}
    assert 'role_ids: {"agent": "agent001"}' in hints["agent/mia@acme.example"]
    write_project(other, provisioner="role_ids: {agent: agent001}")
    assert live.run("plan", str(other), "--detailed-exitcode").exit_code == 0


def test_a_leaver_rejoins(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    write_project(project, team=TEAM.replace("Mia, role: agent", "Mia, state: absent"))
    assert "1 deleted" in live.apply(project)
    write_project(project, team=TEAM)
    assert "1 restored" in live.apply(project)
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0


def test_a_role_that_stays_an_unknown_id_is_no_failure_and_no_success(
    live: Account, tmp_path: Path
) -> None:
    live.apply(write_project(tmp_path / "first", team=TEAM))
    live.call("DELETE", f"/agents/{live.agent('mia@acme.example')['id']}")
    other = write_project(tmp_path / "other", team=TEAM)
    result = live.run("apply", str(other), "--yes")
    assert result.exit_code == 0, result.output
    assert 'the API shows only the id "agent001" of the role' in result.stdout
    assert set(role_steps(live, other)) == {"agent/mia@acme.example"}


def test_a_custom_role_is_never_taken_for_the_default_one(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    with account(tmp_path, surface="full", switches=OPAQUE) as panel:
        role = panel.call("POST", "/roles", {"name": "Lead"})["id"]
        mia = panel.agent("mia@acme.example")
        panel.call("PUT", f"/agents/{mia['id']}", {**mia, "roleId": role})
    assert role in role_steps(live, project)["agent/mia@acme.example"]


def test_export_and_show_use_what_runs_have_learned(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    monkeypatch.chdir(project)
    assert live.run("export", "../out").exit_code == 0
    text = (tmp_path / "out/agents/no-department.yaml").read_text(encoding="utf-8")
    assert "can't be declared" not in text
    assert "role id" not in live.run("show", "mia@acme.example").stdout


def test_undo_of_a_creation_knows_the_role(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    result = live.run("undo", "1", str(project), "--yes")
    assert result.exit_code == 0, result.output
    assert "3 deleted" in result.stdout


def test_the_full_surface_learns_nothing_that_it_shows(tmp_path: Path) -> None:
    with account(tmp_path, switches=OPAQUE) as live:
        project = write_project(tmp_path / "project", team=TEAM)
        assert "3 created" in live.apply(project)
        assert changes(live.plan(project)) == {}


def test_ids_that_only_the_grid_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`roleId` is optional in Agent, and an agent without it might have a custom role."""
    with account(tmp_path, surface="full") as panel:
        role = panel.call("POST", "/roles", {"name": "Lead"})["id"]
        for name in ("Nils", "Mia"):
            email = f"{name.lower()}@acme.example"
            panel.call("POST", "/agents", {"email": email, "name": name, "roleId": role})
    left_out = field("all", "roleId", GONE)
    shapes = [Behaviour(path, path, left_out) for path in ("/agents", "/agents/*")]
    altered = AlteredAccount(monkeypatch, {}, shapes)
    team = """
        agents:
        - {email: nils@acme.example, name: Nils, role: agent}
        - {email: mia@acme.example, name: Mia Chen}
    """
    with account(tmp_path, surface="v3") as live:
        project = write_project(tmp_path / "project", team=team)
        assert role in role_steps(live, project)["agent/nils@acme.example"]
        live.apply(project)
        sent = [one for one in live.everything("/agents") if one["email"] == "mia@acme.example"]
        assert (sent[0]["name"], sent[0]["roleId"]) == ("Mia Chen", role)
        assert altered.seen == {"/agents", "/agents/*"}
