"""Undo: a run is brought back by an ordinary plan, as far as nobody has changed it since."""

from pathlib import Path

from provisioner.sandbox.faults import Fault
from tests.states import state
from tests.support import Account, account, changes, write_project

START = """
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead, permissions: {manage_agents: grant}}]
    agents:
      - email: mia@acme.example
        name: Mia
        alias: M
        role: Lead
        chat: {max_load: 3}
        departments: {Support: {tickets: true, role: manager, signature: "Mia, Support"}}
        hours: [{days: [mon], from: "09:00", to: "17:00", services: [tickets]}]
        sounds: {new_chat: chime}
      - {email: bob@acme.example, name: Bob, gender: male, departments: {Sales: {chats: true}}}
"""

EDITED = """
    departments: [{name: Support}, {name: Returns}, {name: Sales, state: absent}]
    roles: [{name: Lead, permissions: {view_reports: grant}}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        alias: Mia
        role: admin
        chat: {max_load: 9}
        departments:
          Support: {tickets: false, role: reader, signature: ""}
          Returns: {chats: true}
        hours:
          - {days: [tue], from: "10:00", to: "12:00", services: [tickets], departments: [Support]}
        sounds: {new_ticket: muted}
      - {email: bob@acme.example, state: absent}
      - {email: eve@acme.example, name: Eve, departments: {Returns: {}}}
"""


def test_a_run_of_everything_is_undone(live: Account, tmp_path: Path) -> None:
    project = tmp_path / "p"
    live.apply(write_project(project, team=START))
    before = state(live)
    live.apply(write_project(project, team=EDITED))
    assert state(live) != before

    shown = live.run("undo", "2", str(project))
    assert shown.exit_code == 0, shown.output
    assert "agent/eve@acme.example: LiveAgent has sent a registration mail" in shown.stdout
    assert "Nothing was written; --yes applies this." in shown.stderr
    assert "\nJoins (" in shown.stdout

    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert "The files still declare what is undone: " in done.stderr
    after = state(live)
    assert after == before
    assert live.run("runs", str(project)).stdout.splitlines()[0].split()[2] == "undo"

    again = live.run("undo", "3", str(project), "--yes")
    assert again.exit_code == 0, again.output
    write_project(project, team=EDITED)
    assert changes(live.plan(project)) == {}


def test_what_was_changed_since_is_left_alone(live: Account, tmp_path: Path) -> None:
    project = tmp_path / "p"
    live.apply(write_project(project, team=START))
    live.apply(
        write_project(
            project,
            team=START.replace("alias: M", "alias: Mi").replace("max_load: 3", "max_load: 4"),
        )
    )
    mia = live.agent("mia@acme.example")["id"]
    live.call("PUT", f"/agents/{mia}/profile", {"alias": "Somebody's"})
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert "agent/mia@acme.example: alias was changed again since" in done.stdout
    profile = live.call("GET", f"/agents/{mia}/profile")
    assert (profile["alias"], profile["max_chat_load"]) == ("Somebody's", 3)


def test_a_renamed_department_and_agent_get_their_names_back(live: Account, tmp_path: Path) -> None:
    project = tmp_path / "p"
    live.apply(write_project(project, team=START))
    before = state(live)
    renamed = START.replace("Sales", "Trade").replace(
        "{name: Trade}", "{name: Trade, previously: Sales}"
    )
    renamed = renamed.replace(
        "email: bob@acme.example", "email: robert@acme.example, previously: bob@acme.example"
    ).replace("chats: true", "chats: false")
    live.apply(write_project(project, team=renamed))
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert state(live) == before


def test_guards_hold_for_an_undo(live: Account, tmp_path: Path) -> None:
    agents = "\n".join(f"      - {{email: a{n}@acme.example, name: A{n}}}" for n in range(12))
    project = write_project(tmp_path / "p", team=f"agents:\n{agents}\n")
    live.apply(project)
    done = live.run("undo", "1", str(project), "--yes")
    assert done.exit_code == 3
    assert "[too-many-deletes]" in done.stderr
    assert len(live.everything("/agents")) == 13
    allowed = live.run("undo", "1", str(project), "--yes", "--allow", "deletes=12")
    assert allowed.exit_code == 0, allowed.output


