"""`drift`: what in the account differs from the files."""

import json
from pathlib import Path

import pytest

from tests.support import Account, account, write_project

TEAM = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    return folder


def disturb(live: Account) -> None:
    """Do by hand what people do: rename one, delete one, add one."""
    mia, bob = live.agent("mia@acme.example"), live.agent("bob@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Mia C."})
    live.call("DELETE", f"/agents/{bob['id']}")
    live.call("POST", "/agents", {"email": "new@acme.example", "name": "New"})
    [sales] = [row for row in live.everything("/departments") if row["name"] == "Sales"]
    live.call("PUT", f"/departments/{sales['department_id']}/{mia['id']}", {})


def test_an_account_as_declared_has_none(live: Account, project: Path) -> None:
    live.server.requests.clear()
    result = live.run("drift", str(project), "--detailed-exitcode")
    assert result.exit_code == 0
    assert result.stdout.endswith(
        "Access, declared: 2 of 3 people, 57 % of access; not declared: 1 owner.\n"
        "No drift on environment: 4 declared objects in sync, with exceptions.\n"
    )
    assert live.writes() == []


def test_all_that_differs_is_told_from_the_account_s_side(live: Account, project: Path) -> None:
    disturb(live)
    live.server.requests.clear()
    result = live.run("drift", str(project), "--detailed-exitcode")
    assert result.exit_code == 2
    assert result.stdout == (
        "agent/bob@acme.example  team.yaml:5: missing, changed in the account since run 1\n"
        "\n"
        "agent/mia@acme.example  team.yaml:4: differs, changed in the account since run 1\n"
        "    member of Sales, which is not declared\n"
        "    name: declared Mia, live Mia C.\n"
        "\n"
        "Not in your files, and no drift: agent/owner@acme.example Account Owner: "
        "role owner (the API key belongs to it).\n"
        "\n"
        "In the account, not in your files (no drift while the project only reports them):\n"
        "    agent/new@acme.example\n"
        "    department/General\n"
        "\n"
        "Access, declared: 1 of 3 people, 50 % of access; not declared: 1 owner, 1 agent.\n"
        "Drift on environment, compared with the files: 1 differs, 1 missing.\n"
    )
    assert live.run("drift", str(project)).exit_code == 0
    assert live.writes() == []


def test_the_same_as_data(live: Account, project: Path) -> None:
    disturb(live)
    result = live.run("drift", str(project), "--format", "json", "--detailed-exitcode")
    data = json.loads(result.stdout)
    assert result.exit_code == 2
    assert {one["address"]: one["state"] for one in data["drift"]} == {
        "agent/bob@acme.example": "missing",
        "agent/mia@acme.example": "differs",
    }
    assert data["since"] == "run 1"
    assert data["drift"][1]["fields"][1] == {
        "path": ["name"],
        "declared": "Mia",
        "live": "Mia C.",
        "changed": "account",
    }
    assert data["undeclared"] == [
        "agent/new@acme.example",
        "agent/owner@acme.example",
        "department/General",
    ]
    assert data["summary"] == {
        "differs": 1,
        "missing": 1,
        "unwanted": 0,
        "manual_steps": 0,
        "undeclared": 3,
    }


def test_what_is_to_be_gone_is_unwanted(live: Account, project: Path) -> None:
    write_project(project, more="agents: [{email: x@acme.example, state: absent}]")
    live.call("POST", "/agents", {"email": "x@acme.example", "name": "X"})
    output = live.run("drift", str(project)).stdout
    assert "agent/x@acme.example  more.yaml:1: unwanted\n" in output


def test_what_apply_would_refuse_is_drift_all_the_same(live: Account, tmp_path: Path) -> None:
    agents = "agents: [{email: owner@acme.example, state: absent}]"
    result = live.run(
        "drift", str(write_project(tmp_path / "p", team=agents)), "--detailed-exitcode"
    )
    assert result.exit_code == 2
    assert "owner@acme.example  team.yaml:1: unwanted" in result.stdout


def test_what_only_people_can_do_is_drift(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="departments: [{name: Sales}]")
    with account(tmp_path, surface="v3") as live:
        result = live.run("drift", str(project), "--detailed-exitcode")
    assert result.exit_code == 2
    assert "department/Sales: to be done by hand\n    create the department" in result.stdout
    assert "compared with the files: 1 manual step open." in result.stdout


def test_a_missing_membership_and_a_hostile_name(live: Account, project: Path) -> None:
    mia = live.agent("mia@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "a\x1b[31m\u202e"})
    [support] = [row for row in live.everything("/departments") if row["name"] == "Support"]
    live.call("DELETE", f"/departments/{support['department_id']}/{mia['id']}")
    output = live.run("drift", str(project)).stdout
    assert "    not a member of Support\n" in output
    assert r"declared Mia, live a\u001b[31m\u202e" in output


def test_an_invalid_project_and_an_unknown_account(live: Account, tmp_path: Path) -> None:
    assert live.run("drift", str(tmp_path / "nowhere")).exit_code == 1
    project = write_project(tmp_path / "p", team=TEAM)
    assert live.run("drift", str(project), "-t", "nowhere").exit_code == 1
