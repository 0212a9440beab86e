"""Newcomers under old names, and chains of renames: nobody gets the account of another."""

from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
from tests.claims import BOTH, TEAM, check_empty, codes, ids
from tests.support import Account, account, changes, write_project


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    return folder


class TestNewcomers:
    """A rename and a newcomer under the old name are one rename and then one creation."""

    @pytest.mark.parametrize("saved", [False, True])
    def test_a_saved_plan_does_the_same(
        self, live: Account, project: Path, tmp_path: Path, *, saved: bool
    ) -> None:
        rina = live.agent("rina@mill.example")["id"]
        write_project(project, team=BOTH)
        assert changes(live.plan(project)) == {
            "agent/rina.hale@mill.example": "update",
            "agent/rina@mill.example": "create",
        }
        path, file = str(project), str(tmp_path / "plan.json")
        if saved:
            live.run("plan", path, "--out", file)
            path = file
        result = live.run("apply", path, "--yes")
        assert result.exit_code == 0, result.output
        assert live.agent("rina.hale@mill.example")["id"] == rina
        assert live.agent("rina@mill.example")["id"] != rina
        check_empty(live, project, "rename-applied")

    def test_members_and_roles_follow_the_renamed(self, live: Account, project: Path) -> None:
        departments, roles = ids(live, "/departments"), ids(live, "/roles")
        write_project(
            project,
            team="""
                departments: [{name: Cereals, previously: Grain}, {name: Grain}, {name: Flour}]
                roles:
                  - {name: Head miller, previously: Miller, permissions: {manage_agents: grant}}
                  - {name: Miller}
                agents:
                  - email: rina@mill.example
                    role: Head miller
                    departments: {Cereals: {tickets: true}}
                  - email: otto@mill.example
                    role: Miller
                    departments: {Grain: {tickets: true}, Flour: {tickets: true}}
            """,
        )
        plan = live.plan(project)
        assert "agent/rina@mill.example" not in changes(plan)
        live.apply(project)
        now = ids(live, "/departments")
        assert now["Cereals"] == departments["Grain"] != now["Grain"]
        assert ids(live, "/roles")["Head miller"] == roles["Miller"]
        assert live.agent("otto@mill.example")["roleId"] == ids(live, "/roles")["Miller"]
        check_empty(live, project, "rename-applied")

    def test_a_rename_that_fails_skips_the_newcomer_and_the_next_run_does_both(
        self, live: Account, project: Path
    ) -> None:
        rina = live.agent("rina@mill.example")["id"]
        write_project(project, team=BOTH)
        fault = Fault("status", method="PUT", path=f"/agents/{rina}$", status=403)
        live.server.faults.add(fault)
        assert "1 skipped" in live.apply(project, exit_code=4)
        assert "rina.hale@mill.example" not in ids(live)
        assert live.agent("rina@mill.example")["name"] == "Rina Vale"
        live.apply(project)
        assert live.agent("rina.hale@mill.example")["id"] == rina

    def test_a_run_that_ends_between_the_two_is_finished(
        self, live: Account, project: Path
    ) -> None:
        rina = live.agent("rina@mill.example")["id"]
        write_project(project, team=BOTH)
        fault = Fault("status", method="POST", path="/agents$", status=403)
        live.server.faults.add(fault)
        live.apply(project, exit_code=4)
        live.apply(project)
        assert live.agent("rina.hale@mill.example")["id"] == rina
        assert live.agent("rina@mill.example")["name"] == "Rina Young"
        check_empty(live, project)

    def test_a_new_owner_under_the_email_of_the_old_one_waits_for_the_rename(
        self, live: Account, project: Path
    ) -> None:
        owner = live.agent("owner@acme.example")["id"]
        write_project(
            project,
            team="""
                agents:
                  - {email: boss@acme.example, previously: owner@acme.example, name: Boss}
                  - {email: owner@acme.example, name: Next, role: owner}
            """,
        )
        live.apply(project)
        assert live.agent("boss@acme.example")["id"] == owner
        check_empty(live, project)

    @pytest.mark.parametrize("surface", ["full", "v3"])
    def test_the_newcomer_is_not_renamed_when_the_renamed_has_gone(
        self, tmp_path: Path, surface: str
    ) -> None:
        """By names alone that is the state before the rename."""
        with account(tmp_path, surface=surface) as live:
            project = write_project(tmp_path / "p", team="agents: [{email: rina@mill.example, "
                                    "name: Rina Vale}]")  # fmt: skip
            live.apply(project)
            live.apply(write_project(project, team=BOTH))
            live.call("DELETE", f"/agents/{live.agent('rina.hale@mill.example')['id']}")
            young = live.agent("rina@mill.example")["id"]
            code, errors = codes(live, "apply", project, "--yes")
            assert code == 1
            assert "[rename-unclear]" in errors
            assert ("[email-of-deleted]" in errors) == (surface == "full")
            assert live.agent("rina@mill.example")["id"] == young

    def test_an_overlay_renames_on_its_target_only(self, live: Account, project: Path) -> None:
        (project / "targets/environment").mkdir(parents=True)
        write_project(project, team="agents: [{email: rina.hale@mill.example, name: Rina Hale}]")
        write_project(
            project / "targets/environment",
            rename="agents: [{email: rina.hale@mill.example, previously: rina@mill.example}]",
        )
        assert changes(live.plan(project)) == {"agent/rina.hale@mill.example": "update"}

    def test_hours_of_the_renamed_are_read_under_the_old_email(self, tmp_path: Path) -> None:
        team = """
            departments: [{name: Grain}]
            agents:
              - %s
                name: Rina Vale
                departments: {Grain: {}}
                hours: [{days: [%s], from: "09:00", to: "10:00", services: [chats]}]
        """
        project = write_project(tmp_path / "p", team=team % ("email: rina@mill.example", "mon"))
        with account(tmp_path) as live:
            live.apply(project)
            rina = live.agent("rina@mill.example")["id"]
        with account(tmp_path, surface="v3") as live:
            for tie, email in (("id: " + rina, "rina.b"), ("previously: rina.b@mill.example", "c")):
                entry = f"email: {email}@mill.example\n                {tie}"
                write_project(project, team=team % (entry, "tue" if email == "c" else "mon"))
                fields = live.plan(project)["resource_changes"][0]["fields"]
                named = [".".join(field["path"]) for field in fields]
                assert named == ["email"] if email == "rina.b" else "hours.Grain.chats.tue" in named
                live.apply(project)
            check_empty(live, project)


