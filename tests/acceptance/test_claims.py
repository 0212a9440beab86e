"""One claim for one object: absent entries, contradictions, moves, and parts of a plan."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.claims import BOTH, RENAMED, TEAM, check_empty, codes, ids
from tests.support import Account, account, changes, write_project


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    return folder


class TestAbsent:
    """Absent entries claim as all others do."""

    @pytest.mark.parametrize("tie", ["id", "previously"])
    def test_a_deletion_names_the_live_object(self, live: Account, project: Path, tie: str) -> None:
        agents, departments = ids(live), ids(live, "/departments")
        value = {"id": agents["rina@mill.example"], "previously": "rina@mill.example"}[tie]
        grain = {"id": departments["Grain"], "previously": "Grain"}[tie]
        team = f"""
            agents:
              - {{email: before@mill.example, {tie}: {value}, state: absent}}
              - {{email: otto@mill.example}}
            departments: [{{name: Loft, {tie}: "{grain}", state: absent}}]
        """
        write_project(project, team=team)
        plan = live.plan(project)
        assert changes(plan) == {"agent/rina@mill.example": "delete", "department/Grain": "delete"}
        assert "agent/rina@mill.example" not in {one["address"] for one in plan["undeclared"]}
        live.apply(project)
        check_empty(live, project, "nothing-to-delete")
        assert live.plan(project)["missing"] == ["agent/before@mill.example", "department/Loft"]

    def test_a_deletion_or_suspension_that_finds_nobody_is_named(
        self, live: Account, project: Path
    ) -> None:
        gone = (
            "{email: bbo@mill.example, state: absent}, {email: ev@mill.example, state: suspended}"
        )
        write_project(project, team=f"agents: [{gone}, {{email: rina@mill.example}}]")
        for format_, quote in (("text", ""), ("markdown", "`")):
            shown = live.run("plan", str(project), "--format", format_).stdout
            absent = "Not in the account, so there is nothing to delete or suspend: "
            named = [f"{quote}agent/{name}@mill.example{quote}" for name in ("bbo", "ev")]
            assert absent + ", ".join(named) in " ".join(shown.split())

    def test_protection_holds_under_the_live_name_too(self, live: Account, project: Path) -> None:
        policy = 'protect: {agents: ["rina@mill.example"]}'
        rina = live.agent("rina@mill.example")["id"]
        for entry in (
            f"{{email: other@mill.example, id: {rina}, state: absent}}",
            f"{{email: other@mill.example, id: {rina}, state: suspended}}",
            "{email: other@mill.example, previously: rina@mill.example, departments: {}}",
        ):
            team = f"agents: [{entry}, {{email: otto@mill.example}}]"
            write_project(project, team=team, provisioner=policy)
            code, errors = codes(live, "apply", project, "--yes")
            assert (code, "[protected]" in errors) == (3, True), errors

    @pytest.mark.parametrize("tie", ["previously: {name}@mill.example", "id: {id}"])
    def test_protection_of_the_declared_name_holds_for_a_deletion(
        self, live: Account, project: Path, tie: str
    ) -> None:
        policy = 'protect: {agents: ["new@mill.example"]}'
        claim = tie.format(name="rina", id=live.agent("rina@mill.example")["id"])
        team = f"agents: [{{email: new@mill.example, {claim}, state: absent}}]"
        write_project(project, team=team, provisioner=policy)
        code, errors = codes(live, "apply", project, "--yes")
        assert (code, "[protected]" in errors) == (3, True), errors

    @pytest.mark.parametrize("surface", ["full", "v3"])
    def test_the_account_of_the_key_is_never_suspended(self, tmp_path: Path, surface: str) -> None:
        """Not even where that would change nothing."""
        project = write_project(
            tmp_path / "p", team="agents: [{email: owner@acme.example, state: suspended}]"
        )
        with account(tmp_path, surface=surface) as live:
            code, errors = codes(live, "apply", project, "--yes")
            assert code == 3
            assert "can't be suspended" in errors
            assert live.writes() == []


CONTRADICTIONS = {
    "the same previously": "agents: [{email: a@x.example, previously: rina@mill.example}, "
    "{email: b@x.example, previously: Rina@mill.example}]",
    "the same id": "departments: [{name: A, id: one}, {name: B, id: one}]",
    "renamed and absent": f"agents: [{RENAMED}, {{email: rina@mill.example, state: absent}}]",
    "absent by a former name that lives on": "roles: [{name: Old, previously: Miller, "
    "state: absent}, {name: Miller}]",
    "its own former name": "departments: [{name: Grain, previously: GRAIN}]",
    "a circle of three": "roles: [{name: A, previously: B}, {name: B, previously: C}, "
    "{name: C, previously: A}]",
}


@pytest.mark.parametrize("team", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_validate_finds_what_the_files_show(tmp_path: Path, team: str, live: Account) -> None:
    project = write_project(tmp_path / "p", team=team)
    result = live.run("validate", str(project))
    assert result.exit_code == 1
    assert "[claimed-twice]" in result.stdout or "[rename-circle]" in result.stdout


PLAN_CONTRADICTIONS: dict[str, tuple[str, str]] = {
    "an id that another entry names": (
        "agents: [{email: new@mill.example, id: RINA, state: absent}, {email: rina@mill.example}]",
        "claimed-twice",
    ),
    "an id and the same former name": (
        f"agents: [{{email: a@mill.example, id: RINA}}, {RENAMED}]",
        "claimed-twice",
    ),
    "a suspended newcomer": (
        f"agents: [{RENAMED}, {{email: rina@mill.example, state: suspended}}]",
        "claimed-twice",
    ),
    "the id of another object": (
        "agents: [{email: otto@mill.example, id: RINA, state: absent}]",
        "id-mismatch",
    ),
    "an id that nothing has": (
        "departments: [{name: Grain, id: nothing, state: absent}]",
        "id-mismatch",
    ),
    "both names alive": (
        "agents: [{email: otto@mill.example, previously: rina@mill.example, state: absent}]",
        "rename-conflict",
    ),
}


@pytest.mark.parametrize(("team", "code"), PLAN_CONTRADICTIONS.values(), ids=PLAN_CONTRADICTIONS)
def test_a_plan_finds_what_the_account_shows(
    live: Account, project: Path, team: str, code: str
) -> None:
    rina = live.agent("rina@mill.example")["id"]
    write_project(project, team=team.replace("RINA", rina))
    exit_code, errors = codes(live, "plan", project)
    assert exit_code == 1
    assert f"[{code}]" in errors


@pytest.mark.parametrize("command", [["plan"], ["drift"], ["apply", "--yes"]])
def test_warnings_of_the_files_are_shown_by_every_command_that_uses_them(
    live: Account, project: Path, command: list[str]
) -> None:
    write_project(
        project,
        team="departments: [{name: Grain, previously: Flour}, {name: Flour, previously: Grain}]",
    )
    result = live.run(*command, str(project))
    assert result.stderr.count("[rename-circle]") == 1


class TestMoves:
    """A domain that has moved ties as `previously` does, and never to a newcomer."""

    POLICY = 'moves: [{from: "@mill.example", to: "@new.example"}]'

    def plan(self, live: Account, project: Path, team: str) -> tuple[int, str]:
        write_project(project, team=f"agents: [{team}]", provisioner=self.POLICY)
        return codes(live, "plan", project)

    def test_an_entry_that_is_not_renamed_keeps_its_account(
        self, live: Account, project: Path
    ) -> None:
        """Somebody new in the new domain has the same mailbox as somebody in the old one."""
        same = "{email: rina@mill.example, name: Rina Vale}, {email: rina@new.example, name: New}"
        code, errors = self.plan(live, project, same)
        assert code == 1
        assert "[rename-unclear]" in errors

    def test_an_absent_entry_of_the_old_email_is_a_contradiction(
        self, live: Account, project: Path
    ) -> None:
        gone = "{email: rina@mill.example, state: absent}, {email: rina@new.example, name: New}"
        code, errors = self.plan(live, project, gone)
        assert code == 1
        assert "[claimed-twice]" in errors


def test_a_rename_to_the_email_of_a_deleted_account_is_refused(
    live: Account, project: Path
) -> None:
    live.call("DELETE", f"/agents/{live.agent('otto@mill.example')['id']}")
    team = "{email: otto@mill.example, previously: rina@mill.example, name: Rina Vale}"
    write_project(project, team=f"agents: [{team}]")
    code, errors = codes(live, "plan", project)
    assert code == 1
    assert "[email-of-deleted]" in errors


class TestScope:
    """A part of a plan never takes a name that is not free."""

    def test_only_takes_the_rename_along(self, live: Account, project: Path) -> None:
        write_project(project, team=BOTH)
        plan = live.plan(project, "--only", "agent/rina@mill.example")
        assert set(changes(plan)) == {"agent/rina@mill.example", "agent/rina.hale@mill.example"}

    def test_what_is_left_out_is_named(self, live: Account, project: Path) -> None:
        write_project(
            project,
            team="""
                departments: [{name: Cereals, previously: Grain}, {name: Grain}, {name: Flour}]
                agents: [{email: otto@mill.example, departments: {Grain: {}, Flour: {}}}]
            """,
        )
        options = ("--exclude", "department/Cereals")
        write_project(project, more="agents: [{email: rina@mill.example, name: Rina}]")
        plan = live.plan(project, *options)
        assert changes(plan) == {"agent/rina@mill.example": "update"}
        assert plan["left_out"] == [
            {"address": "agent/otto@mill.example", "needs": "department/Grain"},
            {"address": "department/Grain", "needs": "department/Cereals"},
        ]
        for format_ in ("text", "markdown", "html"):
            shown = live.run("plan", str(project), "--format", format_, *options).stdout
            assert "Also left out, since they need excluded objects" in " ".join(shown.split())


def test_by_hand_the_rename_comes_before_the_newcomer(tmp_path: Path) -> None:
    with account(tmp_path) as live:
        live.apply(write_project(tmp_path / "p", team=TEAM))
    project = write_project(
        tmp_path / "p",
        team="""
            departments: [{name: Wheat, previously: Grain}, {name: Grain}]
            roles: [{name: Old miller, previously: Miller}, {name: Miller}]
            agents: [{email: rina@mill.example}]
        """,
    )
    with account(tmp_path, surface="v3", switches=Switches()) as live:
        steps: list[dict[str, Any]] = live.plan(project)["manual_steps"]
    assert [step["todo"][0] for step in steps] == [
        'rename the department "Grain" to "Wheat"',
        'create the department "Grain"',
        'rename the role "Miller" to "Old miller", unless that was done',
        'create the role "Miller" if it does not exist',
    ]
