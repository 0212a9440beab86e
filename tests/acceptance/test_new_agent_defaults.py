"""What LiveAgent gives a new agent is no manual step for agents that provisioner creates."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, account, write_project

TEAM = """
    departments: [{name: General}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        alias: Mia
        chat: {max_load: 5, priority: 50}
        to_solve_only: null
        notifications: {email: {ticket_assigned: true, new_ticket: false}}
        departments: {General: {role: solver, signature: null}}
"""
DEFAULTS = """{
            to_solve_only: false, chat: {max_load: 5, priority: 50}, panel: {theme: bright},
            notifications: {
                email: {ticket_assigned: true, customer_reply: true, new_ticket: false}},
            each_department: {role: solver, change_own_status: false, signature: ""}}"""
ASKED = {"alias", "departments"}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, surface="v3") as running:
        yield running


def settings(live: Account, defaults: str = DEFAULTS, more: str = "") -> str:
    return f"""
        default_target: main
        targets:
          main:
            url: {live.server.url}
            api_key: {{env: LIVEAGENT_V3_API_KEY}}
            new_agent_defaults: {defaults}
        {more}
    """


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", provisioner=settings(live), team=TEAM)


def asked(live: Account, project: Path, status: str = "open") -> set[str]:
    """Return the sections of Mia's manual steps with a status."""
    found: list[dict[str, Any]] = live.plan(project)["manual_steps"]
    return {step["section"] for step in found if step["status"] == status}


def test_defaults_are_not_asked_of_agents_that_provisioner_creates(
    live: Account, project: Path
) -> None:
    defaults = {"chat", "to_solve_only", "notifications", "department-settings"}
    assert (asked(live, project), asked(live, project, "default")) == (ASKED, defaults)
    live.apply(project)
    assert (asked(live, project), asked(live, project, "default")) == (ASKED, defaults)
    live.apply(project)  # without changes
    write_project(project, team=TEAM.replace("alias: Mia", "alias: M."))
    live.apply(project)  # the record of another run
    assert (asked(live, project), asked(live, project, "default")) == (ASKED, defaults)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("max_load: 5", "max_load: 4", {"chat"}),
        ("new_ticket: false", "new_ticket: true", {"notifications"}),
        ("to_solve_only: null", "to_solve_only: true", {"to_solve_only"}),
        ("role: solver", "role: manager", {"department-settings"}),
    ],
)
def test_another_value_is_asked_and_so_is_the_default_after_it(
    live: Account, project: Path, old: str, new: str, again: set[str]
) -> None:
    live.apply(project)
    write_project(project, team=TEAM.replace(old, new))
    assert asked(live, project) == ASKED | again
    live.apply(project)
    write_project(project, team=TEAM)
    assert asked(live, project) == ASKED | again


def test_an_acknowledged_other_value_shows_that_the_default_is_gone(
    live: Account, project: Path
) -> None:
    live.apply(project)
    write_project(project, team=TEAM.replace("max_load: 5", "max_load: 4"))
    step = next(one["id"] for one in live.plan(project)["manual_steps"] if one["section"] == "chat")
    more = f"acknowledged: [{{step: {step}, by: priya@acme.example, on: 2026-11-22}}]"
    write_project(project, provisioner=settings(live, more=more), team=TEAM)
    assert asked(live, project) == ASKED | {"chat"}


def test_other_defaults_ask_again(live: Account, project: Path) -> None:
    live.apply(project)
    write_project(
        project, provisioner=settings(live, DEFAULTS.replace("max_load: 5", "max_load: 3"))
    )
    assert asked(live, project) == ASKED | {"chat"}
    write_project(project, provisioner=settings(live, "{}"))
    assert len(asked(live, project)) == len(ASKED) + 4


def test_a_machine_without_the_record_asks(live: Account, project: Path) -> None:
    live.apply(project)
    shutil.rmtree(project / ".provisioner")
    assert len(asked(live, project)) == len(ASKED) + 4


