"""Nobody below a profile changes a field that it locks."""

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.repository import Repository
from tests.support import Account, write_project

PAGE = (Path(__file__).parents[2] / "docs/minimums.md").read_text(encoding="utf-8")

FILES = """
    departments: [{name: Support}, {name: Sales}]
    profiles:
      - name: support
        role: agent
        each_department: {role: solver}
        departments: {Support: {chats: true}}
        chat: {max_load: 4}
        locked: [LOCKED]
      - {name: lead, extends: [support], panel: {theme: dark}}
    agents:
      - {email: mia@acme.example, name: Mia, extends: [lead], FIELDS}
    """


def found(live: Account, root: Path, *words: str) -> tuple[int, list[tuple[str, str, int]]]:
    """Return the exit code of validate, and the code, text and line of its findings."""
    result = live.run("validate", str(root), "--format", "json", *words)
    findings: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return result.exit_code, [(one["code"], one["summary"], one["line"]) for one in findings]


def project(folder: Path, locked: str, fields: str, **files: str) -> Path:
    text = dedent(FILES).replace("LOCKED", locked).replace("FIELDS", fields)
    return write_project(folder, people=text, **files)


@pytest.mark.parametrize(
    ("locked", "fields", "broken"),
    [
        ("role", "role: admin", "role"),
        ("role", "role: null", "role"),
        ("role", "role: agent", None),
        ("role", "state: suspended", None),
        ("chat.max_load", "chat: {max_load: 9}", "chat.max_load"),
        ("chat", "chat: {priority: 9}", None),
        ("chat", "chat: null", "chat.max_load"),
        ("departments.*.role", "departments: {Sales: {role: manager}}", "departments.Sales.role"),
        ("each_department.role", "each_department: {role: reader}", "departments.Support.role"),
        ("departments.*.role", "departments: {Sales: {tickets: true}}", None),
        (
            "departments.Support",
            "departments: {Support: {chats: false}}",
            "departments.Support.chats",
        ),
        ("departments", "departments: {Sales: {}}", "departments.Sales"),
        ("departments", "departments: {Support: {}}", None),
        ("departments.*.chats", "departments: null", None),
    ],
)
def test_an_agent_below_a_profile(
    live: Account, tmp_path: Path, locked: str, fields: str, broken: str | None
) -> None:
    root = project(tmp_path, locked, fields)
    exit_code, findings = found(live, root)
    assert exit_code == (3 if broken else 0)
    if broken:
        [(code, text, line)] = findings
        assert (code, line) == ("locked-field", 12)
        assert text.startswith(
            f'locked: agent/mia@acme.example: {broken} differs from profile "sup'
        )
    assert live.run("plan", str(root)).exit_code == exit_code


def test_a_profile_is_reported_once_with_its_agents_and_without(
    live: Account, tmp_path: Path
) -> None:
    root = project(tmp_path, "chat.max_load", "panel: {theme: dark}")
    people = root / "people.yaml"
    people.write_text(
        people.read_text().replace("panel: {theme: dark}}\nagents", "chat: {max_load: 5}}\nagents")
    )
    for text in (people.read_text(), people.read_text().replace("extends: [lead], panel", "panel")):
        people.write_text(text)
        [(code, summary, line)] = found(live, root)[1]
        assert (code, line) == ("locked-field", 10)
        assert summary.startswith('locked: profile "lead": chat.max_load differs from')


def test_a_temporary_value_counts_before_its_first_day(live: Account, tmp_path: Path) -> None:
    later = "temporary: [{from: 2027-03-01, until: 2027-03-31, reason: x, role: admin}]"
    root = project(tmp_path, "role", later, provisioner="account: {timezone: UTC}")
    assert found(live, root, "--at", "2026-12-01")[0] == 3


def test_a_target_may_give_the_profile_another_value_and_its_agents_none(
    live: Account, tmp_path: Path
) -> None:
    root = project(tmp_path, "role", "panel: {theme: dark}")
    overlay = root / "targets" / "sandbox" / "more.yaml"
    overlay.parent.mkdir(parents=True)
    overlay.write_text("profiles: [{name: support, role: admin}]\n")
    assert found(live, root)[0] == 0
    overlay.write_text("agents: [{email: mia@acme.example, role: admin}]\n")
    assert found(live, root)[0] == 3


@pytest.mark.parametrize(
    ("locked", "code"), [("rolle", "unknown-field"), ("signature", "invalid-value")]
)
def test_what_can_not_be_locked(live: Account, tmp_path: Path, locked: str, code: str) -> None:
    exit_code, findings = found(live, project(tmp_path, locked, "panel: {theme: dark}"))
    assert (exit_code, [(one[0], one[2]) for one in findings]) == (1, [(code, 9)])


def test_a_waiver_accepts_it_and_a_lock_less_is_a_change_of_policy(
    live: Account, tmp_path: Path
) -> None:
    waiver = "waivers: [{rule: locked, object: 'agent/mia@*', reason: x, until: 2027-01-31}]"
    clone = Repository.new(tmp_path / "p")
    project(clone.folder, "role, chat", "role: admin", provisioner=waiver)
    for day, exit_code in (("2027-01-31", 0), ("2027-02-01", 3)):
        assert live.run("plan", str(clone.folder), "--at", day).exit_code == exit_code
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "Begin")
    project(clone.folder, "chat", "role: admin", provisioner=waiver)
    result = live.run(
        "plan", str(clone.folder), "--base", "HEAD", "--format", "json", "--at", "2026-12-01"
    )
    [change] = json.loads(result.stdout)["policy_changes"]
    assert (change["path"], change["before"], change["after"], change["source"]["line"]) == (
        "locked.support",
        ["chat", "role"],
        ["chat"],
        9,
    )


def test_the_page_has_an_example_that_works(live: Account, tmp_path: Path) -> None:
    [example] = re.findall(r"^```yaml\n(profiles:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    root = write_project(tmp_path, team=f"{example}departments: [{{name: Support}}]\n")
    shown = live.run("validate", str(root)).output
    [line] = [one for one in shown.splitlines() if "[locked-field]" in one]
    assert f"```text\n{line.partition(f'{tmp_path}/')[2]}\n```" in PAGE
