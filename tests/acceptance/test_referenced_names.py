"""Names that the account knows are checked in the plan, not in the middle of an apply."""

import json
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.effort import examples
from tests.support import Account, account, write_project

MIA = """
agents:
  - email: mia@acme.example
    name: Mia
"""
OPEN = Switches(levels="", sounds="", alerts="")


def project_of(folder: Path, *lines: str) -> Path:
    """Write a project with an agent who has these fields."""
    return write_project(folder, team=MIA + "".join(f"    {line}\n" for line in lines))


def lists_read(live: Account) -> list[str]:
    """Return the lists of names that were read, in order."""
    paths = [one.path.removeprefix("/api/v3") for one in live.server.requests.entries()]
    return [path for path in paths if path.startswith(("/slack/", "/sounds", "/levels"))]


def forget_slack_user(folder: Path, user: str) -> None:
    with closing(connect(folder / "account.db")) as database, database:
        database.execute("DELETE FROM slack_users WHERE id = ?", (user,))


@pytest.mark.parametrize(
    ("line", "code", "place", "hint"),
    [
        ("level: Exprt", "unknown-level", "5:12", 'did you mean "Expert"?'),
        ("level: Zzz", "unknown-level", "5:12", 'known: "Advanced", "Champion"'),
        ("sounds: {new_chat: chimes}", "unknown-sound", "5:24", 'did you mean "chime"?'),
        ("sounds: {new_chats: chime}", "unknown-alert", "5:14", 'did you mean "new_chat"'),
        ("sounds: {new_chats: muted}", "unknown-alert", "5:14", 'did you mean "new_chat"'),
        (
            "notifications: {slack: {user: U02ABD, new_ticket: true}}",
            "unknown-slack-user",
            "5:35",
            'did you mean "U02ABC"',
        ),
        (
            "notifications: {slack: {user: Bob Novak, new_ticket: true}}",
            "unknown-slack-user",
            "5:35",
            'did you mean "U02DEF"?',
        ),
    ],
)
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_an_unknown_name_is_an_error_of_the_plan(
    live: Account, tmp_path: Path, command: str, line: str, code: str, place: str, hint: str
) -> None:
    project = project_of(tmp_path / "p", line)
    result = live.run(command, str(project), *(["--yes"] if command == "apply" else []))
    assert result.exit_code == 1, result.output
    assert f"team.yaml:{place}: error: agent" in result.stderr
    assert f"[{code}]" in result.stderr
    assert hint in " ".join(result.stderr.split())
    assert live.writes() == []


def test_all_unknown_names_are_shown_at_once_and_those_of_a_profile_once(
    live: Account, tmp_path: Path
) -> None:
    team = """
        profiles: [{name: tier1, level: Exprt}]
        agents:
          - {email: a@acme.example, name: A, extends: [tier1]}
          - {email: b@acme.example, name: B, extends: [tier1], sounds: {new_chat: no}}
    """
    result = live.run("plan", str(write_project(tmp_path / "p", team=team.replace("no}", "gong}"))))
    assert (result.stderr.count("[unknown-level]"), result.stderr.count("[unknown-sound]")) == (
        1,
        1,
    )
    assert 'profile "tier1": the account has no level' in " ".join(result.stderr.split())


def test_lists_are_read_only_for_values_that_are_written(live: Account, tmp_path: Path) -> None:
    lines = (
        "level: Expert",
        "sounds: {new_chat: chime, new_ticket: muted}",
        "notifications: {slack: {user: U02ABC, new_ticket: true}}",
    )
    project = project_of(tmp_path / "p", *lines)
    live.plan(project_of(tmp_path / "bare"))
    assert lists_read(live) == []
    planned = live.plan(project)["requests"]
    assert lists_read(live) == ["/slack/users", "/sounds/alerts", "/levels", "/sounds"]
    live.server.requests.clear()
    live.apply(project)
    assert len(live.server.requests.entries()) == planned["total"]
    live.server.requests.clear()
    live.plan(project)
    assert lists_read(live) == []
    forget_slack_user(tmp_path, "U02ABC")
    assert live.run("plan", str(project)).exit_code == 0


def test_a_name_that_goes_after_the_plan_stops_the_apply(live: Account, tmp_path: Path) -> None:
    project = project_of(tmp_path / "p", "notifications: {slack: {user: U02ABC, new_ticket: true}}")
    file = str(tmp_path / "plan.json")
    assert live.run("plan", str(project), "--out", file).exit_code == 0
    forget_slack_user(tmp_path, "U02ABC")
    live.server.requests.clear()
    result = live.run("apply", file, "--yes")
    assert result.exit_code == 3, result.output
    assert "[unknown-slack-user]" in result.stderr
    assert live.writes() == []


def test_a_saved_plan_makes_as_many_requests_as_it_names(live: Account, tmp_path: Path) -> None:
    project = project_of(tmp_path / "p", "level: Expert")
    file = tmp_path / "plan.json"
    live.run("plan", str(project), "--out", str(file))
    live.server.requests.clear()
    assert live.run("apply", str(file), "--yes").exit_code == 0
    requests = json.loads(file.read_text("utf-8"))["requests"]
    assert len(live.server.requests.entries()) == requests["total"]


