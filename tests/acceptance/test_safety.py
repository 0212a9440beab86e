"""What is refused before the first write, and how a run is allowed past it."""

from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
from tests.support import Account, account, changes, write_project


def team(count: int, *, absent: int = 0, level: str = "Junior") -> str:
    agents = ", ".join(
        f"{{email: a{n:02}@acme.example, name: A, level: {level}"
        + (", state: absent}" if n < absent else "}")
        for n in range(count)
    )
    return f"agents: [{agents}]"


def refused(live: Account, project: Path, code: str, *allow: str) -> str:
    """Check that plan and apply refuse with exit code 3 and write nothing."""
    live.server.requests.clear()
    for command in (["plan"], ["apply", "--yes"]):
        result = live.run(command[0], str(project), *command[1:], *allow)
        assert result.exit_code == 3, result.output
        assert f"[{code}]" in result.stderr
        assert "Plan for environment" in result.stdout
    assert live.writes() == []
    return " ".join(result.stderr.split())


class TestGuards:
    def test_more_deletions_than_allowed(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(8))
        live.apply(project)
        write_project(project, team=team(8, absent=6))
        output = refused(live, project, "too-many-deletes")
        assert "6 of 9 agents with deletes, more than 5" in output
        assert "--allow deletes=6" in output
        refused(live, project, "too-many-deletes", "--allow", "deletes=5")
        result = live.run("apply", str(project), "--yes", "--allow", "deletes=6")
        assert result.exit_code == 0, result.output

    def test_a_larger_share_of_deletions(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(12))
        live.apply(project)
        write_project(project, team=team(12, absent=2))
        assert "2 of 13 agents with deletes, more than 10 %" in refused(
            live, project, "too-many-deletes"
        )
        write_project(project, provisioner="guards: {max_delete_percent: 20}")
        assert live.run("plan", str(project)).exit_code == 0

    def test_a_larger_share_of_updates(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(12))
        live.apply(project)
        write_project(project, team=team(12, level="Senior"))
        assert "--allow updates=12" in refused(live, project, "too-many-updates")
        assert live.run("plan", str(project), "--allow", "updates=12").exit_code == 0

    def test_shares_of_few_don_t_count(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(4))
        live.apply(project)
        write_project(project, team=team(4, absent=4))
        assert live.run("apply", str(project), "--yes").exit_code == 0

    def test_a_project_of_another_account(self, live: Account, tmp_path: Path) -> None:
        live.apply(write_project(tmp_path / "p", team=team(12)))
        other = write_project(tmp_path / "q", team="agents: [{email: x@other.example, name: X}]")
        assert "none of the 13 agents" in refused(live, other, "no-live-agent-declared")
        assert live.run("plan", str(other), "--allow", "unmatched=13").exit_code == 0

    @pytest.mark.parametrize("word", ["deletes", "deletes=x", "all=1", "deletes=-1", "=3"])
    def test_an_allowance_is_a_word_and_a_number(
        self, live: Account, tmp_path: Path, word: str
    ) -> None:
        project = write_project(tmp_path / "p", team=team(1))
        assert live.run("plan", str(project), "--allow", word).exit_code == 64


