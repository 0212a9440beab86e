"""The main job through the command line, against a server over HTTP."""

import json
import shutil
from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
from tests.support import Account, account, changes, write_project

ACME = Path(__file__).parents[2] / "examples" / "acme"


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return a copy of the example that a test may edit."""
    return Path(
        shutil.copytree(ACME, tmp_path / "acme", ignore=shutil.ignore_patterns(".provisioner"))
    )


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is in {file} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_example_converges_and_says_so(live: Account, acme: Path) -> None:
    before = live.run("plan", str(acme), "--detailed-exitcode")
    assert before.exit_code == 2
    assert "to create (39 agents, 6 departments, 2 roles)" in before.stdout

    applied = live.apply(acme)
    assert "47 created" in applied

    after = live.run("plan", str(acme), "--detailed-exitcode")
    assert after.exit_code == 0
    assert "Nothing to change" in after.stdout


def test_planning_writes_nothing(live: Account, acme: Path) -> None:
    live.run("plan", str(acme))
    assert live.writes() == []


def test_an_apply_without_changes_only_reads(live: Account, acme: Path) -> None:
    live.apply(acme)
    live.server.requests.clear()
    assert "Nothing to change" in live.apply(acme)
    assert live.writes() == []


def test_four_edits_are_exactly_four_changes_and_only_their_calls(
    live: Account, acme: Path
) -> None:
    live.apply(acme)
    tier1 = acme / "teams/support/tier1.yaml"
    edit(
        tier1,
        "name: Noor Haddad\n    alias: Noor\n    role: agent",
        "name: Noor Haddad\n    alias: Noor\n    role: Team lead",
    )
    edit(
        acme / "teams/back-office/billing.yaml",
        "      Returns: {tickets: true, chats: false, calls: false}\n",
        "",
    )
    edit(
        tier1,
        "      Billing: {tickets: true, chats: false, calls: false}",
        "      Billing: {tickets: true, chats: true, calls: false}",
    )
    edit(
        acme / "teams/sales.yaml",
        "name: Grace Mbeki\n    alias: Grace\n    role: agent",
        "name: Grace Mbeki\n    state: absent\n    alias: Grace\n    role: agent",
    )

    plan = live.plan(acme)
    assert changes(plan) == {
        "agent/noor.haddad@acme.example": "update",
        "agent/lucy.walker@acme.example": "update",
        "agent/oliver.hansen@acme.example": "update",
        "agent/grace.mbeki@acme.example": "delete",
    }
    fields = {
        (change["address"], ".".join(field["path"]), field["before"], field["after"])
        for change in plan["resource_changes"]
        for field in change["fields"]
        if isinstance(field["after"], str | bool)
    }
    assert fields == {
        ("agent/noor.haddad@acme.example", "role", "agent", "Team lead"),
        ("agent/oliver.hansen@acme.example", "departments.Billing.chats", False, True),
    }

    ids = {row["email"]: row["id"] for row in live.everything("/agents")}
    returns = next(
        row["department_id"] for row in live.everything("/departments") if row["name"] == "Returns"
    )
    live.server.requests.clear()
    report = live.apply(acme)
    assert "3 updated, 1 deleted (4 steps)" in report
    assert sorted(live.writes()) == sorted(
        [
            ("PUT", f"/agents/{ids['noor.haddad@acme.example']}"),
            ("DELETE", f"/departments/{returns}/{ids['lucy.walker@acme.example']}"),
            ("PUT", "/devices/departments/update"),
            ("DELETE", f"/agents/{ids['grace.mbeki@acme.example']}"),
        ]
    )
    assert changes(live.plan(acme)) == {}


def test_the_server_holds_what_the_files_say(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "project",
        team="""
            departments: [{name: Support}, {name: Sales}]
            roles: [{name: Lead, permissions: {manage_agents: grant}}]
            agents:
              - email: mia@acme.example
                name: Mia Chen
                role: Lead
                availability: {tickets: online, chats: offline}
                departments:
                  Support: {tickets: true, chats: true}
                  Sales: {}
        """,
    )
    live.apply(project)

    mia = live.agent("mia@acme.example")
    roles = {row["id"]: row for row in live.everything("/roles")}
    assert mia["name"] == "Mia Chen"
    assert roles[mia["roleId"]]["name"] == "Lead"
    assert roles[mia["roleId"]]["permissions"]["manage_agents"] == "grant"

    departments = {
        row["name"]: row["department_id"]
        for row in live.everything("/departments")
        if mia["id"] in row["agent_ids"]
    }
    assert set(departments) == {"Support", "Sales"}
    devices = {
        row["service_type"]: row
        for row in live.everything("/devices")
        if row["agent_id"] == mia["id"]
    }
    assert {letter: row["preset_status"] for letter, row in devices.items()} == {
        "M": "N",
        "T": "F",
        "P": "F",
    }
    support = {
        letter: next(
            entry["preset_status"]
            for entry in live.call("GET", f"/devices/{row['id']}/departments?_perPage=100&_page=1")
            if entry["department_id"] == departments["Support"]
        )
        for letter, row in devices.items()
    }
    assert support == {"M": "N", "T": "N", "P": "F"}


def test_a_deleted_agent_who_is_declared_again_is_restored_not_created_twice(
    live: Account, tmp_path: Path
) -> None:
    agent = "agents: [{email: bob@acme.example, name: Bob, role: admin%s}]"
    project = write_project(tmp_path / "project", team=agent % "")
    live.apply(project)
    first = live.agent("bob@acme.example")["id"]
    write_project(project, team=agent % ", state: absent")
    live.apply(project)
    assert all(row["email"] != "bob@acme.example" for row in live.everything("/agents"))
    write_project(project, team=agent % "")
    live.apply(project)
    assert live.agent("bob@acme.example")["id"] == first
    assert changes(live.plan(project)) == {}


def test_null_resets_and_left_out_stays(live: Account, tmp_path: Path) -> None:
    head = "departments: [{name: Support}]\nroles: [{name: Lead, permissions: {manage_agents: %s}}]"
    body = "agents: [{email: mia@acme.example, name: Mia%s}]"
    full = ", role: Lead, availability: {tickets: online}, departments: {Support: {chats: true}}"
    project = write_project(tmp_path / "project", a=head % "grant", b=body % full)
    live.apply(project)

    write_project(project, a=head % "grant", b=body % "")
    assert changes(live.plan(project)) == {}

    nothing = ", role: null, availability: null, departments: null"
    write_project(project, a=head % "null", b=body % nothing)
    plan = live.plan(project)
    after = {c["address"]: c["change"]["after"] for c in plan["resource_changes"]}
    mia = after["agent/mia@acme.example"]
    assert (mia["role"], mia["departments"]) == ("agent", {})
    assert set(mia["availability"].values()) == {"offline"}
    assert after["role/Lead"]["permissions"]["manage_agents"] == "revoke"
    live.apply(project)
    assert changes(live.plan(project)) == {}


def test_letter_case_is_no_difference_for_emails_and_a_rename_for_names(
    live: Account, tmp_path: Path
) -> None:
    team = "departments: [{name: %s}]\nagents: [{email: %s, name: Mia, departments: {%s: {}}}]"
    project = write_project(
        tmp_path / "project", team=team % ("Support", "Mia@ACME.example", "Support")
    )
    live.apply(project)
    write_project(project, team=team % ("support", "mia@acme.example", "support"))
    plan = live.plan(project)
    assert changes(plan) == {"department/support": "update"}
    live.apply(project)
    assert changes(live.plan(project)) == {}
    assert len([r for r in live.everything("/agents") if r["name"] == "Mia"]) == 1


def test_roles_and_departments_go_after_those_who_use_them(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "project",
        team="""
            departments: [{name: Old}, {name: New}]
            roles: [{name: Lead}]
            agents: [{email: mia@acme.example, name: Mia, role: Lead, departments: {Old: {}}}]
        """,
    )
    live.apply(project)
    write_project(
        project,
        team="""
            departments: [{name: Old, state: absent}, {name: New}]
            roles: [{name: Lead, state: absent}]
            agents: [{email: mia@acme.example, name: Mia, role: agent, departments: {New: {}}}]
        """,
    )
    assert "1 updated, 2 deleted" in live.apply(project)
    assert changes(live.plan(project)) == {}


def test_the_plan_is_the_same_bytes_each_time(live: Account, acme: Path) -> None:
    first = live.run("plan", str(acme), "--format", "json").stdout
    assert live.run("plan", str(acme), "--format", "json").stdout == first
    data = json.loads(first)
    assert data["format_version"] == "1.2"
    addresses = [change["address"] for change in data["resource_changes"]]
    assert addresses == sorted(addresses)


def test_one_bad_object_stops_only_what_needs_it(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "project",
        team="agents: [{email: mia@acme.example, name: Mia}, {email: bob@acme.example, name: Bob}]",
    )
    live.apply(project)
    write_project(
        project,
        team="agents: [{email: mia@acme.example, name: Mia C}, {email: bob@acme.example, name: B}]",
    )
    path = f"/agents/{live.agent('mia@acme.example')['id']}$"
    live.server.faults.add(Fault(kind="status", status=400, method="PUT", path=path))
    report = live.apply(project, exit_code=4)
    assert "failed     agent/mia@acme.example#update-agent" in report
    assert (
        "1 updated done as planned; 1 step applied, 1 failed, 0 skipped, 0 values not applied"
        in report
    )
    assert changes(live.plan(project)) == {"agent/mia@acme.example": "update"}


@pytest.mark.parametrize("surface", ["full", "v3"])
def test_a_plan_says_how_many_requests_its_apply_takes(
    tmp_path: Path, acme: Path, surface: str
) -> None:
    with account(tmp_path, surface=surface) as live:
        requests = live.plan(acme)["requests"]
        live.server.requests.clear()
        live.apply(acme)
        assert len(live.server.requests.entries()) == requests["total"]
        assert len(live.writes()) <= requests["write"]
        if surface == "full":  # on v3 a plan also reads the hours that wait for memberships
            assert live.plan(acme)["requests"]["read"] == requests["verify"]