def test_a_run_of_another_account_is_not_undone(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    (tmp_path / "other").mkdir()
    with account(tmp_path / "other") as other:
        done = other.run("undo", "1", str(project), "--yes")
    assert done.exit_code == 3
    assert "another account" in done.stderr
    assert live.run("undo", "7", str(project)).exit_code == 1


def test_what_a_failed_step_did_not_write_is_not_undone(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    write_project(
        project,
        team=START.replace("name: Mia\n", "name: Mia Chen\n").replace("alias: M\n", "alias: Mi\n"),
    )
    live.server.faults.add(Fault("status", method="PUT", path="/agents/[^/]+$", status=400))
    live.apply(project, exit_code=4)
    mia = live.agent("mia@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Mia Chen"})
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert live.agent("mia@acme.example")["name"] == "Mia Chen"
    assert live.call("GET", f"/agents/{mia['id']}/profile")["alias"] == "M"


def test_a_step_of_two_calls_that_was_cut_in_the_middle_may_be_undone(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    before = state(live)
    write_project(project, team=START.replace("17:00", "18:00"))
    live.server.faults.add(Fault("status", method="POST", path="/plans$", status=400, times=0))
    live.apply(project, exit_code=4)
    assert state(live) != before
    live.server.faults.clear()
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert state(live) == before


def test_hours_that_go_with_a_membership_come_back_with_it(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.apply(project)
    before = state(live)
    without = START.replace("Support: {tickets", "Sales: {tickets")
    without = "\n".join(line for line in without.splitlines() if "hours:" not in line)
    write_project(project, team=without)
    assert "hours / Support" in live.run("plan", str(project)).stdout
    live.apply(project)
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert state(live) == before


def test_a_former_name_that_somebody_else_has_now_stays_theirs(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", team="departments: [{name: Sales}]")
    live.apply(project)
    live.apply(write_project(project, team="departments: [{name: Trade, previously: Sales}]"))
    live.call("POST", "/departments", {"name": "Sales"})
    done = live.run("undo", "2", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert 'another object now has the former name "Sales"' in done.stdout
    names = [row["name"] for row in live.everything("/departments")]
    assert names == ["General", "Trade", "Sales"]


def test_a_former_email_that_a_deleted_account_keeps_stays_there(
    live: Account, tmp_path: Path
) -> None:
    """The first undo deletes the newcomer, whose account keeps the email (D)."""
    project = write_project(tmp_path / "p", team="agents: [{email: ann@acme.example, name: Ann}]")
    live.apply(project)
    write_project(
        project,
        team="""
            agents:
              - {email: eve@acme.example, name: Ann, previously: ann@acme.example}
              - {email: ann@acme.example, name: Ann Young}
        """,
    )
    live.apply(project)
    first = live.run("undo", "2", str(project), "--yes")
    assert 'another object now has the former email "ann@acme.example"' in first.stdout
    again = live.run("undo", "2", str(project), "--yes")
    assert again.exit_code == 0, again.output
    assert 'a deleted account now has the former email "ann@acme.example"' in again.stdout
    assert live.agent("eve@acme.example")["name"] == "Ann"


def test_what_somebody_made_of_a_new_agent_is_not_deleted(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: eve@acme.example, name: Eve}]")
    live.apply(project)
    eve = live.agent("eve@acme.example")
    live.call("PUT", f"/agents/{eve['id']}", {**eve, "name": "Eva", "role": "admin"})
    done = live.run("undo", "1", str(project), "--yes")
    assert done.exit_code == 0, done.output
    assert "name, role was changed since, so it is not deleted" in done.stdout
    assert live.agent("eve@acme.example")["name"] == "Eva"
