"""The formats of `plan` and `show` through the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import Repository
from tests.support import Account, account, write_project

BEFORE = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true, tickets: true}}}
      - {email: bob@acme.example, name: Bob, departments: {Support: {tickets: true}},
         hours: [{days: [mon], from: "09:00", to: "11:00", services: [tickets]}]}
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        running.apply(write_project(tmp_path / "before", a=BEFORE))
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", a=BEFORE.replace("chats: true", "chats: false"))


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
def test_a_saved_plan_is_shown_as_it_was(
    live: Account, project: Path, tmp_path: Path, format_: str
) -> None:
    file = str(tmp_path / "plan.json")
    planned = live.run("plan", str(project), "--out", file, "--format", format_)
    shown = live.run("show", file, "--format", format_)
    assert (planned.exit_code, shown.exit_code) == (0, 0)
    assert shown.stdout == planned.stdout
    assert shown.stderr == ""


@pytest.mark.parametrize("format_", ["markdown", "html"])
def test_a_saved_plan_keeps_the_commit_that_it_was_made_from(
    live: Account, tmp_path: Path, format_: str
) -> None:
    clone = Repository.new(tmp_path / "clone")
    first = clone.commit("Begin", team="departments: [{name: Support}]")
    file = str(tmp_path / "plan.json")
    planned = live.run("plan", str(clone.folder), "--out", file, "--format", format_).stdout
    assert first[:8] in planned
    assert "2024-01-02" in planned
    second = clone.commit("Continue", team="departments: [{name: Sales}]")
    shown = live.run("show", file, "--format", format_).stdout
    assert shown == planned
    assert second[:8] not in shown


def test_a_refused_plan_is_shown_and_refused(live: Account, tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "gone", a="agents: [{email: owner@acme.example, state: absent}]"
    )
    for format_, heading in (
        ("markdown", "### Why it is refused"),
        ("html", ">Refused <"),
    ):
        result = live.run("plan", str(project), "--format", format_)
        assert result.exit_code == 3
        assert heading in result.stdout


def test_undeclared_agents_cover_too(live: Account, tmp_path: Path) -> None:
    only = "departments: [{name: Support}]"
    plan = live.plan(write_project(tmp_path / "only", a=only))
    cells = {
        cell["service"]: (cell["after"], cell["only"])
        for cell in plan["coverage"]["cells"]
        if cell["department"] == "Support"
    }
    assert cells == {
        "tickets": (2, None),
        "chats": (1, {"address": "agent/mia@acme.example", "name": "Mia"}),
        "calls": (0, None),
    }
    (hours,) = plan["coverage"]["hours"]
    assert hours["after"]["mon"] == [0] * 9 + [1, 1] + [0] * 13


@pytest.mark.usefixtures("live")
def test_on_v3_it_is_said_what_is_not_counted(project: Path, tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as v3:
        for format_ in ("text", "markdown", "html"):
            result = v3.run("plan", str(project), "--format", format_)
            assert "Not counted: memberships that wait for a manual step" in (result.stdout)