class TestChains:
    """Renames wait for the names that they need."""

    def test_a_chain_of_each_kind(self, live: Account, project: Path) -> None:
        agents, departments = ids(live), ids(live, "/departments")
        write_project(
            project,
            team="""
                departments:
                  - {name: Flour, previously: Grain}
                  - {name: Baking, previously: Flour}
                  - {name: Grain}
                agents:
                  - email: otto@mill.example
                    previously: rina@mill.example
                    name: Rina Vale
                    departments: {Flour: {tickets: true}}
                  - {email: pell@mill.example, previously: otto@mill.example, name: Otto Pell}
            """,
        )
        live.apply(project)
        now = ids(live, "/departments")
        assert (now["Flour"], now["Baking"]) == (departments["Grain"], departments["Flour"])
        assert now["Grain"] not in departments.values()
        assert ids(live)["otto@mill.example"] == agents["rina@mill.example"]
        assert ids(live)["pell@mill.example"] == agents["otto@mill.example"]
        check_empty(live, project)

    @pytest.mark.parametrize("tie", ["previously", "id"])
    def test_a_circle_shows_the_way_out(self, live: Account, project: Path, tie: str) -> None:
        known = ids(live)
        first, second = "rina@mill.example", "otto@mill.example"
        values = (first, second) if tie == "previously" else (known[first], known[second])
        write_project(
            project,
            team=f"agents: [{{email: {second}, {tie}: {values[0]}, name: Rina Vale}}, "
            f"{{email: {first}, {tie}: {values[1]}, name: Otto Pell}}]",
        )
        code, errors = codes(live, "plan", project)
        assert code == 1
        assert "[rename-circle]" in errors
        assert "temporary email" in errors
        valid = live.run("validate", str(project)).exit_code
        assert valid == (1 if tie == "previously" else 0)

    def test_undo_brings_a_chain_back(self, live: Account, project: Path) -> None:
        known = ids(live, "/departments")
        write_project(
            project,
            team="""
                departments: [{name: Flour, previously: Grain}, {name: Baking, previously: Flour}]
                agents: [{email: rina@mill.example}]
            """,
        )
        live.apply(project)
        assert ids(live, "/departments") != known
        result = live.run("undo", "2", str(project), "--yes")
        assert result.exit_code == 0, result.output
        assert ids(live, "/departments") == known

    def test_undo_leaves_a_rename_whose_old_email_a_newcomer_had(
        self, live: Account, project: Path
    ) -> None:
        rina = live.agent("rina@mill.example")["id"]
        write_project(project, team=BOTH)
        live.apply(project)
        result = live.run("undo", "2", str(project), "--yes")
        assert result.exit_code == 0, result.output
        assert "another object now has the former" in result.output
        assert live.agent("rina.hale@mill.example")["id"] == rina
