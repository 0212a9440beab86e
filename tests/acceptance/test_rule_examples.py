"""The rules in examples/rules are tested, and the data that rules get has the documented shape."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from provisioner.app.rules import rule_checks
from provisioner.cli.main import main
from provisioner.planning.rules.data_model import MODEL_VERSION, RuleModel, rule_model
from tests.support import Account, write_project

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples/rules"


def test_each_of_the_ten_rules_has_a_test_that_passes() -> None:
    result = CliRunner().invoke(main, ["rules", "test", str(EXAMPLES), "--format", "json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["untested_rules"] == []
    assert all(test["passed"] for test in report["tests"])


TEAM = """
rules: [{id: two, for: agent, assert: "agent.name != 'Bob'", message: "{agent.name}"}]
"""


def run_test(folder: Path, text: str) -> tuple[int, str]:
    root = write_project(folder, provisioner=TEAM, team="departments: [{name: Support}]")
    write_project(root / "rule-tests", case=text)
    result = CliRunner().invoke(main, ["rules", "test", str(root)])
    return result.exit_code, result.output


BOB = "{agents: [{email: bob@acme.example, name: Bob}]}"
RUNS = {
    f"project: {BOB}\nexpect: [{{rule: two, object: agent/Bob@acme.example, message: Bob}}]": (
        0,
        "1 test, 0 failed.",
    ),
    f"project: {BOB}\nexpect: []": (1, 'not expected: rule "two": agent/bob@acme.example: Bob'),
    "project: {departments: [{name: Sales}]}\nexpect: [{rule: two}]": (1, "missing: rule: two"),
    f"rules: [three]\nproject: {BOB}\nexpect: []": (1, "there is no rule three"),
    "project: {agents: [{email: x}]}\nexpect: []": (1, "rule-tests/case.yaml can't be run: "),
    "expect: [{rul: two}]": (1, "rule-tests/case.yaml:1:"),
}


@pytest.mark.parametrize("text", RUNS)
def test_a_test_of_rules_passes_fails_or_can_not_be_run(text: str, tmp_path: Path) -> None:
    code, message = RUNS[text]
    exit_code, output = run_test(tmp_path / "p", text)
    assert (exit_code, message in output) == (code, True), output


def test_the_data_of_rules_has_the_documented_shape(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[RuleModel] = []

    def recorded(*arguments: Any) -> RuleModel:
        models.append(rule_model(*arguments))
        return models[-1]

    monkeypatch.setattr(rule_checks, "rule_model", recorded)
    root = write_project(
        tmp_path / "p",
        provisioner=TEAM,
        team="""
        roles: [{name: Lead, permissions: {}}]
        departments: [{name: Support}]
        agents:
          - email: Mia@acme.example
            name: Mia
            role: Lead
            departments: {Support: {chats: true}}
            hours: [{days: [mon], from: "09:00", to: "17:00", services: [chats]}]
        """,
    )
    assert live.run("plan", str(root)).exit_code == 0
    (model,) = models
    facts = model.facts
    schema = json.loads((ROOT / "docs/rule-model.schema.json").read_text("utf-8"))
    for subject, objects in facts.objects.items():
        assert objects, subject
        for one in objects:
            Draft202012Validator(schema).validate({**facts.shared, subject: one})
    assert facts.objects["plan"][0]["model_version"] == MODEL_VERSION
    (support,) = [one for one in facts.objects["department"] if one["name"] == "Support"]
    assert support["covers"]["chats"] == support["members"] == ["mia@acme.example"]
    assert support["hours"]["chats"]["mon"][8:18] == [0, *[1] * 8, 0]
