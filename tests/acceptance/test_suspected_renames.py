"""A creation that is probably a rename: shown in all formats, with the line to paste."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.repository import Repository
from tests.support import Account, account, changes, write_project

BLOCK = """
    departments:
      - name: Support
      - name: Grain
    agents:
      # The team of the mill.
      - email: {email}
        name: {name}  # since 2021
        departments:
          Support: {{tickets: true}}
      - {{email: otto.pell@acme.example, name: Otto Pell, departments: {{Support: {{}}}}}}
"""
FLOW = """
    departments: [{{name: Support}}]
    agents: [{{email: {email}, name: {name}, departments: {{Support: {{tickets: true}}}}}},
      {{email: otto.pell@acme.example, name: Otto Pell, departments: {{Support: {{}}}}}}]
"""
JSON = """
    {{"departments": [{{"name": "Support"}}], "agents": [
      {{"email": "{email}", "name": "{name}", "departments": {{"Support": {{"tickets": true}}}}}}
    ]}}
"""
SECOND = "departments: [{{name: Support}}]\n---\n" + BLOCK.replace("- name: Support\n", "").replace(
    "      - name: Grain", "  - name: Grain"
)
RINA = {"email": "rina.vale@acme.example", "name": "Rina Vale"}
MARRIED = {"email": "rina.hale@acme.example", "name": "Rina Hale"}


def applied(live: Account, folder: Path, **files: str) -> Path:
    project = write_project(folder / "p", **files)
    live.run("apply", str(project), "--yes")
    return project


def paste(project: Path, insert: Mapping[str, Any]) -> None:
    """Insert a text into a file as a person or a bot does."""
    file = project / insert["file"]
    lines = file.read_text("utf-8").splitlines(keepends=True)
    line, column = insert["line"] - 1, insert["column"] - 1
    if line == len(lines):
        lines.append("")
    lines[line] = f"{lines[line][:column]}{insert['text']}{lines[line][column:]}"
    file.write_text("".join(lines), "utf-8")


@pytest.mark.parametrize("team", [BLOCK, FLOW, JSON, SECOND], ids=["block", "flow", "json", "---"])
def test_a_marriage_is_suspected_and_the_pasted_line_makes_it_one_update(
    live: Account, tmp_path: Path, team: str
) -> None:
    project = applied(live, tmp_path, team=team.format(**RINA))
    rina = live.agent(RINA["email"])["id"]
    write_project(project, team=team.format(**MARRIED))
    plan = live.plan(project)
    (found,) = plan["suspected_renames"]
    assert found["address"] == "agent/rina.hale@acme.example"
    assert found["previously"] == "rina.vale@acme.example"
    assert [one["code"] for one in plan["warnings"]] == ["suspected-rename"]
    paste(project, found["insert"])
    plan = live.plan(project)
    assert changes(plan) == {"agent/rina.hale@acme.example": "update"}
    assert plan["suspected_renames"] == []
    live.apply(project)
    assert live.agent(MARRIED["email"])["id"] == rina
    assert changes(live.plan(project)) == {}


def test_a_marriage_on_v3(tmp_path: Path) -> None:
    """New memberships are manual steps there, so the declared departments are compared."""
    with account(tmp_path) as live:
        project = applied(live, tmp_path, team=BLOCK.format(**RINA))
    with account(tmp_path, surface="v3") as live:
        write_project(project, team=BLOCK.format(**MARRIED))
        (found,) = live.plan(project)["suspected_renames"]
        assert found["previously"] == RINA["email"]
        assert "same departments" in found["reasons"]
        paste(project, found["insert"])
        assert changes(live.plan(project)) == {"agent/rina.hale@acme.example": "update"}


def test_each_format_shows_it_first(live: Account, tmp_path: Path) -> None:
    project = applied(live, tmp_path, team=BLOCK.format(**RINA))
    write_project(project, team=BLOCK.format(**MARRIED))
    file = tmp_path / "plan.json"
    result = live.run("plan", str(project), "--out", str(file), "--detailed-exitcode")
    assert result.exit_code == 2
    assert "team.yaml:7:12: warning: maybe a rename" in result.stderr.replace(f"{project}/", "")
    _, _, sections = result.stdout.partition("\n\n")
    assert sections.startswith("Maybe a rename (suspected-rename)\n")
    assert "as a new line team.yaml:8: previously: rina.vale@acme.example" in result.stdout
    assert ": maybe a rename, 1 to create" in result.stdout
    for command in (["plan", str(project)], ["show", str(file)]):
        markdown = live.run(*command, "--format", "markdown").stdout
        title, _, rest = markdown.partition("### Maybe a rename (`suspected-rename`)")
        assert ": maybe a rename" in title
        assert "Joiners" not in title
        assert "`previously: rina.vale@acme.example`" in rest
        page = live.run(*command, "--format", "html").stdout
        assert '<section id="renames"' in page
        assert "<code>previously: rina.vale@acme.example</code>" in page
        assert "Maybe a rename" in page
        data = json.loads(live.run(*command, "--format", "json").stdout)
        assert data["suspected_renames"][0]["insert"]["line"] == 8
    assert live.run("apply", str(file), "--yes").exit_code == 0


def test_a_former_name_of_an_earlier_rename_is_replaced(live: Account, tmp_path: Path) -> None:
    """A second key would be an error, so the message names the line that the entry has."""
    project = applied(live, tmp_path, team=BLOCK.format(**RINA))
    twice = BLOCK.replace("name: {name}", "previously: rina@acme.example\n        name: {name}")
    write_project(project, team=twice.format(**MARRIED))
    (found,) = live.plan(project)["suspected_renames"]
    assert found["insert"] is None
    text = live.run("plan", str(project)).stdout
    assert "paste at team.yaml:8: previously: rina.vale@acme.example" in text
    write_project(project, team=twice.format(**MARRIED).replace("rina@", "rina.vale@"))
    assert changes(live.plan(project)) == {"agent/rina.hale@acme.example": "update"}


def test_a_leaver_and_a_newcomer_are_two_people(live: Account, tmp_path: Path) -> None:
    project = applied(live, tmp_path, team=BLOCK.format(**RINA))
    new = BLOCK.format(email="ben.carter@acme.example", name="Ben Carter")
    for team in (new, new + "      - {email: rina.vale@acme.example, state: absent}\n"):
        write_project(project, team=team)
        plan = live.plan(project)
        assert plan["suspected_renames"] == []
        assert "warnings" not in plan


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Grain", "Wheat", "previously: Grain"),
        ('"Sales: EU"', '"Sales: Europe"', "previously: 'Sales: EU'"),
        ('"yes"', "Approvals", "previously: 'yes'"),
        ("'#1 team'", "First team", "previously: '#1 team'"),
        ('"Flour, milled"', "Flour", "previously: Flour, milled"),
    ],
)
def test_a_renamed_department(live: Account, tmp_path: Path, old: str, new: str, line: str) -> None:
    team = """
        departments:
          - name: %s
        agents:
          - {email: a@acme.example, name: Ann Ash, departments: {%s: {tickets: true}}}
          - {email: b@acme.example, name: Bo Birk, departments: {%s: {tickets: true}}}
    """
    project = applied(live, tmp_path, team=team % (old, old, old))
    write_project(project, team=team % (new, new, new))
    plan = live.plan(project)
    (found,) = plan["suspected_renames"]
    assert found["insert"]["text"].strip() == line
    assert "the same agents" in found["reasons"]
    paste(project, found["insert"])
    plan = live.plan(project)
    assert list(changes(plan).values()) == ["update"]
    assert plan["summary"]["pure_renames"] == 1
    live.apply(project)
    assert changes(live.plan(project)) == {}


ROLES = """
    roles:
      - name: {name}
        permissions: {{manage_agents: grant}}
    agents: [{{email: a@acme.example, name: Ann Ash, role: {name}}}]
