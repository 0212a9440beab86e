"""Projects that share an account: what is outside of a project's scope, and takeovers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, account, changes, write_project

SCOPE = """
    scope: {{agents: ["*@{team}.acme.example"], departments: [{department}]}}
    manage: {{agents: {{undeclared: delete}}, departments: {{undeclared: delete}}}}
    guards: {{max_delete: 9, max_delete_percent: 100, max_update_percent: 100}}
"""
SUPPORT = SCOPE.format(team="support", department="Support")
SALES = SCOPE.format(team="sales", department="Sales")
SUPPORT_TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@support.acme.example, name: Mia, role: admin,
         departments: {Support: {tickets: true}}}
      - {email: lead@support.acme.example, name: Lee, departments: {Support: {chats: true}}}
"""
SALES_TEAM = """
    departments: [{name: Sales}]
    agents:
      - {email: bob@sales.acme.example, name: Bob, departments: {Sales: {tickets: true}}}
      - {email: lead@sales.acme.example, name: Lena, departments: {Sales: {calls: true}}}
"""


def support(folder: Path, team: str = SUPPORT_TEAM, policy: str = SUPPORT) -> Path:
    return write_project(folder / "support", team=team, provisioner=policy)


def sales(folder: Path, team: str = SALES_TEAM, policy: str = SALES) -> Path:
    return write_project(folder / "sales", team=team, provisioner=policy)


def codes(live: Account, *arguments: str) -> tuple[int, str]:
    result = live.run(*arguments)
    return result.exit_code, result.output