class TestProtection:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ("state: absent", "deleted"),
            ("role: agent", "demoted"),
            ("departments: {}", "stripped"),
        ],
    )
    def test_holds_whatever_the_files_say(
        self, live: Account, tmp_path: Path, change: str, field: str
    ) -> None:
        head = "departments: [{name: Support}]\n"
        agent = "agents: [{email: boss@acme.example, name: Boss, %s}]"
        project = write_project(
            tmp_path / "p", team=head + agent % "role: admin, departments: {Support: {chats: true}}"
        )
        live.apply(project)
        write_project(
            project,
            team=head + agent % change,
            provisioner='protect: {agents: ["boss@*"]}',
        )
        assert field in refused(live, project, "protected")

    def test_of_the_key_s_own_account_and_the_last_owner(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(
            tmp_path / "p", team="agents: [{email: owner@acme.example, state: absent}]"
        )
        output = refused(live, project, "protected")
        assert "the API key belongs to it" in output
        assert "0 of 1 owners would stay" in output

    def test_of_the_key_s_own_account_holds_on_v3_too(self, tmp_path: Path) -> None:
        with account(tmp_path, surface="v3") as live:
            project = write_project(
                tmp_path / "p", team="agents: [{email: owner@acme.example, role: admin}]"
            )
            assert "the API key belongs to it" in refused(live, project, "protected")

    def test_a_department_that_somebody_stays_in(self, live: Account, tmp_path: Path) -> None:
        head = "departments: [{name: Support%s}]\n"
        project = write_project(
            tmp_path / "p",
            team=head % ""
            + "agents: [{email: mia@acme.example, name: Mia, departments: {Support: {}}}]",
        )
        live.apply(project)
        write_project(project, team=head % ", state: absent")
        assert "still used by mia@acme.example" in refused(live, project, "department-in-use")


class TestUndeclared:
    def test_is_deleted_where_the_project_says_so(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(3))
        live.apply(project)
        policy = "manage: {agents: {undeclared: delete}, departments: {undeclared: delete}}\n"
        write_project(project, team=team(1), provisioner=policy)
        plan = live.plan(project)
        assert changes(plan) == {
            "agent/a01@acme.example": "delete",
            "agent/a02@acme.example": "delete",
        }
        assert {c["action_reason"] for c in plan["resource_changes"]} == {"undeclared", "in-sync"}
        assert {entry["address"] for entry in plan["undeclared"]} == {
            "agent/owner@acme.example",
            "department/General",
        }
        write_project(project, provisioner=policy + 'protect: {agents: ["a02@*"]}')
        assert changes(live.plan(project)) == {"agent/a01@acme.example": "delete"}
        live.apply(project)
        assert changes(live.plan(project)) == {}

    def test_is_not_even_told_where_it_is_to_be_ignored(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(
            tmp_path / "p",
            team=team(1),
            provisioner="manage: {agents: {undeclared: ignore}}",
        )
        assert [entry["address"] for entry in live.plan(project)["undeclared"]] == [
            "department/General"
        ]


class TestRisk:
    def test_is_told_for_each_change(self, live: Account, tmp_path: Path) -> None:
        text = """
            departments: [{name: Support}]
            roles: [{name: Lead, permissions: {manage_agents: %s}}]
            agents:
              - {email: mia@acme.example, name: Mia, role: %s, departments: {Support: {chats: %s}}}
              - {email: bob@acme.example, name: Bob%s}
              - {email: ann@acme.example, name: Ann, role: admin%s}
        """
        project = write_project(
            tmp_path / "p", team=text % ("revoke", "agent", "true", "", ", state: absent")
        )
        live.apply(project)

        def risks() -> dict[str, list[str]]:
            return {
                change["address"]: change["risk"]
                for change in live.plan(project)["resource_changes"]
                if change["risk"]
            }

        write_project(
            project, team=text % ("grant", "Lead", "false", ", state: absent", ", state: absent")
        )
        assert risks() == {
            "agent/bob@acme.example": ["deletes"],
            "agent/mia@acme.example": ["removes-access", "raises-rights", "logs-out"],
            "role/Lead": ["raises-rights"],
        }
        live.apply(project)
        write_project(
            project, team=text % ("grant", "agent", "false", ", state: absent", ", state: absent")
        )
        assert risks() == {"agent/mia@acme.example": ["lowers-rights", "logs-out"]}
        write_project(project, team=text % ("grant", "admin", "false", "", ""))
        assert risks() == {
            "agent/ann@acme.example": ["raises-rights", "sends-mail"],
            "agent/mia@acme.example": ["raises-rights", "logs-out"],
        }

    def test_who_loses_access_comes_first(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=team(3))
        live.apply(project)
        write_project(project, team=team(3, absent=1))
        _, _, sections = live.run("plan", str(project)).stdout.partition("\n\n")
        assert sections.startswith(
            "Loses access\n  - A  a00@acme.example  is deleted  team.yaml:1\n"
        )


def test_an_apply_that_was_cut_short_can_be_run_again(live: Account, tmp_path: Path) -> None:
    """All agents exist by then and are half made: that is no mass update."""
    agents = ", ".join(
        f"{{email: a{n:02}@acme.example, name: A, alias: X, availability: {{tickets: online}}, "
        "chat: {max_load: 2}, departments: {Support: {chats: true}}}"
        for n in range(14)
    )
    project = write_project(
        tmp_path / "p", team=f"departments: [{{name: Support}}]\nagents: [{agents}]"
    )
    live.server.faults.add(Fault(kind="status", status=400, method="PUT", times=0))
    assert live.run("apply", str(project), "--yes").exit_code == 4
    live.server.faults.clear()
    live.apply(project)
    assert changes(live.plan(project)) == {}


def test_brackets_are_no_pattern(live: Account, tmp_path: Path) -> None:
    departments = 'departments: [{name: "Team [A]"%s}, {name: Team A}]'
    project = write_project(tmp_path / "p", team=departments % "")
    live.apply(project)
    write_project(
        project,
        team=departments % ", state: absent",
        provisioner='protect: {departments: ["Team [A]"]}',
    )
    refused(live, project, "protected")
    assert live.run("plan", str(project), "--only", "department/team [a]").exit_code == 3
