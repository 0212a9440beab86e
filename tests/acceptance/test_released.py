"""Released fields and objects: when the plan shows them, where, and when they are gone."""

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.faults import Fault
from tests.branches import drift
from tests.repository import Repository
from tests.support import Account, account, changes, write_project

MIA = "agent/mia@acme.example"
SUPPORT = "departments: [{name: Support}, {name: Sales}]\n"
BOB = "{email: bob@acme.example, name: Bob}"
HEADLINE = "role no longer managed for mia@acme.example (stays admin)"


def team(fields: str, more: str = BOB) -> str:
    """Return a team with Mia, whose entry has some fields."""
    mia = f"{{email: mia@acme.example, name: Mia{', ' * bool(fields)}{fields}}}"
    return f"{SUPPORT}agents: [{', '.join(filter(None, (mia, more)))}]\n"


def applied(live: Account, folder: Path, fields: str, **files: str) -> Path:
    project = write_project(folder, team=team(fields), **files)
    live.apply(project)
    return project


def released(plan: dict[str, Any]) -> list[tuple[str, list[str], Any]]:
    return [(one["address"], one["path"], one["value"]) for one in plan["released"]]


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    """Return a project that gave Mia the role admin and does not declare it any more."""
    project = applied(live, tmp_path / "p", "role: admin")
    return write_project(project, team=team(""))


class TestHeadline:
    def test_names_the_field_and_the_value_that_stays(self, live: Account, project: Path) -> None:
        result = live.run("plan", str(project), "--detailed-exitcode")
        assert result.exit_code == 2
        assert f": {HEADLINE}.\n" in result.stdout
        assert "not declared since run 1; to reset it, declare role: null" in result.stdout
        assert "Nothing to change" not in result.stdout
        plan = live.plan(project)
        assert plan["released"] == [
            {"address": MIA, "path": ["role"], "value": "admin", "since": "run 1"}
        ]
        assert plan["summary"]["released"] == 1
        assert changes(plan) == {}

    @pytest.mark.parametrize("format_", ["text", "markdown", "html"])
    def test_is_in_each_format_and_in_a_saved_plan(
        self, live: Account, project: Path, tmp_path: Path, format_: str
    ) -> None:
        saved = tmp_path / "plan.json"
        arguments = ("plan", str(project), "--format", format_, "--out", str(saved))
        printed = live.run(*arguments).stdout
        words = printed.replace("`", "").lower()
        assert HEADLINE in words
        assert "nothing to change" not in words
        assert "role: null" in words
        assert live.run("show", str(saved), "--format", format_).stdout == printed

    @pytest.mark.parametrize("command", ["plan", "drift"])
    def test_an_unreadable_record_that_could_tell_is_a_warning(
        self, live: Account, project: Path, command: str
    ) -> None:
        assert "warning" not in live.run(command, str(project)).stderr
        (project / ".provisioner/runs/000001.jsonl").write_text("{}\n", encoding="utf-8")
        result = live.run(command, str(project))
        assert (result.exit_code, HEADLINE in result.stdout) == (0, False)
        assert "warning: " in result.stderr
        assert "000001.jsonl is not a record of a run" in result.stderr

    def test_is_not_what_an_apply_reverts(self, live: Account, project: Path) -> None:
        printed = live.run("drift", str(project), "--format", "markdown").stdout
        assert "drift --accept ADDRESS" in printed
        assert "To revert" not in printed
        write_project(project, team=team("", BOB.replace("name: Bob", "name: Robert")))
        printed = live.run("drift", str(project), "--format", "markdown").stdout
        assert "To revert the differences: apply." in printed

    def test_stands_beside_changes(self, live: Account, project: Path) -> None:
        write_project(project, team=team("", BOB.replace("name: Bob", "name: Robert")))
        output = live.run("plan", str(project)).stdout
        assert f"1 to update (1 agent), {HEADLINE}.\n" in output

    def test_is_one_phrase_for_equal_values(self, live: Account, tmp_path: Path) -> None:
        both = "{email: bob@acme.example, name: Bob, role: admin}"
        project = write_project(tmp_path / "p", team=team("role: admin", both))
        live.apply(project)
        write_project(project, team=team(""))
        output = live.run("plan", str(project)).stdout
        names = "bob@acme.example, mia@acme.example"
        assert f"role no longer managed for {names} (stays admin)." in output

    def test_a_whole_agent(self, live: Account, project: Path) -> None:
        live_admin = write_project(project, team=team("role: admin"))
        live.apply(live_admin)
        write_project(project, team=f"{SUPPORT}agents: [{BOB}]\n")
        result = live.run("plan", str(project), "--detailed-exitcode")
        assert result.exit_code == 2
        assert "agent no longer managed: mia@acme.example (stays admin)." in result.stdout
        assert released(live.plan(project)) == [(MIA, [], {"role": "admin"})]

    def test_a_setting_is_no_access(self, live: Account, tmp_path: Path) -> None:
        """It is shown, but a schedule need not wake anybody for it."""
        project = applied(live, tmp_path / "p", "chat: {max_load: 3}")
        write_project(project, team=team(""))
        result = live.run("plan", str(project), "--detailed-exitcode")
        assert result.exit_code == 0
        assert "Nothing to change" in result.stdout
        assert "chat / max_load no longer managed for mia@acme.example (stays 3)." in result.stdout

    def test_departments_and_permissions_of_roles(self, live: Account, tmp_path: Path) -> None:
        role = "roles: [{name: Lead, permissions: {manage_agents: grant}}]"
        project = applied(live, tmp_path / "p", "", roles=role)
        write_project(project, roles="roles: [{name: Lead}]", team=f"agents: [{BOB}]")
        plan = live.plan(project)
        assert [one[:2] for one in released(plan)] == [
            (MIA, []),
            ("department/Sales", []),
            ("department/Support", []),
            ("role/Lead", ["permissions"]),
        ]


