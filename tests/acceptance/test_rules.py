"""Rules of the team are applied to plans, and their findings refuse or warn."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from tests.support import Account, write_project

PEOPLE = """
agents:
  - email: Mia@acme.example
    name: Mia
    role: agent
    departments: {Support: {tickets: true, chats: true}}
  - {email: ben@partner.example, name: Ben, role: owner, departments: {Support: {chats: true}}}
departments: [{name: Support}]
"""


def project(folder: Path, rules: str, **files: str) -> Path:
    root = write_project(folder, people=PEOPLE, provisioner=rules)
    for name, content in files.items():
        (root / name.replace("_", ".")).write_text(content, "utf-8")
    return root


def refused(live: Account, root: Path, *, exit_code: int = 3) -> list[str]:
    """Return the summaries of the reasons why a plan is refused."""
    result = live.run("plan", str(root), "--format", "json")
    assert result.exit_code == exit_code, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    found = [one for one in data["refused"] if one["code"].startswith("rule")]
    for one in found:
        assert one["rule"] in one["summary"]
        assert one.get("object", "plan") == "plan" or one["object"] in one["summary"]
    return [one["summary"] for one in found]


DATA = {"people": "people.csv", "by_email": {"file": "people.csv", "key": "email"}}

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an agent": (
        {"for": "agent", "assert": "agent.email.endsWith('@acme.example')"},
        ["agent/ben@partner.example: agent.email.endsWith('@acme.example')"],
    ),
    "selectors": (
        {
            "for": "agent",
            "only": ["member-of/Support"],
            "exclude": ["agent/ben@*"],
            "assert": "agent.role == 'owner'",
            "message": "{agent.name} is {agent.role} {{1}}",
        },
        ["agent/mia@acme.example: Mia is agent {1}"],
    ),
    "coverage": (
        {
            "for": "department",
            "only": ["department/Support"],
            "assert": "size(department.covers.chats) > 2",
            "message": "only {department.covers.chats}",
        },
        ["department/Support: only ben@partner.example, mia@acme.example"],
    ),
    "a change": (
        {
            "for": "change",
            "assert": "!('raises-rights' in change.risk)",
            "message": "{change.action}: {change.before == null}, {change.after.role}",
        },
        ["agent/ben@partner.example: create: true, owner"],
    ),
    "the plan": (
        {
            "for": "plan",
            "assert": "plan.requests.total < 3",
            "message": "{size(live.agents)} to {size(account.agents)}, {plan.summary.create} new",
        },
        ["1 to 3, 3 new"],
    ),
    "the account before": (
        {
            "for": "agent",
            "only": ["agent/mia@*"],
            "assert": "before != null || find_live_agent(agent.email) != null",
            "message": "new",
        },
        ["agent/mia@acme.example: new"],
    ),
    "the same person": (
        {
            "for": "agent",
            "only": ["agent/owner@*"],
            "assert": "before == null || lookup('by_email', agent.email) != null",
            "message": "{before.role}, {find_agent(agent.email).role}",
        },
        ["agent/owner@acme.example: owner, owner"],
    ),
    "data": (
        {
            "for": "agent",
            "assert": "!data.people.exists(p, p.email == agent.email && p.status == 'leaver')",
            "message": "leaver",
        },
        ["agent/mia@acme.example: leaver"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_finding_names_rule_object_and_values(case: str, live: Account, tmp_path: Path) -> None:
    rule, expected = CASES[case]
    root = project(
        tmp_path / "p",
        json.dumps({"rules": [{"id": "x", **rule}], "data": DATA}),
        people_csv="email,status\nMIA@acme.example,leaver\n",
    )
    assert refused(live, root) == [f'rule "x": {text}' for text in expected]


def test_a_warning_does_not_refuse_and_an_apply_is_refused(live: Account, tmp_path: Path) -> None:
    rule = "{id: emails, %s for: agent, assert: \"agent.email.endsWith('acme.example')\"}"
    root = project(tmp_path / "p", f"rules:\n  - {rule % ''}")
    result = live.run("apply", str(root), "--yes")
    assert result.exit_code == 3
    assert 'people.yaml:7:13: error: rule "emails": agent/ben@partner.example' in result.stderr
    assert "provisioner.yaml:2:5: the rule" in result.stderr
    assert not live.writes()
    (root / "provisioner.yaml").write_text(f"rules:\n  - {rule % 'level: warn,'}", "utf-8")
    result = live.run("plan", str(root))
    assert result.exit_code == 0
    assert 'people.yaml:7:13: warning: rule "emails"' in result.stderr
    shown = live.run("plan", str(root), "--format", "markdown").stdout
    assert '### Warnings\n\n- `rule "emails": agent/ben@partner.example' in shown
    applied = live.run("apply", str(root), "--yes")
    assert (applied.exit_code, "Not confirmed" in applied.output) == (0, False)


def test_a_rule_that_can_not_be_evaluated_refuses_at_any_level(
    live: Account, tmp_path: Path
) -> None:
    """Whether the plan conforms is unknown, so it counts as an error."""
    root = project(
        tmp_path / "p",
        "rules:\n  - {id: typo, level: warn, for: agent, assert: 'agent.chat != \"\"'}\n"
        "  - {id: text, for: plan, assert: 'plan.target'}\n"
        "  - {id: new, for: agent, only: [agent/mia@*], assert: 'before.role == agent.role'}",
    )
    new = 'rule "new" can\'t be evaluated: agent/mia@acme.example:'
    assert sorted(refused(live, root)) == [
        f"{new} it reads a field of null, so compare with null first: before == null || …",
        "rule \"text\" can't be evaluated: its value is 'environment', not true or false",
        'rule "typo" can\'t be evaluated: agent/ben@partner.example: there is no key "chat"',
    ]


INVALID = {
    "assert: 'agent.email.endsWith('": "column 22: Syntax error",
    "assert: 'change.risk == []'": "undeclared reference to 'change",
    "assert: '1 + 1'": "it is of the type INT, not true or false",
    "assert: 'true', message: 'x {agent.}'": "message, {agent.}: column 7: Syntax error",
    "assert: 'true', message: '{agent.name'": "a brace has no other one",
    "assert: 'true', message: '{agent.nmae}'": 'agent has no field "nmae"',
    "assert: 'lookup(\"hr\", agent.email) == null'": 'lookup: the data file "hr" does not exist',
    "assert: 'data.hr == null'": 'there is no data file "hr"',
    "assert: 'true', only: [agnts]": 'rules[0].only[0] is not valid: "agnts"',
}


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_condition_is_an_error_of_the_files(text: str, tmp_path: Path) -> None:
    root = project(tmp_path / "p", f"rules:\n  - {{id: x, for: agent, {text}}}")
    result = CliRunner().invoke(main, ["validate", str(root)])
    assert result.exit_code == 1
    assert "provisioner.yaml:2:" in result.stdout
    assert INVALID[text] in result.stdout


FILES = """
rules:
  - {id: emails, for: agent, assert: "agent.email.endsWith('@acme.example')"}
  - {id: load, for: agent, assert: agent.chat.max_load < 5}
  - {id: members, for: department, assert: size(department.members) > 9}
  - {id: known, for: agent, level: warn, assert: before != null}