def test_a_list_that_the_account_does_not_show_is_named(tmp_path: Path) -> None:
    with account(tmp_path, switches=OPEN) as live:
        project = project_of(tmp_path / "p", "level: Yoda", "sounds: {any: thing}")
        planned = live.plan(project)
        live.server.requests.clear()
        applied = live.run("apply", str(project), "--yes")
        made = len(live.server.requests.entries())
    assert [one["code"] for one in planned["warnings"]] == ["unchecked-name"] * 3
    assert 'does not list its levels, so "Yoda" could not be checked' in applied.stderr
    assert (applied.exit_code, made) == (0, planned["requests"]["total"]), applied.output


def test_a_broken_slack_integration_is_no_reason_to_stop(live: Account, tmp_path: Path) -> None:
    live.server.faults.add(Fault("status", method="GET", path="/slack/users", status=403, times=0))
    project = project_of(tmp_path / "p", "notifications: {slack: {user: U02ABC, new_ticket: true}}")
    applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == 0, applied.output
    assert "does not list its Slack users" in " ".join(applied.stderr.split())


def test_a_snapshot_has_the_lists_that_the_files_need(live: Account, tmp_path: Path) -> None:
    file = str(tmp_path / "snapshot.json")
    good = project_of(tmp_path / "good", "level: Expert")
    bad = project_of(tmp_path / "bad", "level: Exprt", "sounds: {new_chat: chime}")
    assert live.run("snapshot", str(good), "--out", file).exit_code == 0
    assert live.run("plan", str(good), "--snapshot", file).exit_code == 0
    result = live.run("plan", str(bad), "--snapshot", file)
    assert (result.exit_code, "[unknown-level]" in result.stderr) == (1, True), result.output


def test_v3_checks_slack_users_and_marks_the_rest_as_unchecked(tmp_path: Path) -> None:
    team = """
        roles: [{name: Lead, permissions: {manage_agents: grant}}]
        agents:
          - email: owner@acme.example
            level: Exprt
            sounds: {new_chat: gong}
            notifications: {slack: {user: %s, new_ticket: true}}
    """
    with account(tmp_path, surface="v3") as live:
        project = write_project(tmp_path / "p", team=team % "U02ABC")
        steps = {step["section"]: step["hint"] for step in live.plan(project)["manual_steps"]}
        assert lists_read(live) == ["/slack/users"]
        text = live.run("plan", str(project)).stdout
        unknown = live.run("plan", str(write_project(project, team=team % "U02ABD")))
    assert steps == {
        "permissions": "not checked: the API does not list permissions",
        "level": "not checked: the API does not list levels",
        "sounds": "not checked: the API does not list alerts and sounds",
        "notifications": "",
    }
    assert "not checked: the API does not list levels" in text
    assert (unknown.exit_code, "[unknown-slack-user]" in unknown.stderr) == (1, True)


def test_the_id_of_a_role_that_no_agent_has_is_unchecked(tmp_path: Path) -> None:
    config = "role_ids: {Lead: x3k9f2ab}"
    team = "roles: [{name: Lead}]" + MIA + "    role: Lead\n"
    with account(tmp_path, surface="v3") as live:
        plan = live.plan(write_project(tmp_path / "p", team=team, provisioner=config))
    [warning] = plan["warnings"]
    assert warning["code"] == "unchecked-name"
    assert 'the id of the role "Lead"' in warning["summary"]


def test_a_permission_needs_the_one_that_it_requires(live: Account, tmp_path: Path) -> None:
    team = """
        roles:
          - name: Lead
            permissions: {edit_telephony_settings: grant%s}
    """
    alone = live.run("plan", str(write_project(tmp_path / "p", team=team % "")))
    assert alone.exit_code == 1, alone.output
    assert "team.yaml:4:19: error" in alone.stderr
    assert "[permission-needs]" in alone.stderr
    both = write_project(tmp_path / "p", team=team % ", view_telephony_settings: grant")
    live.apply(both)


def test_an_undo_names_what_the_account_no_longer_has(live: Account, tmp_path: Path) -> None:
    project = project_of(tmp_path / "p", "notifications: {slack: {user: U02ABC, new_ticket: true}}")
    live.apply(project)
    live.apply(project_of(project, "notifications: {slack: {user: U02DEF, new_ticket: true}}"))
    forget_slack_user(tmp_path, "U02ABC")
    undone = live.run("undo", "2", str(project))
    assert 'the account has no Slack user "U02ABC"' in " ".join(undone.output.split())


@settings(
    max_examples=examples(8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    level=st.sampled_from(["", "Expert", "Hero", "expert", "Zzz"]),
    sounds=st.dictionaries(
        st.sampled_from(["new_chat", "new_call", "nope"]),
        st.sampled_from(["chime", "muted", "gong"]),
        max_size=2,
    ),
    user=st.sampled_from(["U02ABC", "U02GHI", "u02abc", "U0"]),
)
def test_names_that_a_plan_accepts_never_fail_in_an_apply(
    live: Account, tmp_path: Path, level: str, sounds: dict[str, str], user: str
) -> None:
    slack = {"user": user, "new_ticket": True}
    fields = {"level": level, "sounds": sounds, "notifications": {"slack": slack}}
    lines = [f"{name}: {json.dumps(value)}" for name, value in fields.items()]
    project = project_of(tmp_path / "p", *lines)
    planned = live.run("plan", str(project))
    writes = len(live.writes())
    applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == planned.exit_code, applied.output
    if planned.exit_code:
        assert "[unknown-" in planned.stderr
        assert len(live.writes()) == writes
