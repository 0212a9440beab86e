"""Waivers let findings of rules pass until their end, and go through review."""

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.repository import Repository
from tests.support import Account, write_project

RULES = """
    rules:
      - {id: two, for: department, assert: "size(department.covers.chats) >= 2", LEVEL}
      - {id: raises, for: change, assert: "!('raises-rights' in change.risk)", level: warn}
"""
WAIVER = """
    waivers:
      - rule: two
        object: department/Support
        reason: Ben starts in February
        until: 2027-01-31
        who: Olga Berg
"""
PEOPLE = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}}
      - {email: a@acme.example, name: A, departments: {Sales: {chats: true}}}
      - {email: b@acme.example, name: B, departments: {Sales: {chats: true}}}
      - {email: owner@acme.example, name: Account Owner, role: owner, departments: {}}
    """


PAGE = (Path(__file__).parents[2] / "docs/waivers.md").read_text(encoding="utf-8")


def test_the_page_has_an_example_that_works(live: Account, tmp_path: Path) -> None:
    [example] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    people = PEOPLE.replace("Support", "Enterprise")
    root = write_project(tmp_path, people=people, provisioner=example)
    shown = live.run("plan", str(root), "--at", "2027-01-17").stdout
    [line] = [one for one in shown.splitlines() if one.startswith("  ! chat-needs-two for")]
    assert f"Waived rules\n{line}\n" in PAGE


def project(folder: Path, waiver: str = WAIVER, *, level: str = "level: error") -> Path:
    rules = RULES.replace("LEVEL", f'exclude: ["department/General"], {level}')
    return write_project(folder, people=PEOPLE, provisioner=rules + waiver)


def planned(live: Account, root: Path, *words: str, exit_code: int = 0) -> dict[str, Any]:
    result = live.run("plan", str(root), "--format", "json", *words)
    assert result.exit_code == exit_code, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def codes(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the codes of the refusals and of the warnings about rules."""
    sides = [data["refused"], data.get("warnings", [])]
    refused, warnings = ([one["code"] for one in side] for side in sides)
    return sorted(refused), sorted(code for code in warnings if code.startswith(("rule", "waiver")))


@pytest.mark.parametrize(
    ("day", "exit_code", "expected"),
    [
        ("2026-11-22", 0, ([], [])),
        ("2027-01-17", 0, ([], ["waiver-ends"])),
        ("2027-01-31", 0, ([], ["waiver-ends"])),
        ("2027-02-01", 3, (["rule", "waiver-ended"], [])),
    ],
)
def test_a_plan_of_each_day(
    live: Account, tmp_path: Path, day: str, exit_code: int, expected: tuple[list[str], list[str]]
) -> None:
    root = project(tmp_path)
    data = planned(live, root, "--at", day, exit_code=exit_code)
    assert codes(data) == expected
    assert data["at"] == day
    held = [(one["object"], one["covers"]) for one in data.get("waivers", [])]
    assert held == ([] if exit_code else [("department/Support", ["department/Support"])])
    text = live.run("plan", str(root), "--at", day).output
    assert ("two for department/Support until 2027-01-31" in text) is (exit_code == 0)


@pytest.mark.parametrize(
    ("day", "exit_code", "found"),
    [
        ("2026-11-22", 0, []),
        ("2027-01-31", 0, ["waiver-ends"]),
        ("2027-02-01", 3, ["rule", "waiver-ended"]),
    ],
)
def test_validate_knows_the_findings_of_the_files(
    live: Account, tmp_path: Path, day: str, exit_code: int, found: list[str]
) -> None:
    rule = "rules: [{id: two, for: agent, assert: \"agent.name != 'Mia'\"}]\n"
    waiver = dedent(WAIVER).replace("department/Support", "agent/mia@*")
    root = write_project(tmp_path, people=PEOPLE, provisioner=rule + waiver)
    result = live.run("validate", str(root), "--format", "json", "--at", day)
    assert result.exit_code == exit_code
    assert sorted({one["code"] for one in json.loads(result.stdout)["findings"]}) == found


def test_an_ended_waiver_is_an_error_for_a_rule_that_only_warns(
    live: Account, tmp_path: Path
) -> None:
    data = planned(live, project(tmp_path, level="level: warn"), "--at", "2027-02-01", exit_code=3)
    assert codes(data) == (["waiver-ended"], ["rule"])


def test_one_that_is_not_needed_is_a_warning(live: Account, tmp_path: Path) -> None:
    sales = WAIVER.replace("Support", "Sales") + WAIVER.replace("    waivers:\n", "")
    root = project(tmp_path, sales)
    for day, exit_code in (("2026-11-22", 0), ("2027-02-01", 3)):
        data = planned(live, root, "--at", day, exit_code=exit_code)
        assert "waiver-not-needed" in codes(data)[1]
    partial = planned(live, root, "--at", "2026-11-22", "--only", "member-of/Sales")
    assert codes(partial) == ([], [])


def test_a_finding_about_changes_is_gone_after_the_apply(live: Account, tmp_path: Path) -> None:
    both = WAIVER + WAIVER.replace("    waivers:\n", "").replace("two", "raises").replace(
        "department/Support", "agents"
    )
    root = project(tmp_path, both)
    at = ("--at", "2026-11-22")
    assert live.run("apply", str(root), "--yes", *at).exit_code == 0
    data = planned(live, root, *at, "--detailed-exitcode")
    assert codes(data) == ([], [])
    assert "Waived rules" in live.run("plan", str(root), *at).stdout
    for command, *words in (["apply", "--yes"], ["drift"]):
        late = live.run(command, str(root), *words, "--at", "2027-02-01")
        assert (late.exit_code, "[waiver-ended]" in late.stderr) == (3, True)
    assert "[waiver-ends]" in live.run("drift", str(root), "--at", "2027-01-31").stderr


def test_a_saved_plan_keeps_them_until_the_day_changes_it(live: Account, tmp_path: Path) -> None:
    root, saved = project(tmp_path / "p"), str(tmp_path / "saved.plan")
    data = planned(live, root, "--out", saved, "--at", "2026-11-22")
    shown = json.loads(live.run("show", saved, "--format", "json").stdout)
    assert shown["waivers"] == data["waivers"]
    assert (shown["valid_from"], shown["valid_until"]) == (None, "2027-01-31")


def test_a_new_waiver_is_a_change_of_policy(live: Account, tmp_path: Path) -> None:
    clone = Repository.new(tmp_path / "p")
    project(clone.folder, "")
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "Begin")
    project(clone.folder)
    data = planned(live, clone.folder, "--base", "HEAD", "--at", "2026-11-22")
    assert [
        (one["path"], one["after"], one["source"]["line"]) for one in data["policy_changes"]
    ] == [
        (
            "waivers.two of department/Support",
            "until 2027-01-31 by Olga Berg: Ben starts in February",
            7,
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("rule: two", "rule: tow", "7:11: error"),
        ("2027-01-31", "2027-02-30", "10:12: error"),
        ("department/Support", "department", "8:13: error"),
        (
            "        who: Olga Berg\n",
            "      - {rule: two, object: department/Support, reason: x, until: 2027-03-01}\n",
            "11:5: error",
        ),
        ("        reason: Ben starts in February\n", "", "7:5: error"),
    ],
)
def test_what_no_waiver_can_be(
    live: Account, tmp_path: Path, old: str, new: str, place: str
) -> None:
    result = live.run("validate", str(project(tmp_path, WAIVER.replace(old, new))))
    assert result.exit_code == 1
    assert f"provisioner.yaml:{place}" in result.output
    assert "1 error in 1 file" in result.output