"""


def test_validate_decides_what_the_files_suffice_for(tmp_path: Path) -> None:
    """Only Mia's load is declared; members and the account before are known to a plan only."""
    root = project(tmp_path / "p", FILES)
    (root / "people.yaml").write_text(PEOPLE.replace("role: agent", "chat: {max_load: 9}"), "utf-8")
    result = CliRunner().invoke(main, ["validate", str(root)])
    assert result.exit_code == 3
    assert 'people.yaml:5:22: error: rule "load": agent/mia@acme.example: ' in result.stdout
    assert 'people.yaml:7:13: error: rule "emails": agent/ben@partner.example' in result.stdout
    assert "2 errors in 1 file" in result.stdout


def test_drift_reports_the_findings_and_exits_with_3(live: Account, tmp_path: Path) -> None:
    result = live.run("drift", str(project(tmp_path / "p", FILES)))
    assert result.exit_code == 3
    assert "3 missing" in result.stdout
    assert 'error: rule "members": department/Support' in result.stderr
    assert 'warning: rule "known": agent/mia@acme.example' in result.stderr


DATA_FILES = {
    "people.csv": ("email;status\nmia@acme.example;leaver\n", ""),
    "people.json": ('[{"email": "mia@acme.example", "status": "leaver"}]', ""),
    "people.yaml": ("- {email: Mia@acme.example, status: leaver}\n", ""),
    "two.csv": ("email,status\nmia@acme.example\n", "line 2 has 1 values for 2 columns"),
    "twice.csv": ("email,email\n", "a different name for each column"),
    "empty.csv": ("", "a different name for each column"),
    "bad.json": ("[1,]", "it is not JSON"),
    "bad.yaml": ("a: [", "line 1"),
    "people.txt": ("", "its name does not end with .csv, .json or .yaml"),
}


@pytest.mark.parametrize("name", DATA_FILES)
def test_a_data_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    content, problem = DATA_FILES[name]
    root = project(
        tmp_path / "p",
        f"data: {{hr: data/{name}}}\nrules: [{{id: leaver, for: agent, assert: "
        "\"!data.hr.exists(p, p.email == agent.email && p.status == 'leaver')\"}]",
    )
    (root / "data").mkdir()
    (root / "data" / name).write_text(content, "utf-8")
    result = CliRunner().invoke(main, ["validate", str(root)])
    if problem:
        assert result.exit_code == 1
        assert "provisioner.yaml:1:12: error: the data file" in result.stdout
    assert (problem or 'rule "leaver": agent/mia@acme.example') in result.stdout


def test_a_data_file_outside_of_the_project_is_not_read(tmp_path: Path) -> None:
    root = project(tmp_path / "p", "data: {hr: people.csv}")
    (tmp_path / "secret.csv").write_text("password\nhunter2\n", "utf-8")
    (root / "people.csv").symlink_to(tmp_path / "secret.csv")
    result = CliRunner().invoke(main, ["validate", str(root)])
    assert (result.exit_code, "hunter2" in result.output) == (1, False)
    assert '"people.csv" is outside of the project' in result.stdout