SETTINGS = """\
alias: M, gender: female, to_solve_only: true, availability: {tickets: online},
notifications: {email: {ticket_assigned: true}, slack: {user: U02ABC, ticket_assigned: true}},
signature: Regards, chat: {max_load: 4, priority: 10}, panel: {theme: dark}, level: Expert,
sounds: {new_chat: chime}, departments: {Support: {chats: true}},
hours: [{days: [mon], from: "09:00", to: "17:00", services: [chats], departments: [Support]}]"""

RELEASED_SETTINGS = {
    "alias",
    "gender",
    "to_solve_only",
    "availability/tickets",
    "notifications/email/ticket_assigned",
    "notifications/slack/user",
    "notifications/slack/ticket_assigned",
    "signature",
    "chat/max_load",
    "chat/priority",
    "panel/theme",
    "level",
    "sounds/new_chat",
    "departments",
    "hours",
}


def test_settings_of_every_shape(live: Account, tmp_path: Path) -> None:
    project = applied(live, tmp_path / "p", SETTINGS)
    write_project(project, team=team(""))
    assert {"/".join(path) for _, path, _ in released(live.plan(project))} == RELEASED_SETTINGS
    # What the files still declare beside it is not released, and neither is what null resets.
    write_project(
        project, team=team("chat: {max_load: 4}, panel: null, notifications: {email: {}}")
    )
    gone = {"chat/max_load", "panel/theme"}
    assert {"/".join(path) for _, path, _ in released(live.plan(project))} == (
        RELEASED_SETTINGS - gone
    )


