"""People who leave: what a suspension takes away, what stays, and what the plan shows of both."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.sandbox.switches import Switches
from tests.support import Account, account, changes, write_project

MIA, BOB = "mia@acme.example", "bob@acme.example"
PHONES = {"Pixel 8", "iPhone 15"}
TEAM = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - email: mia@acme.example
        name: Mia
        role: admin
        departments: {Support: {tickets: true, chats: true}, Sales: {tickets: true}}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture(params=["full", "v3"])
def live(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Account]:
    """A team that was set up on the full surface, with an admin who is online and has logins."""
    with account(tmp_path) as full:
        full.apply(write_project(tmp_path / "p", team=TEAM))
    with account(tmp_path, surface=request.param, switches=Switches(active_tickets=3)) as running:
        running.server.seed_activity(MIA)
        mia = running.agent(MIA)
        running.call("POST", f"/agents/{mia['id']}/_pause")
        key = {"name": "Reports", "type": "A", "userid": mia["id"], "role": "A"}
        running.call("POST", "/apikeys", key)
        running.server.requests.clear()
        yield running


def suspended(folder: Path, state: str = "suspended") -> Path:
    """Write the project with Mia in a state; she has to keep her role and departments."""
    return write_project(
        folder, team=TEAM.replace("role: admin", f"role: admin\n{'':8}state: {state}")
    )


def logins(live: Account, email: str = MIA) -> set[str]:
    agent_id = live.agent(email)["id"]
    rows = live.call("GET", "/apikeys?_perPage=100")
    return {row["name"] for row in rows if row["userid"] == agent_id and row["type"] == "P"}


def leave_departments(folder: Path, email: str = MIA) -> None:
    """End all memberships as a person at the panel does, on the full surface."""
    with account(folder) as full:
        agent_id = full.agent(email)["id"]
        for row in full.everything("/departments"):
            if agent_id in row["agent_ids"]:
                full.call("DELETE", f"/departments/{row['department_id']}/{agent_id}")


def test_a_suspension_takes_role_departments_and_logins(live: Account, tmp_path: Path) -> None:
    project = suspended(tmp_path / "p")
    plan = live.plan(project)
    [leaver] = plan["leavers"]
    assert leaver == {
        "address": f"agent/{MIA}",
        "state": "suspended",
        "loses": {
            "role": "admin",
            "departments": ["Sales", "Support"],
            "logins": sorted(PHONES),
        },
        "stays": {"active_tickets": 3, "api_keys": ["Reports"], "departments": []},
        "can_sign_in": True,
        "entry": "keep",
        "not_looked_at": [],
    }
    [change] = [one for one in plan["resource_changes"] if one["name"] == MIA]
    state_line = next(
        number
        for number, line in enumerate((project / "team.yaml").read_text().splitlines(), 1)
        if "state: suspended" in line
    )
    assert {field["source"]["line"] for field in change["fields"]} == {state_line}
    live.server.requests.clear()
    live.apply(project)
    assert len(live.server.requests.entries()) == plan["requests"]["total"]
    assert (live.agent(MIA)["role"], live.agent(MIA)["status"]) == ("agent", "A")
    assert logins(live) == set()
    if plan["surface"] == "v3":
        assert [step["section"] for step in live.plan(project)["manual_steps"]] == ["departments"]
        leave_departments(tmp_path)
    result = live.run("plan", str(project), "--detailed-exitcode")
    assert result.exit_code == 0, result.output


def test_the_plan_says_what_stays(live: Account, tmp_path: Path) -> None:
    project = suspended(tmp_path / "p")
    for format_ in ("text", "markdown", "html"):
        shown = " ".join(live.run("plan", str(project), "--format", format_).stdout.split())
        plain = shown.replace("`", "").replace("<b>", "").replace("</b>", "")
        for part in (
            "role admin → agent",
            "LivePhone logins end: ",
            "Can still sign in, without rights: ",
            "state: absent ends that",
            "3 active tickets stay assigned",
            "keeps API keys, which still work: Reports",
            "The entry must stay, so that it stays suspended: ",
        ):
            assert part in plain, (format_, part)


def test_a_new_login_of_a_suspended_person_is_ended(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=f"agents: [{{email: {BOB}, state: suspended}}]")
    assert changes(live.plan(project)) == {}
    live.server.seed_activity(BOB)
    plan = live.plan(project)
    assert changes(plan) == {f"agent/{BOB}": "update"}
    assert plan["summary"]["risk"]["removes-access"] == 1
    live.apply(project)
    assert logins(live, BOB) == set()
    assert changes(live.plan(project)) == {}


def test_a_deletion_names_what_stays_and_when_the_entry_can_go(
    live: Account, tmp_path: Path
) -> None:
    project = suspended(tmp_path / "p", "absent")
    plan = live.plan(project)
    [leaver] = plan["leavers"]
    assert (leaver["state"], leaver["can_sign_in"]) == ("absent", False)
    assert leaver["stays"] == {"active_tickets": 3, "api_keys": ["Reports"], "departments": []}
    assert leaver["entry"] == "remove once applied"
    shown = " ".join(live.run("plan", str(project)).stdout.split())
    assert "LiveAgent unassigns 3 active tickets" in shown
    assert f"Once the deletion was applied, the entry can be removed: agent/{MIA}." in shown
    live.apply(project)
    after = live.plan(project)
    assert (after["missing"], "leavers" in after) == ([f"agent/{MIA}"], False)
    shown = " ".join(live.run("plan", str(project)).stdout.split())
    assert "Once a deletion was applied, its entry can be removed." in shown


def test_a_saved_plan_ends_the_logins_it_shows(live: Account, tmp_path: Path) -> None:
    project, file = suspended(tmp_path / "p"), tmp_path / "plan.json"
    assert live.run("plan", str(project), "--out", str(file)).exit_code == 0
    saved = json.loads(file.read_text())
    assert live.run("show", str(file), "--format", "json").exit_code == 0
    assert saved["leavers"] == live.plan(project)["leavers"]
    assert live.run("apply", str(file), "--yes").exit_code == 0
    assert logins(live) == set()


def test_a_snapshot_has_the_logins(live: Account, tmp_path: Path) -> None:
    project, file = suspended(tmp_path / "p"), tmp_path / "snapshot.json"
    assert live.run("snapshot", str(project), "--out", str(file)).exit_code == 0
    [leaver] = live.plan(project, "--snapshot", str(file))["leavers"]
    assert set(leaver["loses"]["logins"]) == PHONES
    assert (leaver["not_looked_at"], leaver["stays"]["active_tickets"]) == ([], 3)
    assert "Pixel 8" in file.read_text()
    assert not any(row["key"] in file.read_text() for row in live.call("GET", "/apikeys"))


@pytest.mark.parametrize("own", ["", ",api.read_own"])
@pytest.mark.parametrize("surface", ["full", "v3"])
def test_logins_that_the_key_may_not_see_are_left_to_a_person(
    tmp_path: Path, surface: str, own: str
) -> None:
    with account(tmp_path) as full:
        full.apply(write_project(tmp_path / "p", team=TEAM))
        full.server.seed_activity(MIA)
    scopes = Switches(key_scopes=f"agent.read,agent.manage,device.manage,settings.read{own}")
    with account(tmp_path, surface=surface, switches=scopes) as live:
        project = suspended(tmp_path / "p")
        plan = live.plan(project)
        [step] = [one for one in plan["manual_steps"] if one["section"] == "logins"]
        assert step["panel"] == "Configuration > Agents > Mia > Authorised applications"
        assert not step["verifiable"]
        assert plan["leavers"][0]["not_looked_at"] == ["active_tickets", "api_keys", "logins"]
        shown = " ".join(live.run("plan", str(project)).stdout.split())
        assert f"Not looked at: API keys and LivePhone logins of agent/{MIA}" in shown
        entry = f"{{step: {json.dumps(step['id'])}, by: boss@acme.example, on: '2026-11-26'}}"
        write_project(project, provisioner=f"acknowledged: [{entry}]")
        sections = {
            one["section"] for one in live.plan(project)["manual_steps"] if one["status"] == "open"
        }
        assert sections <= {"departments"}


@pytest.mark.parametrize("rule", ["initial: [{}]", "ignore: [{{field: {}, reason: theirs}}]"])
@pytest.mark.parametrize("field", ["agents.role", "agents.departments", "agents.availability"])
def test_no_rule_keeps_access_from_a_suspension(tmp_path: Path, rule: str, field: str) -> None:
    with account(tmp_path) as live:
        live.apply(write_project(tmp_path / "p", team=TEAM))
        project = suspended(tmp_path / "p")
        write_project(project, provisioner=rule.format(field))
        live.apply(project)
        mia = live.agent(MIA)
        assert mia["role"] == "agent"
        assert not any(mia["id"] in row["agent_ids"] for row in live.everything("/departments"))


def test_an_undo_restores_the_role_and_names_what_does_not_come_back(tmp_path: Path) -> None:
    with account(tmp_path) as live:
        live.apply(write_project(tmp_path / "p", team=TEAM))
        live.server.seed_activity(MIA)
        project = suspended(tmp_path / "p")
        live.apply(project)
        result = live.run("undo", "2", str(project), "--yes")
        assert result.exit_code == 0, result.output
        assert "a person logs in to LivePhone in the app only" in result.output
        assert live.agent(MIA)["role"] == "admin"