@pytest.mark.parametrize(
    ("initial", "number"), [("[]", 4), ("[agents.notifications, agents.alias]", 3)]
)
def test_acknowledged_steps_hold_on_machines_without_the_record(
    live: Account, project: Path, initial: str, number: int
) -> None:
    """Only the record shows what nobody needs to do, and that fields under `initial` are asked."""
    write_project(project, provisioner=settings(live, more=f"initial: {initial}"))
    live.apply(project)
    result = live.run("manual", "done", "--all-as-is", str(project))
    assert f"{number} manual steps acknowledged." in result.stderr
    assert "does not exist yet: mia@acme.example." in result.stderr, "her membership"
    for _ in range(2):
        assert live.run("plan", str(project)).stderr == ""
        assert "alias" not in asked(live, project)
        assert asked(live, project, "acknowledged") >= {"chat", "to_solve_only"}
        shutil.rmtree(project / ".provisioner", ignore_errors=True)


def test_a_step_of_an_initial_field_stays_until_it_is_acknowledged(
    live: Account, project: Path
) -> None:
    initial = "initial: [agents.chat, agents.departments]"
    write_project(project, provisioner=settings(live, "{}", initial))
    before = asked(live, project)
    assert {"chat", "departments"} <= before
    for _ in range(2):
        live.apply(project)
        assert asked(live, project) == before
        write_project(project, team=TEAM.replace("alias: Mia", "alias: M."))
    step = next(one["id"] for one in live.plan(project)["manual_steps"] if one["section"] == "chat")
    done = f"- {{step: {step}, by: priya@acme.example, on: 2026-11-22}}"
    write_project(project, acknowledged=done)
    assert asked(live, project) == before - {"chat"}
    shutil.rmtree(project / ".provisioner")
    (project / "acknowledged.yaml").unlink()
    assert asked(live, project) == before - {"chat", "departments", "department-settings"}


def test_an_initial_field_is_asked_once(live: Account, project: Path) -> None:
    initial = "initial: [agents.chat]"
    write_project(project, provisioner=settings(live, "{}", initial))
    live.apply(project)
    step = next(one["id"] for one in live.plan(project)["manual_steps"] if one["section"] == "chat")
    done = f"- {{step: {step}, by: priya@acme.example, on: 2026-11-22}}"
    write_project(project, acknowledged=done, team=TEAM.replace("name: Mia Chen", "name: Mia Li"))
    live.apply(project)
    write_project(project, team=TEAM.replace("max_load: 5", "max_load: 4"))
    assert "chat" not in asked(live, project)


GONE = TEAM.replace("name: Mia Chen", "name: Mia Chen\n        state: absent")


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_agent_whom_a_person_created_is_asked_also_after_a_restore(
    live: Account, project: Path, tmp_path: Path, *, by_hand: bool
) -> None:
    expected = len(ASKED)
    if by_hand:
        with account(tmp_path, surface="full") as panel:
            body = {"email": "mia@acme.example", "name": "Mia Chen", "role": "agent"}
            panel.call("POST", "/agents", body)
        expected += 4
    live.apply(project)
    assert len(asked(live, project)) == expected
    write_project(project, team=GONE)
    live.apply(project)
    write_project(project, team=TEAM)
    assert len(asked(live, project)) == expected
    live.apply(project)
    assert len(asked(live, project)) == expected


def test_capabilities_have_defaults_too_and_the_target_decides(
    live: Account, project: Path
) -> None:
    known = f"""
        targets:
          main:
            url: {live.server.url}
            facts: {{}}
            new_agent_defaults: {{chat: {{max_load: 5, priority: 50}}, alias: Mia}}
    """
    write_project(project, provisioner=settings(live, "{alias: null}"), capabilities=known)
    assert asked(live, project, "default") == {"chat"}
    write_project(project, capabilities=known.replace(live.server.url, "https://acme.example"))
    assert asked(live, project, "default") == set()


@pytest.mark.parametrize(
    ("defaults", "finding"),
    [
        ("{chat: {max_load: many}}", "chat"),
        ("{chats: {max_load: 2}}", "chats"),
        ("{alias: " + "x" * 101 + "}", "alias"),
        ("{each_department: {tickets: true}}", "tickets"),
    ],
)
def test_defaults_are_checked_as_settings_of_an_agent(
    live: Account, project: Path, defaults: str, finding: str
) -> None:
    write_project(project, provisioner=settings(live, defaults))
    result = live.run("validate", str(project))
    assert result.exit_code == 1
    assert finding in result.stdout + result.stderr
    assert "provisioner.yaml:" in result.stdout + result.stderr