class TestEnd:
    def test_a_reset_and_a_new_declaration_end_it(self, live: Account, project: Path) -> None:
        for fields in ("role: admin", "role: null"):
            write_project(project, team=team(fields))
            assert live.plan(project)["released"] == []
        live.apply(project)
        write_project(project, team=team(""))
        assert live.plan(project)["released"] == []

    def test_a_value_that_somebody_changed_is_unmanaged_and_not_released(
        self, live: Account, project: Path
    ) -> None:
        drift(live, "mia@acme.example", role="owner")
        plan = live.plan(project)
        assert plan["released"] == []
        assert [(one["path"], one["live"]) for one in plan["unmanaged"]] == [(["role"], "owner")]

    def test_after_the_next_complete_apply_it_is_unmanaged(
        self, live: Account, project: Path
    ) -> None:
        """The apply shows it once more. From then on no plan can forget it."""
        result = live.run("apply", str(project), "--yes")
        assert HEADLINE in result.stdout
        plan = live.plan(project)
        assert plan["released"] == []
        assert [(one["path"], one["live"]) for one in plan["unmanaged"]] == [(["role"], "admin")]
        assert "2  " in (runs := live.run("runs", str(project)).stdout)
        assert "apply  environment  complete: nothing to change" in runs

    def test_a_partial_apply_ends_it_only_for_its_part(self, live: Account, project: Path) -> None:
        only_bob = ("--yes", "--only", "agent/bob@acme.example")
        assert live.run("apply", str(project), *only_bob).exit_code == 0
        assert released(live.plan(project)) == [(MIA, ["role"], "admin")]
        assert live.plan(project, "--only", "agent/bob@acme.example")["released"] == []
        assert live.run("apply", str(project), "--yes", "--only", MIA).exit_code == 0
        assert live.plan(project)["released"] == []

    def test_an_apply_that_fails_does_not_end_it(self, live: Account, project: Path) -> None:
        write_project(project, team=team("", BOB.replace("name: Bob", "name: Robert")))
        live.server.faults.add(Fault("status", method="PUT", status=400, times=0))
        assert live.run("apply", str(project), "--yes").exit_code in {1, 4}
        live.server.faults.clear()
        assert released(live.plan(project)) == [(MIA, ["role"], "admin")]

    def test_an_undo_ends_it(self, live: Account, project: Path) -> None:
        write_project(project, team=team("role: owner"))
        live.apply(project)
        assert live.run("undo", "2", str(project), "--yes").exit_code == 0
        write_project(project, team=team(""))
        assert live.plan(project)["released"] == []

    def test_a_deletion_releases_nothing(self, live: Account, project: Path) -> None:
        write_project(
            project,
            team=f"{SUPPORT}agents: [{BOB}]\n",
            provisioner="manage: {agents: {undeclared: delete}}\n",
        )
        plan = live.plan(project)
        assert changes(plan) == {MIA: "delete"}
        assert plan["released"] == []

    def test_declared_absent_releases_nothing(self, live: Account, project: Path) -> None:
        write_project(project, team=team("state: absent"))
        assert live.plan(project)["released"] == []


