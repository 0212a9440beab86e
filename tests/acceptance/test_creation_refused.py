"""Accounts that create no agents through their API: a person does it, and apply does the rest."""

from pathlib import Path
from typing import Any, Literal

import pytest

from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import Account, account, changes, write_project

TEAM = """
    departments: [{name: General}]
    agents:
    - email: mia@acme.example
      name: Mia Chen
      availability: {tickets: online}
      departments: {General: {tickets: true}}
    - {email: owner@acme.example, gender: female}
"""
FACTS = "targets: {environment: {facts: {creates_agents: false}}}"


def creations(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for step in plan["manual_steps"] if step["section"] == "create"]


def created_by_hand(folder: Path, surface: str = "v3") -> None:
    """Create the agent as a person would in the panel."""
    with account(folder, surface=surface) as panel:
        panel.call("POST", "/agents", {"email": "mia@acme.example", "name": "Mia Chen"})


def posts(live: Account) -> int:
    return live.writes().count(("POST", "/agents"))


@pytest.mark.parametrize("status", ["404", "405"])
@pytest.mark.parametrize("surface", ["v3", "full"])
def test_the_first_refusal_is_reported_and_remembered(
    status: Literal["404", "405"], surface: str, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    refusing: dict[str, Any] = {"surface": surface, "switches": Switches(creates_agents=status)}
    with account(tmp_path, **refusing) as live:
        assert creations(live.plan(project)) == []
        report = live.apply(project, exit_code=4)
        assert "this account creates no agents through its API" in report
        assert "1 updated" in report  # the rest is done
        plan = live.plan(project)
        (step,) = creations(plan)
        assert step["panel"] == "Configuration > Agents > Create agent"
        assert step["todo"] == [
            "create the agent", "Email: mia@acme.example", "Name: Mia Chen", "Role: agent",
        ]  # fmt: skip
        assert step["verifiable"]
        assert "Availability / Tickets: online" in step["then"]
        assert changes(plan) == {}
        assert posts(live) == 1
        assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 2
        live.apply(project)
        assert posts(live) == 1  # it is not tried again

    created_by_hand(tmp_path, surface)
    with account(tmp_path, **refusing) as live:
        plan = live.plan(project)
        assert creations(plan) == []
        assert changes(plan) == {"agent/mia@acme.example": "update"}
        live.apply(project)
        assert live.agent("mia@acme.example")
        assert changes(live.plan(project)) == {}


def test_one_refusal_speaks_for_all(tmp_path: Path) -> None:
    agents = "\n".join(f"- {{email: a{n}@acme.example, name: A{n}}}" for n in range(30))
    project = write_project(tmp_path / "project", team=f"agents:\n{agents}\n")
    with account(tmp_path, surface="v3", switches=Switches(creates_agents="405")) as live:
        live.apply(project, exit_code=4)
        assert 1 <= posts(live) <= 8  # calls that were under way
        assert len(creations(live.plan(project))) == 30


def test_capabilities_decide_before_the_first_try_and_after_a_record(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM, capabilities=FACTS)
    with account(tmp_path, surface="v3") as live:
        assert len(creations(live.plan(project))) == 1
        live.apply(project)
        assert posts(live) == 0
    with account(tmp_path, surface="v3", switches=Switches(creates_agents="404")) as live:
        (project / "capabilities.yaml").unlink()
        live.apply(project, exit_code=4)
        write_project(project, capabilities=FACTS.replace("false", "true"))
        assert creations(live.plan(project)) == []


def test_every_format_has_the_step(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM, capabilities=FACTS)
    with account(tmp_path, surface="v3") as live:
        for name in ("text", "markdown", "html"):
            result = live.run("plan", str(project), "--format", name)
            assert "Create agent" in result.stdout.replace("&gt;", ">"), name
        saved = tmp_path / "plan.json"
        live.run("plan", str(project), "--out", str(saved))
        assert live.run("apply", str(saved), "--yes").exit_code == 0


def test_a_custom_role_is_chosen_at_the_creation(tmp_path: Path) -> None:
    team = """
        roles: [{name: Lead}]
        agents: [{email: mia@acme.example, name: Mia, role: Lead, alias: M}]
    """
    project = write_project(tmp_path / "project", team=team, capabilities=FACTS)
    for surface, role, then in (("v3", "Lead", []), ("full", "agent", ["Alias: M", "Role: Lead"])):
        with account(tmp_path / surface, surface=surface) as live:
            steps = live.plan(project)["manual_steps"]
            creation = next(step for step in steps if step["section"] == "create")
            assert (creation["values"]["role"], creation["then"]) == (role, then)
            sections = [step["section"] for step in steps]
            assert sections == (["permissions", "create", "alias"] if then == [] else ["create"])


def test_another_refusal_is_no_fact(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", team=TEAM)
    with account(tmp_path, surface="v3") as live:
        live.server.faults.add(Fault("status", method="POST", path="/agents$", status=400, times=0))
        live.apply(project, exit_code=4)
        assert creations(live.plan(project)) == []
