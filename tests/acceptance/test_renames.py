"""Renames never destroy: former names, pinned ids, moved domains, restored accounts."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.support import Account, account, changes, write_project

TEAM = """
    departments: [{name: Support}]
    roles: [{name: Lead}]
    agents:
      - email: mia@old.example
        name: Mia
        role: Lead
        departments: {Support: {chats: true}}
        hours: [{days: [mon], from: "09:00", to: "10:00", services: [chats]}]
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    return folder


def changed_fields(plan: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        change["address"]: (
            change["action_reason"],
            [".".join(field["path"]) for field in change["fields"]],
        )
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }


def ids(live: Account) -> dict[str, set[str]]:
    return {
        path: {str(row[key]) for row in live.everything(path)}
        for path, key in (("/agents", "id"), ("/departments", "department_id"), ("/roles", "id"))
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "email: mia@old.example",
            "email: mia.chen@new.example\n        previously: MIA@old.example",
            {"agent/mia.chen@new.example": ("renamed", ["email"])},
        ),
        (
            "departments: [{name: Support}]",
            "departments: [{name: Help, previously: Support}]",
            {"department/Help": ("renamed", ["name"])},
        ),
        (
            "roles: [{name: Lead}]",
            "roles: [{name: Chief, previously: Lead}]",
            {"role/Chief": ("renamed", ["name"])},
        ),
    ],
)
def test_a_former_name_turns_delete_and_create_into_one_update(
    live: Account, project: Path, old: str, new: str, expected: dict[str, Any]
) -> None:
    """What refers to it has the new spelling and is no change of its own."""
    team = TEAM.replace(old, new)
    if "Help" in new:
        team = team.replace("{Support: {chats", "{Help: {chats")
    if "Chief" in new:
        team = team.replace("role: Lead", "role: Chief")
    write_project(project, team=team)
    before = ids(live)
    assert changed_fields(live.plan(project)) == expected
    file = project.parent / "plan.json"
    live.run("plan", str(project), "--out", str(file))
    assert live.run("apply", str(file), "--yes").exit_code == 0
    assert ids(live) == before
    assert changes(live.plan(project)) == {}


def test_a_domain_that_moves_is_one_line(live: Account, tmp_path: Path) -> None:
    agents = "agents: [%s]"
    entry = "{email: a%s@%s, name: A%s}"
    old = ", ".join(entry % (n, "old.example", n) for n in range(4))
    project = write_project(tmp_path / "p", team=agents % old)
    live.apply(project)
    new = ", ".join(entry % (n, "new.example", n) for n in range(4))
    write_project(
        project,
        team=agents % new,
        provisioner='moves: [{from: "@old.example", to: "@new.example"}]',
    )
    found = changed_fields(live.plan(project))
    assert found == {f"agent/a{n}@new.example": ("renamed", ["email"]) for n in range(4)}
    live.apply(project)
    assert changes(live.plan(project)) == {}


def test_a_pinned_id_is_the_object_whatever_its_name(live: Account, project: Path) -> None:
    mia = live.agent("mia@old.example")["id"]
    pinned = TEAM.replace("mia@old.example", f"mia@x.example\n        id: {mia}")
    write_project(project, team=pinned)
    assert changed_fields(live.plan(project)) == {"agent/mia@x.example": ("renamed", ["email"])}
    live.apply(project)
    write_project(project, team=pinned.replace(mia, "00000000"))
    result = live.run("plan", str(project))
    assert result.exit_code == 1
    assert "[id-mismatch]" in result.stderr
    assert mia in result.stderr


def test_a_former_name_that_still_lives_is_a_conflict(live: Account, project: Path) -> None:
    live.call("POST", "/agents", {"email": "new@x.example", "name": "New"})
    team = TEAM.replace("mia@old.example", "new@x.example\n        previously: mia@old.example")
    write_project(project, team=team)
    result = live.run("plan", str(project))
    assert result.exit_code == 1
    assert "[rename-conflict]" in result.stderr


def test_what_looks_like_a_rename_is_refused_with_the_line_to_paste(
    live: Account, project: Path
) -> None:
    gone = "\n      - {email: mia@old.example, state: absent}\n"
    write_project(project, team=TEAM.replace("mia@old.example", "mia@new.example") + gone)
    result = live.run("plan", str(project))
    assert result.exit_code == 3
    assert "previously: mia@old.example" in " ".join(result.stderr.split())
    assert live.run("plan", str(project), "--allow", "replacements=1").exit_code == 0


@pytest.mark.parametrize("surface", ["full", "v3"])
def test_a_deleted_account_is_restored_and_shown_so(tmp_path: Path, surface: str) -> None:
    switches = Switches(list_deleted_agents=surface == "v3")
    team = "agents: [{email: mia@acme.example, name: Mia, availability: {chats: online}%s}]"
    project = write_project(tmp_path / "p", team=team % "")
    with account(tmp_path, surface=surface, switches=switches) as live:
        live.apply(project)
        first = live.agent("mia@acme.example")["id"]
        write_project(project, team=team % ", state: absent")
        live.apply(project)
        write_project(project, team=team % "")
        plan = live.plan(project)
        assert changed_fields(plan) == {"agent/mia@acme.example": ("restored", [])}
        live.server.requests.clear()
        live.apply(project)
        # Also where the device of the deleted account has the wanted availability already.
        assert len(live.server.requests.entries()) == plan["requests"]["total"]
        assert ("POST", "/agents") not in live.writes()
        assert live.agent("mia@acme.example")["id"] == first
        assert changes(live.plan(project)) == {}


def test_a_suspended_agent_keeps_the_account_and_no_work(live: Account, project: Path) -> None:
    write_project(project, team=TEAM.replace("name: Mia", "name: Mia\n        state: suspended"))
    plan = live.plan(project)
    (change,) = (c for c in plan["resource_changes"] if c["change"]["actions"] == ["update"])
    assert change["action_reason"] == "declared-suspended"
    assert "removes-access" in change["risk"]
    live.apply(project)
    mia = live.agent("mia@old.example")
    assert mia["status"] == "A"
    assert all(mia["id"] not in row["agent_ids"] for row in live.everything("/departments"))
    assert changes(live.plan(project)) == {}
    write_project(project, team="agents: [{email: nobody@acme.example, state: suspended}]")
    assert changes(live.plan(project)) == {}
