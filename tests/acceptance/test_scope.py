"""A part of a project: selected objects, and fields that are not managed."""

from pathlib import Path

import pytest

from tests.support import Account, changes, write_project

TEAM = """
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead}]
    agents:
      - {email: mia@acme.example, name: Mia, role: Lead, departments: {Support: {}}}
      - {email: bob@acme.example, name: Bob, departments: {Sales: {}}}
      - {email: ann@acme.example, name: Ann}
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--only", "agent/mia@*"], {"agent/mia", "role/Lead", "department/Support"}),
        (["--only", "roles", "--only", "agent/ann@*"], {"agent/ann", "role/Lead"}),
        (
            ["--exclude", "department/Sales"],
            {"agent/mia", "agent/ann", "role/Lead", "department/Support"},
        ),
    ],
)
def test_a_selection_is_whole_along_its_references(
    live: Account, tmp_path: Path, options: list[str], expected: set[str]
) -> None:
    """`tests/unit/planning/test_scope.py` has all cases."""
    project = write_project(tmp_path / "p", team=TEAM)
    assert {address.split("@")[0] for address in changes(live.plan(project, *options))} == expected


def test_a_partial_plan_says_so_and_is_applied_as_shown(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    result = live.run("apply", str(project), "--yes", "--only", "agent/ann@*")
    assert result.exit_code == 0, result.output
    assert "[partial-plan]" in result.stderr
    assert [row["name"] for row in live.everything("/agents")] == ["Account Owner", "Ann"]


def test_a_selector_that_fits_nothing_is_wrong_usage(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    result = live.run("plan", str(project), "--exclude", "agent/annn@acme.example")
    assert result.exit_code == 64
    assert "[selector-without-object]" in result.stderr


def test_initial_fields_are_set_at_creation_only(live: Account, tmp_path: Path) -> None:
    team = """
        departments: [{name: Support}]
        agents:
          - email: mia@acme.example
            name: Mia
            panel: {theme: %s}
            availability: %s
            departments: {Support: {chats: %s, signature: %s}}
    """
    project = write_project(
        tmp_path / "p",
        team=team % ("dark", "{tickets: online}", "true", "one"),
        provisioner="initial: [agents.panel.theme, agents.availability.tickets, "
        "agents.departments.*.signature]",
    )
    live.apply(project)
    profile = live.call("GET", f"/agents/{live.agent('mia@acme.example')['id']}/profile")
    assert profile["panel_theme"] == "dark"
    assert profile["memberships"][0]["signature"] == "one"
    write_project(project, team=team % ("bright", "null", "false", "two"))
    plan = live.plan(project)
    fields = [field["path"] for change in plan["resource_changes"] for field in change["fields"]]
    assert fields == [["departments", "Support", "chats"]]


def test_ignored_fields_are_left_alone_for_whom_it_says(live: Account, tmp_path: Path) -> None:
    team = (
        "agents: [{email: a@acme.example, name: A, level: %s}, "
        "{email: b@x.example, name: B, level: %s}]"
    )
    project = write_project(tmp_path / "p", team=team % ("Junior", "Junior"))
    live.apply(project)
    write_project(
        project,
        team=team % ("Senior", "Senior"),
        provisioner='ignore: [{field: agents.level, objects: ["*@x.example"], reason: theirs}]',
    )
    assert changes(live.plan(project)) == {"agent/a@acme.example": "update"}


@pytest.mark.parametrize("field", ["agents.panl.theme", "agent.level", "agents", "agents.level.x"])
def test_a_field_that_does_not_exist_can_not_be_left_alone(
    live: Account, tmp_path: Path, field: str
) -> None:
    project = write_project(tmp_path / "p", team=TEAM, provisioner=f"initial: [{field}]")
    result = live.run("validate", str(project))
    assert result.exit_code == 1
    assert "[unknown-field]" in result.stdout
