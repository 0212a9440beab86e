"""A target that has only what LiveAgent documents: manual steps, and the rest applied."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_main_job import ACME
from tests.support import Account, account, changes, write_project


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, surface="v3") as running:
        yield running


def by_hand(folder: Path) -> Any:
    """Open the same account with everything that the panel could do."""
    return account(folder, surface="full")


def steps(plan: dict[str, Any], status: str = "open") -> dict[str, dict[str, Any]]:
    return {
        f"{step['address']}#{step['section']}": step
        for step in plan["manual_steps"]
        if step["status"] == status
    }


TEAM = """
    departments: [{name: Support}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        availability: {tickets: online}
        departments: {Support: {tickets: true, chats: false}}
"""


def test_the_example_is_applied_as_far_as_the_api_goes(live: Account, tmp_path: Path) -> None:
    acme = Path(shutil.copytree(ACME, tmp_path / "acme"))
    plan = live.plan(acme)
    assert plan["surface"] == "v3"
    sections = Counter(step["section"] for step in steps(plan).values())
    assert (sections["departments"], sections["department"]) == (38, 6)
    assert (sections["permissions"], sections["role"]) == (2, 6)
    assert sections["photo"] == 5
    assert set(changes(plan).values()) == {"create"}
    shown = live.run("plan", str(acme)).stdout
    assert len(shown.splitlines()) <= 300
    block = shown.partition("To be done by hand")[2].partition("\n\n")[0]
    assert len(block.splitlines()) <= 70
    work = json.loads(live.run("manual", str(acme), "--format", "json").stdout)
    assert work["summary"] == {"pages": 47, "entries": 63, "steps": 220, "people": 39}
    page = live.run("manual", str(acme), "--format", "html").stdout
    boxes = re.findall("data-steps='([^']*)'", page)
    assert {one for box in boxes for one in json.loads(box)} == {
        step["id"] for step in plan["manual_steps"] if step["status"] == "open"
    }

    report = live.apply(acme)
    assert "Applied and read back: 39 created" in report
    assert "manual steps left to people" in report

    after = live.run("plan", str(acme), "--detailed-exitcode")
    assert after.exit_code == 2
    assert "There is nothing that apply could do." in after.stdout
    live.server.requests.clear()
    live.apply(acme)
    assert live.writes() == []


def test_what_is_done_by_hand_is_ticked_off_and_what_waited_for_it_is_offered(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    open_steps = steps(live.plan(project))
    assert open_steps["agent/mia@acme.example#departments"]["todo"] == ['join "Support"']
    assert open_steps["agent/mia@acme.example#departments"]["then"] == [
        "in Support: tickets yes, chats no"
    ]

    with by_hand(tmp_path) as panel:
        support = panel.call("POST", "/departments", {"name": "Support"})["department_id"]
    assert set(steps(live.plan(project))) == {"agent/mia@acme.example#departments"}

    with by_hand(tmp_path) as panel:
        panel.call("PUT", f"/departments/{support}/{panel.agent('mia@acme.example')['id']}")
    plan = live.plan(project)
    assert steps(plan) == {}
    assert changes(plan) == {"agent/mia@acme.example": "update"}
    assert [field["path"] for field in plan["resource_changes"][0]["fields"]] == [
        ["departments", "Support", "tickets"]
    ]
    live.apply(project)
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0


def test_a_role_is_written_only_over_ids_that_the_project_names(
    live: Account, tmp_path: Path
) -> None:
    team = """
        roles: [{name: Lead}]
        agents: [{email: mia@acme.example, name: Mia, role: Lead}]
    """
    project = write_project(tmp_path / "project", team=team)
    live.apply(project)
    assert set(steps(live.plan(project))) == {
        "agent/mia@acme.example#role",
        "role/Lead#permissions",
    }

    with by_hand(tmp_path) as panel:
        role = panel.call("POST", "/roles", {"name": "Lead"})["id"]
        mia = panel.agent("mia@acme.example")
        panel.call("PUT", f"/agents/{mia['id']}", {**mia, "roleId": role})
    step = steps(live.plan(project))["agent/mia@acme.example#role"]
    assert not step["verifiable"]
    assert f'role_ids: {{"Lead": "{role}"}}' in step["hint"]

    write_project(project, provisioner=f"role_ids: {{Lead: {role}}}")
    assert steps(live.plan(project)) == {}

    write_project(project, team=team.replace("role: Lead", "role: agent"))
    assert changes(live.plan(project)) == {"agent/mia@acme.example": "update"}
    live.apply(project)
    assert live.agent("mia@acme.example")["roleId"] != role

    write_project(project, team=team)
    live.apply(project)
    assert live.agent("mia@acme.example")["roleId"] == role


def test_a_step_that_nobody_can_see_is_acknowledged_for_exactly_its_values(
    live: Account, tmp_path: Path
) -> None:
    role = "roles: [{name: Lead, permissions: {manage_agents: grant}}]"
    project = write_project(tmp_path / "project", team=role)
    (step,) = steps(live.plan(project)).values()
    acknowledged = f"""
        acknowledged:
          - {{step: "{step["id"]}", by: priya.nair@acme.example, on: 2026-11-22}}
    """
    write_project(project, provisioner=acknowledged)
    done = live.run("plan", str(project), "--detailed-exitcode")
    assert done.exit_code == 0, done.output
    assert steps(live.plan(project), "acknowledged")

    write_project(project, team=role.replace("grant", "revoke"))
    stale = live.run("plan", str(project), "--detailed-exitcode")
    assert stale.exit_code == 2
    assert "[stale-acknowledgement]" in stale.stderr


def test_leaving_a_department_and_deleting_one_are_manual_too(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    live.apply(project)
    with by_hand(tmp_path) as panel:
        support = panel.call("POST", "/departments", {"name": "Support"})["department_id"]
        panel.call("PUT", f"/departments/{support}/{panel.agent('mia@acme.example')['id']}")
    live.apply(project)
    write_project(
        project,
        team="""
            departments: [{name: Support, state: absent}]
            roles: [{name: Lead, state: absent}]
            agents: [{email: mia@acme.example, departments: {}}]
        """,
    )
    plan = live.plan(project)
    assert changes(plan) == {}
    assert {name: step["todo"] for name, step in steps(plan).items()} == {
        "agent/mia@acme.example#departments": ['leave "Support"'],
        "department/Support#department": ['delete the department "Support"'],
        "role/Lead#permissions": ['delete the role "Lead" if it exists'],
    }
    write_project(project, team="departments: [{name: SUPPORT}]")
    assert steps(live.plan(project))["department/SUPPORT#department"]["todo"] == [
        'rename the department "Support" to "SUPPORT"'
    ]


def test_the_surface_is_told_without_asking_for_what_v3_does_not_have(live: Account) -> None:
    answer = live.run("plan", str(ACME))
    assert answer.exit_code == 0
    assert [entry for entry in live.server.requests.entries() if entry.status >= 400] == []


def test_no_role_is_asked_for_that_role_ids_show(live: Account, tmp_path: Path) -> None:
    team = "roles: [{name: Lead, permissions: {}}, {name: Other, permissions: {}}]"
    settings = "role_ids: {lead: x3k9f2ab}"
    project = write_project(tmp_path / "project", provisioner=settings, team=team)
    todo = {step: one["todo"] for step, one in steps(live.plan(project)).items()}
    default = "every other permission: the product's default"
    assert todo == {
        "role/Lead#permissions": [default],
        "role/Other#permissions": ['create the role "Other" if it does not exist', default],
    }