def access(live: Account, project: Path) -> dict[str, Any]:
    result = live.run("access", str(project), "--format", "json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def marks(person: dict[str, Any]) -> dict[str, str]:
    """Return the mark of the role and of each department."""
    departments = {one["name"]: one["mark"] for one in person["departments"]}
    return {"role": person["role"]["mark"], **departments}


def empty(live: Account, *projects: Path) -> None:
    for project in projects:
        assert codes(live, "plan", str(project), "--detailed-exitcode")[0] == 0


@pytest.fixture
def both(live: Account, tmp_path: Path) -> tuple[Path, Path]:
    """Both projects, applied."""
    projects = support(tmp_path), sales(tmp_path)
    for project in projects:
        live.apply(project)
    return projects


def test_two_projects_in_turn_do_not_touch_each_other(
    live: Account, both: tuple[Path, Path], tmp_path: Path
) -> None:
    empty(live, *both)
    assert live.agent("bob@sales.acme.example")["status"] == "A"
    # Each changes and removes its own people, and the other project has nothing to do.
    support(tmp_path, SUPPORT_TEAM.replace("name: Lee", "name: Leo").replace("role: admin, ", ""))
    live.apply(both[0])
    empty(live, *both)
    without_bob = "\n".join(line for line in SALES_TEAM.splitlines() if "bob@" not in line)
    sales(tmp_path, without_bob)
    plan = live.plan(both[1])
    assert changes(plan) == {"agent/bob@sales.acme.example": "delete"}
    assert plan["undeclared"] == []
    live.apply(both[1])
    empty(live, *both)
    assert live.agent("mia@support.acme.example")["status"] == "A"


def test_the_same_holds_on_v3(both: tuple[Path, Path], tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as v3:
        empty(v3, *both)
        support(tmp_path, SUPPORT_TEAM.replace("name: Lee", "name: Leo"))
        without_bob = "\n".join(line for line in SALES_TEAM.splitlines() if "bob@" not in line)
        sales(tmp_path, without_bob)
        for project in both:
            v3.apply(project)
        empty(v3, *both)
        emails = {row["email"] for row in v3.everything("/agents") if row["status"] == "A"}
        assert "bob@sales.acme.example" not in emails
        assert {"mia@support.acme.example", "lead@sales.acme.example"} <= emails


class TestMemberships:
    """Memberships in departments outside of the scope stay as they are."""

    @pytest.fixture
    def helper(self, live: Account, both: tuple[Path, Path]) -> str:
        """Mia of support also works for sales, as somebody set by hand."""
        assert len(both) == 2
        [row] = [row for row in live.everything("/departments") if row["name"] == "Sales"]
        mia = live.agent("mia@support.acme.example")["id"]
        live.call("PUT", f"/departments/{row['department_id']}/{mia}", {})
        return str(mia)

    def members(self, live: Account, name: str) -> list[str]:
        [row] = [row for row in live.everything("/departments") if row["name"] == name]
        return list(row["agent_ids"])

    def test_they_are_no_change(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path, helper: str
    ) -> None:
        empty(live, *both)
        support(tmp_path, SUPPORT_TEAM.replace("Support: {tickets: true}", ""))
        plan = live.plan(both[0])
        [change] = [one for one in plan["resource_changes"] if one.get("fields")]
        assert [field["path"] for field in change["fields"]] == [["departments", "Support"]]
        live.apply(both[0])
        assert helper in self.members(live, "Sales")
        empty(live, *both)

    def test_a_suspension_keeps_and_names_them(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path, helper: str
    ) -> None:
        support(tmp_path, SUPPORT_TEAM.replace("role: admin", "state: suspended"))
        plan = live.plan(both[0])
        assert plan["leavers"][0]["stays"]["departments"] == ["Sales"]
        shown = " ".join(live.run("plan", str(both[0])).stdout.split())
        assert "stays in departments outside of the scope: Sales" in shown
        live.apply(both[0])
        assert helper in self.members(live, "Sales")
        assert helper not in self.members(live, "Support")
        empty(live, *both)

    def test_declaring_one_is_an_error(self, live: Account, tmp_path: Path) -> None:
        team = SUPPORT_TEAM.replace(
            "{name: Support}", "{name: Support}, {name: Sales, mode: import-only}"
        )
        project = support(tmp_path, team.replace("{chats: true}", "{chats: true}, Sales: {}"))
        code, output = codes(live, "validate", str(project))
        assert code == 1
        assert 'department "Sales" is outside of the scope [outside-scope]' in output
        assert output.count("[outside-scope]") == 1

    def test_access_leaves_them_out_with_the_people_outside(
        self, live: Account, both: tuple[Path, Path], helper: str
    ) -> None:
        owner = {"email": "boss@sales.acme.example", "name": "Boss", "role": "owner"}
        live.call("POST", "/agents", owner)
        assert helper
        listed = access(live, both[0])
        assert [(one["email"], marks(one)) for one in listed["people"]] == [
            ("mia@support.acme.example", {"role": "declared", "Support": "declared"}),
            ("lead@support.acme.example", {"role": "default", "Support": "declared"}),
        ]
        outside = listed["outside_scope"]
        people = len([row for row in live.everything("/agents") if row["status"] == "A"]) - 2
        assert outside == {"people": people, "memberships": 1}
        drift = json.loads(live.run("drift", str(both[0]), "--format", "json").stdout)
        assert drift["has_drift"] is False
        for ownership in (listed["ownership"], drift["ownership"]):
            assert ownership["people"] == ownership["declared_people"] == 2
            assert ownership["access"] == ownership["declared_access"]
            assert ownership["undeclared_powerful"] == []
        line = f"{people} people and 1 membership outside of the scope of this project: not listed."
        for format_ in ("text", "csv", "html"):
            shown = live.run("access", str(both[0]), "--format", format_).stdout
            assert "sales.acme.example" not in shown
            assert "not in your files" not in shown
            assert (line in shown) is (format_ != "csv")

    def test_access_marks_an_undeclared_agent_of_the_scope(
        self, live: Account, both: tuple[Path, Path]
    ) -> None:
        new = {"email": "new@support.acme.example", "name": "New", "role": "admin"}
        live.call("POST", "/agents", new)
        listed = access(live, both[0])
        found = {one["email"]: marks(one)["role"] for one in listed["people"]}
        assert found["new@support.acme.example"] == "undeclared"
        assert [one["name"] for one in listed["ownership"]["undeclared_powerful"]] == ["New"]

    def test_access_lists_an_entry_that_only_records_somebody_outside(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path
    ) -> None:
        outside = access(live, both[0])["outside_scope"]["people"]
        bob = """
      - {email: bob@sales.acme.example, name: Bob, mode: import-only,
         departments: {Sales: {tickets: true}}}
    """
        team = SUPPORT_TEAM.replace(
            "{name: Support}", "{name: Support}, {name: Sales, mode: import-only}"
        )
        support(tmp_path, team.rstrip() + bob)
        listed = access(live, both[0])
        found = {one["email"]: marks(one) for one in listed["people"]}
        assert found["bob@sales.acme.example"] == {"role": "default", "Sales": "declared"}
        assert listed["outside_scope"]["people"] == outside - 1


OUTSIDE = {
    "an agent": "agents: [{email: bob@sales.acme.example, name: Bob}]",
    "an absent agent": "agents: [{email: bob@sales.acme.example, state: absent}]",
    "a suspended agent": "agents: [{email: bob@sales.acme.example, state: suspended}]",
    "a former email": "agents: [{email: bob@support.acme.example, name: Bob, "
    "previously: bob@sales.acme.example}]",
    "a new email": "agents: [{email: mia@other.example, name: Mia, "
    "previously: mia@support.acme.example}]",
    "a department": "departments: [{name: Sales}]",
    "a renamed department": "departments: [{name: Support, previously: Sales}]",
}


@pytest.mark.parametrize("team", OUTSIDE.values(), ids=OUTSIDE)
def test_validate_refuses_what_the_files_show(live: Account, tmp_path: Path, team: str) -> None:
    project = support(tmp_path, team)
    code, output = codes(live, "validate", str(project))
    assert (code, "[outside-scope]" in output) == (1, True), output


CLAIMS = {
    "an id": ("agents: [{{email: bob@support.acme.example, name: Bob, id: {bob}}}]", ""),
    "an absent id": ("agents: [{{email: bob@support.acme.example, id: {bob}, state: absent}}]", ""),
    "a move": (
        "agents: [{{email: bob@support.acme.example, name: Bob}}]",
        "moves: [{from: '@sales.acme.example', to: '@support.acme.example'}]",
    ),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_plan_refuses_what_only_the_account_shows(
    live: Account, both: tuple[Path, Path], tmp_path: Path, case: str
) -> None:
    assert len(both) == 2
    team, more = CLAIMS[case]
    bob = live.agent("bob@sales.acme.example")["id"]
    project = support(tmp_path, team.format(bob=bob), f"{SUPPORT}    {more}\n")
    live.server.requests.clear()
    code, output = codes(live, "apply", str(project), "--yes")
    assert (code, "[outside-scope]" in output) == (1, True), output
    assert "takeover: [bob@sales.acme.example]" in output
    assert live.writes() == []


def test_a_takeover_is_explicit(live: Account, both: tuple[Path, Path], tmp_path: Path) -> None:
    """Bob goes to support: that project takes the account over, the other one lets it go."""
    newcomer = """
      - {email: bob@support.acme.example, name: Bob, previously: bob@sales.acme.example,
         departments: {Support: {tickets: true}}}
    """
    policy = f"{SUPPORT}    takeover: [Bob@Sales.acme.example]\n"
    project = support(tmp_path, SUPPORT_TEAM.rstrip() + newcomer, policy)
    bob = live.agent("bob@sales.acme.example")["id"]
    assert changes(live.plan(project)) == {"agent/bob@support.acme.example": "update"}
    live.apply(project)
    assert live.agent("bob@support.acme.example")["id"] == bob
    sales(tmp_path, "\n".join(line for line in SALES_TEAM.splitlines() if "bob@" not in line))
    empty(live, *both)


def test_a_deleted_account_is_restored_only_in_the_scope(
    live: Account, both: tuple[Path, Path], tmp_path: Path
) -> None:
    live.call("DELETE", f"/agents/{live.agent('bob@sales.acme.example')['id']}")
    team = "agents: [{email: bob@sales.acme.example, name: Bob}]"
    code, output = codes(live, "plan", str(support(tmp_path, team)))
    assert (code, "[outside-scope]" in output) == (1, True)
    assert changes(live.plan(both[1])) == {"agent/bob@sales.acme.example": "create"}


class TestShared:
    """Roles and departments that agents outside of the scope use."""

    ROLE = "roles: [{name: Senior, permissions: {manage_agents: grant}}]"

    def test_a_role_that_others_have_is_not_written(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path
    ) -> None:
        senior = SALES_TEAM.replace("name: Lena", "name: Lena, role: Senior") + f"    {self.ROLE}\n"
        sales(tmp_path, senior)
        live.apply(both[1])
        support(tmp_path, SUPPORT_TEAM + "    roles: [{name: Senior, permissions: {}}]\n")
        result = live.run("plan", str(both[0]), "--detailed-exitcode")
        assert result.exit_code == 0, result.output
        assert "[used-by-others]" in result.stderr
        assert "it differs in permissions.manage_agents" in result.stderr
        # The scope may list the role: then it belongs to this project, whoever has it.
        policy = SUPPORT.replace(
            "departments: [Support]", "departments: [Support], roles: [Senior]"
        )
        support(tmp_path, SUPPORT_TEAM + "    roles: [{name: Senior, permissions: {}}]\n", policy)
        assert changes(live.plan(both[0])) == {"role/Senior": "update"}

    def test_deleting_one_is_refused(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path
    ) -> None:
        senior = SALES_TEAM.replace("name: Lena", "name: Lena, role: Senior") + f"    {self.ROLE}\n"
        sales(tmp_path, senior)
        live.apply(both[1])
        support(tmp_path, SUPPORT_TEAM + "    roles: [{name: Senior, state: absent}]\n")
        code, output = codes(live, "apply", str(both[0]), "--yes")
        assert (code, "[role-in-use]" in output) == (3, True)

    def test_a_kind_without_patterns_is_never_pruned(
        self, live: Account, both: tuple[Path, Path], tmp_path: Path
    ) -> None:
        live.call("POST", "/roles", {"name": "Theirs", "permissions": {}})
        policy = SUPPORT.replace("manage: {", "manage: {roles: {undeclared: delete}, ")
        support(tmp_path, policy=policy)
        assert changes(live.plan(both[0])) == {}


def test_guards_count_the_people_in_the_scope(
    live: Account, both: tuple[Path, Path], tmp_path: Path
) -> None:
    policy = SUPPORT.replace("max_delete_percent: 100", "max_delete_percent: 40")
    policy = policy.replace("max_delete: 9", "max_delete: 9, min_population: 2")
    without_mia = """
        departments: [{name: Support}]
        agents:
          - {email: lead@support.acme.example, name: Lee, departments: {Support: {chats: true}}}
    """
    support(tmp_path, without_mia, policy)
    code, output = codes(live, "apply", str(both[0]), "--yes")
    assert code == 3
    assert "1 of 2 agents with deletes, more than 40 %" in output


def test_a_part_of_a_scoped_project_is_planned(
    live: Account, both: tuple[Path, Path], tmp_path: Path
) -> None:
    support(tmp_path, SUPPORT_TEAM.replace("name: Lee", "name: Leo").replace("Mia,", "Mira,"))
    plan = live.plan(both[0], "--only", "agent/lead@*")
    assert changes(plan) == {"agent/lead@support.acme.example": "update"}
    assert plan["policy"]["scope"]["agents"] == ["*@support.acme.example"]


def test_a_merged_export_adds_only_people_of_the_scope(
    live: Account, both: tuple[Path, Path]
) -> None:
    for email in ("new@support.acme.example", "new@sales.acme.example"):
        live.call("POST", "/agents", {"email": email, "name": "New"})
    result = live.run("export", str(both[0]), "--merge")
    assert result.exit_code == 0, result.output
    text = "".join(file.read_text("utf-8") for file in both[0].rglob("*.yaml"))
    assert "new@support.acme.example" in text
    assert "@sales.acme.example" not in text
