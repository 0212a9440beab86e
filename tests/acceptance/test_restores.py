"""A restore on API v3 is announced as one where the deleted account can be known."""

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import Account, account, write_project

MIA = "{email: mia@acme.example, name: Mia Chen, role: agent}"
TEAM = f"agents: [{MIA}, {{email: owner@acme.example, gender: female}}]"
LEAVES = TEAM.replace("role: agent", "state: absent")


def left(live: Account, folder: Path) -> Path:
    """Return a project that declares an agent again whom its last run deleted."""
    project = write_project(folder, team=TEAM)
    live.apply(project)
    live.apply(write_project(project, team=LEAVES))
    return write_project(project, team=TEAM)


def mia(plan: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in plan["resource_changes"] if c["address"] == "agent/mia@acme.example")


@pytest.mark.parametrize("listed", [True, False], ids=["listed with status X", "in a record"])
def test_a_known_account_is_restored(listed: bool, tmp_path: Path) -> None:
    switches = Switches(list_deleted_agents=listed)
    with account(tmp_path, surface="v3", switches=switches) as live:
        project = left(live, tmp_path / "project")
        if listed:
            project = write_project(tmp_path / "other", team=TEAM)  # without records
        plan = live.plan(project)
        change = mia(plan)
        assert change["action_reason"] == "restored"
        assert change["change"]["after"]["id"]
        assert "sends-mail" not in change["risk"]
        assert plan["summary"]["registration_mails"] == 0
        text = live.run("plan", str(project)).stdout
        assert "Mia Chen  mia@acme.example  (restored)" in text
        assert "1 to restore (1 agent)" in text
        assert "registration mail" not in text

        saved = tmp_path / "plan.json"
        live.run("plan", str(project), "--out", str(saved))
        result = live.run("apply", str(saved), "--yes")
        assert result.exit_code == 0, result.output
        assert "1 restored" in result.stdout
        assert "agent/mia@acme.example restored" in result.stderr
        assert ("POST", "/agents/undelete") in live.writes()
        assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0


def test_an_unknown_account_is_reported_as_restored(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        left(live, tmp_path / "project")
        project = write_project(tmp_path / "other", team=TEAM)  # without records
        assert mia(live.plan(project))["action_reason"] == "declared-missing"
        result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 0, result.output
        assert "Applied and read back: 1 restored" in result.stdout
        assert "created" not in result.stdout
        assert "Restored instead of created" in result.stderr
        assert "mia@acme.example" in result.stderr.split("Restored instead")[1].splitlines()[0]
        assert "LiveAgent sends no registration mail" in result.stderr


def test_an_account_that_is_gone_is_created_by_the_next_run(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        project = left(live, tmp_path / "project")
        live.server.faults.add(Fault("status", method="POST", path="undelete", status=404, times=0))
        live.apply(project, exit_code=4)
        change = mia(live.plan(project))
        assert change["action_reason"] == "declared-missing"
        assert "sends-mail" in change["risk"]
        live.server.faults.clear()
        live.apply(project)
        assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0


def test_an_account_that_somebody_restored_is_no_longer_known_as_deleted(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        project = left(live, tmp_path / "project")
        deleted = mia(live.plan(project))["change"]["after"]["id"]
        live.call("POST", "/agents/undelete", {"id": deleted, "email": "mia@acme.example",
                                               "name": "Mia Chen"})  # fmt: skip
        agent = live.agent("mia@acme.example")
        live.call("PUT", f"/agents/{deleted}", {**agent, "email": "mia.wu@acme.example"})
        assert mia(live.plan(project))["action_reason"] == "declared-missing"


def test_an_undo_restores_the_account_that_the_run_deleted(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        project = left(live, tmp_path / "project")
        result = live.run("undo", "2", str(project), "--yes")
        assert result.exit_code == 0, result.output
        assert "1 restored" in result.stdout
        assert ("POST", "/agents") not in live.writes()[2:]


def test_records_of_earlier_versions_have_no_facts(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        project = left(live, tmp_path / "project")
        for record in (project / ".provisioner/runs").glob("*.jsonl"):
            lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
            kept = [{k: v for k, v in line.items() if k != "facts"} for line in lines]
            record.write_text("".join(f"{json.dumps(line)}\n" for line in kept), encoding="utf-8")
        # The deletion itself is in the record of the last run.
        assert mia(live.plan(project))["action_reason"] == "restored"