"""


def test_a_renamed_role(live: Account, tmp_path: Path) -> None:
    project = applied(live, tmp_path, team=ROLES.format(name="Lead"))
    write_project(project, team=ROLES.format(name="Chief"))
    (found,) = live.plan(project)["suspected_renames"]
    assert (found["address"], found["previously"]) == ("role/Chief", "Lead")
    paste(project, found["insert"])
    assert changes(live.plan(project)) == {"role/Chief": "update"}


def test_no_custom_roles_suggest_the_former_name(tmp_path: Path) -> None:
    with account(tmp_path) as live:
        project = applied(live, tmp_path, team=ROLES.format(name="Lead"))
    with account(tmp_path, switches=Switches(plan="Medium")) as live:
        write_project(project, team=ROLES.format(name="Chief"))
        hint = " ".join(live.run("plan", str(project)).stderr.split())
        assert "[roles-not-in-plan]" in hint
        assert "write in its entry at team.yaml:3: previously: Lead" in hint


@pytest.mark.parametrize("permissions", ["manage_agents: grant", "manage_agents: revoke"])
def test_too_many_roles_suggest_the_former_name_before_a_deletion(
    tmp_path: Path, permissions: str
) -> None:
    """Also where the role has changed so much that it does not look like the former one."""
    with account(tmp_path, switches=Switches(max_custom_roles=1)) as live:
        project = applied(live, tmp_path, team=ROLES.format(name="Lead"))
        team = ROLES.format(name="Chief").replace("manage_agents: grant", permissions)
        write_project(project, team=team)
        result = live.run("plan", str(project))
        assert result.exit_code == 1
        hint = " ".join(result.stderr.split())
        assert "[too-many-roles]" in hint
        assert 0 < hint.index("previously: ") < hint.index("absent")
        if permissions.endswith("grant"):
            assert "write in its entry at team.yaml:3: previously: Lead" in hint
        else:
            assert "under a new name (Lead)" in hint


def test_a_rename_in_the_panel_is_known_by_the_records(live: Account, tmp_path: Path) -> None:
    project = applied(live, tmp_path, team=BLOCK.format(**RINA))
    rina = live.agent(RINA["email"])
    live.call("PUT", f"/agents/{rina['id']}", {**rina, **MARRIED})
    result = live.run("plan", str(project))
    (found,) = live.plan(project)["suspected_renames"]
    assert found["was_declared"]
    hint = " ".join(result.stderr.split())
    assert "if it was renamed in the panel, declare its new email: rina.hale@acme.example" in hint
    # The same on a schedule, where nobody has changed the files.
    assert "[suspected-rename]" in live.run("drift", str(project)).stderr


def test_the_base_is_evidence(live: Account, tmp_path: Path) -> None:
    """A department without members: only its place in the files connects the two names."""
    repository = Repository.new(tmp_path / "r")
    text = "departments:\n  - name: %s\n  - name: Other\n"
    file = repository.folder / "team.yaml"
    file.write_text(text % "Grain mill")
    repository.commit("First")
    live.apply(repository.folder)
    repository.branch("rename")
    file.write_text(text % "Wheat mill")
    repository.commit("Rename")
    assert (
        live.plan(repository.folder, "--snapshot", snapshot(live, repository))["suspected_renames"]
        == []
    )
    plan = live.plan(repository.folder, "--base", "main")
    (found,) = plan["suspected_renames"]
    assert found["reasons"] == ["similar name", "the same place in the files", "declared before"]


def snapshot(live: Account, repository: Repository) -> str:
    """Return a snapshot of the account: a plan from one reads no records."""
    file = repository.folder.parent / "snapshot.json"
    live.run("snapshot", str(repository.folder), "--out", str(file))
    return str(file)


class TestTheDomainOfAllAgents:
    NUMBER = 12
    NEW = 'moves: [{from: "@old.example", to: "@new.example"}]'

    def team(self, domain: str, *, former: bool = False, more: str = "") -> str:
        entries = "\n".join(
            f"  - {{email: person.{number}@{domain}, name: Person {number:03}"
            + (f", previously: person.{number}@old.example" if former else "")
            + f"{more if number == 0 else ''}}}"
            for number in range(self.NUMBER)
        )
        return f"agents:\n{entries}\n"

    @pytest.mark.parametrize("surface", ["full", "v3"])
    @pytest.mark.parametrize("way", ["moves", "previously"])
    def test_it_is_proved_to_be_nothing_but_renames(
        self, tmp_path: Path, surface: str, way: str
    ) -> None:
        with account(tmp_path, surface=surface) as live:
            project = applied(live, tmp_path, team=self.team("old.example"))
            team = self.team("new.example", former=way == "previously")
            policy = self.NEW if way == "moves" else "guards: {max_update_percent: 50}"
            write_project(project, team=team, provisioner=policy)
            plan = live.plan(project)
            assert plan["refused"] == []
            assert plan["summary"]["pure_renames"] == plan["summary"]["update"] == self.NUMBER
            result = live.run("plan", str(project), "--format", "markdown")
            assert f": nothing but {self.NUMBER} pure renames" in result.stdout
            live.apply(project)
            assert changes(live.plan(project)) == {}

    def test_any_other_change_counts_as_before(self, live: Account, tmp_path: Path) -> None:
        project = applied(live, tmp_path, team=self.team("old.example"))
        team = self.team("new.example", more=", gender: male")
        write_project(project, team=team, provisioner=self.NEW)
        plan = live.plan(project)
        assert plan["summary"]["pure_renames"] == self.NUMBER - 1
        verdict = live.run("plan", str(project), "--format", "markdown").stdout.splitlines()[1]
        assert verdict.endswith(f"{self.NUMBER - 1} pure renames, nobody loses access")
        everybody = self.team("new.example").replace("name:", "gender: male, name:")
        write_project(project, team=everybody)
        result = live.run("plan", str(project))
        assert result.exit_code == 3
        assert "[too-many-updates]" in result.stderr

    def test_other_mailboxes_are_no_move_of_a_domain(self, live: Account, tmp_path: Path) -> None:
        project = applied(live, tmp_path, team=self.team("old.example"))
        team = self.team("new.example", former=True).replace("email: person.", "email: p.")
        write_project(project, team=team)
        result = live.run("plan", str(project))
        assert result.exit_code == 3
        assert "[too-many-updates]" in result.stderr

    def test_a_forgotten_rule_is_suggested(self, live: Account, tmp_path: Path) -> None:
        project = applied(live, tmp_path, team=self.team("old.example"))
        write_project(project, team=self.team("new.example"))
        result = live.run("plan", str(project))
        assert result.exit_code == 3
        assert self.NEW in " ".join(result.stderr.split())
        write_project(project, provisioner=self.NEW)
        assert live.run("plan", str(project)).exit_code == 0
