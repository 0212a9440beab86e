"""What an apply leaves to a person is no change of the account, and stays in the files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.panel import Panel
from tests.repository import Repository
from tests.support import Account, account, write_project

BEGIN = """
    departments: [{name: Support}, {name: Old}, {name: Spare}]
    agents:
      - {email: mia@acme.example, name: Mia, role: agent, departments: {Support: {}}}
      - {email: bob@acme.example, name: Bob, departments: {}}
"""
TEAM = """
    departments:
      - {name: Support}
      - {name: New, previously: Old}
      - {name: Spare, state: absent}
      - {name: Sales}
    roles: [{name: Senior}]
    agents:
      - {email: mia@acme.example, name: Mia, role: Senior, alias: M, departments: {}}
      - {email: bob@acme.example, name: Bob, departments: {Support: {chats: true}}}
      - {email: li@acme.example, name: Li, role: Senior, departments: {Support: {}}}
"""
MIA, BOB, LI = (f"agent/{name}@acme.example" for name in ("mia", "bob", "li"))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        running.apply(write_project(tmp_path / "begin", team=BEGIN))
        yield running


@pytest.fixture
def live(full: Account, tmp_path: Path) -> Iterator[Account]:
    del full
    with account(tmp_path, surface="v3") as running:
        yield running


@pytest.fixture(params=["commit", "records"])
def project(request: pytest.FixtureRequest, live: Account, tmp_path: Path) -> Path:
    """Return an applied project; the sides come from the commit of the apply, or from records."""
    folder = tmp_path / "project"
    if request.param == "commit":
        Repository.new(folder).commit("Begin", team=TEAM)
    else:
        write_project(folder, team=TEAM)
    live.apply(folder)
    return folder


def sides(live: Account, project: Path, *words: str) -> dict[tuple[str, str], str | None]:
    """Return the side of each open step, by object and section."""
    result = live.run("drift", str(project), "--format", "json", *words)
    assert result.exit_code == 0, result.output
    steps: list[dict[str, Any]] = json.loads(result.stdout)["manual_steps"]
    return {
        (step["address"], step["id"].partition("#")[2].partition("@")[0]): step["changed"]
        for step in steps
    }


def change(project: Path, old: str, new: str) -> None:
    file = project / "team.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_nobody_has_changed_what_nobody_has_done(live: Account, project: Path) -> None:
    assert sides(live, project) == dict.fromkeys(
        [
            ("department/New", "department"),
            ("department/Sales", "department"),
            ("department/Spare", "department"),
            ("role/Senior", "permissions"),
            (MIA, "role"),
            (MIA, "departments"),
            (MIA, "alias"),
            (BOB, "departments"),
            (LI, "role"),
            (LI, "departments"),
        ],
        "nobody",
    )
    text = live.run("drift", str(project)).stdout
    assert f"{BOB}: to be done by hand, not done by hand since run 1\n" in text
    markdown = live.run("drift", str(project), "--format", "markdown").stdout
    assert "> Departments`, not done by hand since run 1\n" in markdown
    assert "changed in the account" not in text + markdown


def test_accept_all_leaves_it_in_the_files(live: Account, project: Path) -> None:
    before = (project / "team.yaml").read_text()
    bob = live.agent("bob@acme.example")
    live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bobby"})
    accepted = live.run("drift", str(project), "--accept-all")
    assert accepted.exit_code == 0, accepted.output
    assert (project / "team.yaml").read_text() == before.replace("name: Bob,", "name: Bobby,")
    warnings = " ".join(accepted.stderr.split())
    assert (
        f"{BOB} departments.Support: nobody has done the manual step yet; "
        f"--accept {BOB} accepts it all the same [not-accepted]"
    ) in warnings
    assert "department/Sales: nobody has done the manual step yet" in warnings
    assert live.run("drift", str(project), "--accept", BOB).exit_code == 0
    assert "name: Bobby, departments: {}}" in (project / "team.yaml").read_text()


def test_another_value_is_a_change_of_the_account(
    full: Account, live: Account, project: Path
) -> None:
    Panel(full).set_role("mia@acme.example", "admin")
    Panel(full).join("mia@acme.example", "Old")
    found = sides(live, project)
    assert found[MIA, "role"] == "account"
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    assert "name: Mia, role: admin, alias: M" in (project / "team.yaml").read_text()


def test_what_was_done_and_undone_is_a_change_of_the_account(
    full: Account, live: Account, project: Path, request: pytest.FixtureRequest
) -> None:
    """No run has written it, so the records of runs without a commit don't have it."""
    panel = Panel(full)
    panel.join("bob@acme.example", "Support", "chats")
    live.apply(project)
    panel.leave("bob@acme.example", "Support")
    found = sides(live, project)
    side = None if "records" in request.node.callspec.id else "account"
    assert (found[BOB, "departments"], found[LI, "departments"]) == (side, "nobody")
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    text = (project / "team.yaml").read_text()
    assert "name: Bob, departments: {}}" in text
    assert "name: Li, role: Senior, departments: {Support: {}}" in text


def test_files_that_changed_since_are_named(live: Account, project: Path) -> None:
    change(project, "name: Mia, role: Senior", "name: Mia, role: admin")
    before = (project / "team.yaml").read_text()
    assert live.run("drift", str(project), "--accept-all", "--dry-run").exit_code == 0
    data = json.loads(live.run("drift", str(project), "--format", "json").stdout)
    [mia] = data["drift"]
    assert (mia["address"], mia["changed"]) == (MIA, "files")
    assert (project / "team.yaml").read_text() == before


def test_an_apply_of_a_part_keeps_what_is_known_of_the_rest(live: Account, project: Path) -> None:
    before = sides(live, project)
    change(project, "name: Li", "name: Lili")
    assert live.run("apply", str(project), "--yes", "--only", LI).exit_code == 0
    assert sides(live, project) == before


def test_an_undo_keeps_what_people_have_to_do(live: Account, project: Path) -> None:
    before = sides(live, project)
    change(project, "name: Bob", "name: Bobby")
    live.apply(project)
    assert live.run("undo", "2", str(project), "--yes").exit_code == 0
    change(project, "name: Bobby", "name: Bob")
    assert sides(live, project) == before


def test_fields_under_initial_are_not_accepted(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "initial",
        provisioner="initial: [agents.departments]",
        team="""
            departments: [{name: Support}, {name: Old}, {name: Spare}]
            agents: [{email: eve@acme.example, name: Eve, departments: {Support: {}}}]
        """,
    )
    live.apply(project)
    assert sides(live, project) == {("agent/eve@acme.example", "departments"): "nobody"}
    before = (project / "team.yaml").read_text()
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    assert (project / "team.yaml").read_text() == before


def test_an_agent_whom_only_a_person_can_create(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "hired",
        capabilities="targets: {environment: {facts: {creates_agents: false}}}",
        team="""
            departments: [{name: Support}, {name: Old}, {name: Spare}]
            agents: [{email: eve@acme.example, name: Eve, departments: {Support: {}}}]
        """,
    )
    live.apply(project)
    before = (project / "team.yaml").read_text()
    assert {*sides(live, project).values()} == {"nobody"}
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    assert (project / "team.yaml").read_text() == before