class TestKnowledge:
    def test_an_apply_without_changes_records_what_the_files_set(
        self, live: Account, tmp_path: Path
    ) -> None:
        """Right after an export nothing differs, but from then on the files own the role."""
        project = applied(live, tmp_path / "p", "")
        drift(live, "mia@acme.example", role="admin")
        write_project(project, team=team("role: admin"))
        assert changes(live.plan(project)) == {}
        live.apply(project)
        live.apply(project)
        assert len(list((project / ".provisioner/runs").iterdir())) == 2
        write_project(project, team=team(""))
        assert released(live.plan(project)) == [(MIA, ["role"], "admin")]

    def test_the_apply_of_a_saved_plan_records_it_too(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team("role: admin"))
        saved = tmp_path / "plan.json"
        live.run("plan", str(project), "--out", str(saved))
        assert live.run("apply", str(saved), "--yes").exit_code == 0
        write_project(project, team=team(""))
        assert released(live.plan(project)) == [(MIA, ["role"], "admin")]

    def test_a_rename_keeps_it(self, live: Account, project: Path) -> None:
        mia = "{email: mia.chen@acme.example, name: Mia, previously: mia@acme.example}"
        write_project(project, team=f"{SUPPORT}agents: [{mia}, {BOB}]\n")
        assert released(live.plan(project)) == [("agent/mia.chen@acme.example", ["role"], "admin")]

    def test_a_renamed_department_keeps_it(self, live: Account, tmp_path: Path) -> None:
        project = applied(live, tmp_path / "p", "departments: {Support: {chats: true}}")
        text = team("departments: {Help: {}}")
        text = text.replace("{name: Support}", "{name: Help, previously: Support}")
        write_project(project, team=text)
        assert released(live.plan(project)) == [(MIA, ["departments", "Help", "chats"], True)]

    def test_a_membership_that_stays_among_changed_ones(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = applied(
            live, tmp_path / "p", "departments: {Support: {chats: true}, Sales: {tickets: true}}"
        )
        mia = live.agent("mia@acme.example")
        sales = next(row for row in live.everything("/departments") if row["name"] == "Sales")
        path = f"/departments/{sales['department_id']}/{mia['id']}"
        live.call("DELETE", path)
        write_project(project, team=team(""))
        assert released(live.plan(project)) == [(MIA, ["departments", "Support"], {"chats": True})]

    def test_fields_that_the_project_did_not_enforce_are_not_released(
        self, live: Account, tmp_path: Path
    ) -> None:
        policy = "initial: [agents.role]\n"
        project = applied(live, tmp_path / "p", "role: admin", provisioner=policy)
        write_project(project, team=team(""))
        assert live.plan(project)["released"] == []

    def test_files_of_the_base_that_were_never_applied(self, live: Account, tmp_path: Path) -> None:
        """The account has another value, so the files did not set it."""
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team=team(""))
        live.apply(repository.folder)
        repository.commit("Not applied", team=team("role: admin"))
        repository.branch("change")
        repository.commit("Withdraw", team=team(""))
        assert live.plan(repository.folder, "--base", "main")["released"] == []

    def test_base_and_record_together_list_it_once(self, live: Account, tmp_path: Path) -> None:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team=team("role: admin"))
        live.apply(repository.folder)
        repository.branch("change")
        commit = repository.commit("Lose it", team=team(""))
        plan = live.plan(repository.folder, "--base", "main")
        assert plan["released"] == [
            {"address": MIA, "path": ["role"], "value": "admin", "since": commit}
        ]

    def test_a_snapshot_and_a_record(self, live: Account, project: Path, tmp_path: Path) -> None:
        file = str(tmp_path / "account.snapshot")
        assert live.run("snapshot", str(project), "--out", file).exit_code == 0
        assert released(live.plan(project, "--snapshot", file)) == [(MIA, ["role"], "admin")]


class TestDrift:
    def test_it_lists_what_is_released(self, live: Account, project: Path) -> None:
        result = live.run("drift", str(project), "--detailed-exitcode")
        assert result.exit_code == 2
        assert "role: stays admin, not declared since run 1" in result.stdout
        assert "1 value no longer managed" in result.stdout
        data = json.loads(live.run("drift", str(project), "--format", "json").stdout)
        assert [one["path"] for one in data["released"]] == [["role"]]

    def test_all_as_declared_is_not_shown_with_a_released_default(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = applied(live, tmp_path / "p", "role: agent", provisioner="version: 1\n")
        write_project(project, team=team(""))
        result = live.run("drift", str(project), "--detailed-exitcode")
        assert result.exit_code == 0
        assert "all as the files declare" not in result.stdout
        assert "role: stays agent" in result.stdout


def test_api_v3_shows_a_released_role(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        people = "agents: [{email: mia@acme.example, name: Mia%s}]\n"
        project = write_project(tmp_path / "p", team=people % ", role: admin")
        live.apply(project)
        write_project(project, team=people % "")
        assert released(live.plan(project)) == [(MIA, ["role"], "admin")]
