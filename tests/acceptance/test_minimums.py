"""Minimum cover and required roles refuse a plan that breaks them, not one that mends them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, account, write_project

OWNER = "{email: owner@acme.example, name: Account Owner, role: owner, departments: {}}"
CHATS = "{Support: {chats: true}}"
OFFICE = '{days: [mon, tue], from: "09:00", to: "17:00"}'


def person(name: str, **fields: str) -> str:
    more = "".join(f", {key}: {value}" for key, value in fields.items())
    return f"{{email: {name}@acme.example, name: {name}{more}}}"


def people(*agents: str) -> str:
    entries = "\n".join(f"  - {one}" for one in (OWNER, *agents))
    return f"departments: [{{name: Support}}, {{name: Sales}}]\nagents:\n{entries}\n"


def planned(live: Account, root: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code, and the refusals and warnings of the built-in rules."""
    result = live.run("plan", str(root), "--format", "json", *words)
    assert result.stdout, result.output
    data = json.loads(result.stdout)
    return result.exit_code, [
        {**one, "severity": severity}
        for key, severity in (("refused", "error"), ("warnings", "warning"))
        for one in data.get(key, [])
        if one["code"] in {"min-cover", "required-role", "locked-field"}
    ]


def applied(live: Account, folder: Path, *agents: str) -> None:
    root = write_project(folder, people=people(*agents))
    assert live.run("apply", str(root), "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("before", "after", "exit_code", "severity"),
    [
        (2, 1, 3, "error"),
        (2, 0, 3, "error"),
        (3, 2, 0, None),
        (1, 1, 0, "warning"),
        (0, 1, 0, "warning"),
        (None, 1, 3, "error"),
    ],
)
def test_a_plan_with_too_few_agents_for_a_service(
    live: Account,
    tmp_path: Path,
    before: int | None,
    after: int,
    exit_code: int,
    severity: str | None,
) -> None:
    def staff(number: int) -> list[str]:
        return [
            person(f"a{index}", departments=CHATS if index < number else "{}") for index in range(3)
        ]

    if before is not None:
        applied(live, tmp_path / "old", *staff(before))
    settings = "min_cover: {Support: {chats: 2}}"
    root = write_project(tmp_path / "new", people=people(*staff(after)), provisioner=settings)
    code, found = planned(live, root)
    assert (code, [one["severity"] for one in found]) == (exit_code, [severity] if severity else [])
    if before == 2:
        assert "without a1@acme.example" in found[0]["summary"] or after == 0
        assert "people.yaml:" in live.run("plan", str(root)).output
    if exit_code == 0 and severity:
        assert live.run("apply", str(root), "--yes").exit_code == 0
        assert live.run("drift", str(root)).exit_code == 3


@pytest.mark.parametrize(
    ("setting", "exit_code"),
    [
        ("{chats: 1}", 0),
        ("{chats: 2}", 3),  # Support; nobody chats in Sales
        ("{chats: 2, Support: {chats: 1}}", 0),
        ("{chats: 1, sales: {chats: 1}}", 3),
        ("{Suport: {chats: 0}}", 3),
        (f"{{chats: [{{min: 1}}, {{min: 1, {OFFICE[1:-1]}}}]}}", 0),
        ("{Support: {chats: [{min: 1, days: [tue], from: '16:59', to: '17:01'}]}}", 3),
    ],
)
def test_the_numbers_by_service_department_and_hour(
    live: Account, tmp_path: Path, setting: str, exit_code: int
) -> None:
    files = people(person("mia", departments=CHATS, hours=f"[{OFFICE}]"))
    root = write_project(
        tmp_path, people=files, provisioner=f"min_cover: {setting}\naccount: {{timezone: UTC}}"
    )
    code, found = planned(live, root)
    assert code == exit_code
    if "16:59" in setting:
        assert "0 agents for chats on tue at 17:00" in found[0]["summary"]


@pytest.mark.parametrize(
    ("required", "exit_code"),
    [
        ("owner: [Owner@acme.example]", 0),
        ("owner: [boss@acme.example]", 3),
        ("admin: {min: 2}", 3),
        ("admin: {min: 1, agents: [mia@acme.example]}", 0),
    ],
)
def test_required_people_and_numbers(
    live: Account, tmp_path: Path, required: str, exit_code: int
) -> None:
    files = people(person("mia", role="admin"))
    root = write_project(tmp_path, people=files, provisioner=f"required: {{{required}}}")
    code, found = planned(live, root)
    assert (code, [one["severity"] for one in found]) == (exit_code, ["error"] * bool(exit_code))
    assert live.run("validate", str(root)).exit_code == 0


def test_a_number_that_rises_is_not_in_the_way(live: Account, tmp_path: Path) -> None:
    three = [person(name, role="agent") for name in ("a", "b", "c")]
    applied(live, tmp_path / "old", *three)
    settings = "required: {admin: {min: 2}}"
    for files, exit_code in ((three, 3), ([person("a", role="admin"), *three[1:]], 0)):
        root = write_project(tmp_path / "p", people=people(*files), provisioner=settings)
        assert planned(live, root)[0] == exit_code
        partial = planned(live, root, "--only", "agent/b@acme.example")
        assert [one["severity"] for one in partial[1]] == ["warning"]


@pytest.mark.parametrize("fields", [{"role": "admin"}, {"state": "absent"}, {"state": "suspended"}])
def test_validate_reports_a_required_person_with_another_role(
    live: Account, tmp_path: Path, fields: dict[str, str]
) -> None:
    settings = "required:\n  owner: [boss@acme.example]\n"
    root = write_project(tmp_path, people=people(person("boss", **fields)), provisioner=settings)
    result = live.run("validate", str(root), "--format", "json")
    [finding] = json.loads(result.stdout)["findings"]
    assert (result.exit_code, finding["code"], Path(finding["file"]).name) == (
        3,
        "required-role",
        "people.yaml",
    )
    assert finding["line"] == 4


def test_a_waiver_accepts_a_finding_until_a_day(live: Account, tmp_path: Path) -> None:
    waiver = "{rule: min_cover, object: department/Support, reason: Ben starts, until: 2027-01-31}"
    root = write_project(
        tmp_path,
        people=people(person("mia", departments=CHATS)),
        provisioner=f"min_cover: {{chats: 2}}\nwaivers: [{waiver}]",
    )
    for day, exit_code in (("2027-01-31", 0), ("2027-02-01", 3)):
        result = live.run("plan", str(root), "--at", day)
        assert result.exit_code == exit_code
        assert ("Waived rules" in result.stdout) is (exit_code == 0)


def test_what_a_person_does_by_hand_counts(tmp_path: Path) -> None:
    """API v3 writes no memberships: a person puts the agent into the department."""
    settings = "min_cover: {Support: {chats: 1}}"
    with account(tmp_path, surface="v3") as v3:
        for membership, exit_code in ((CHATS, 0), ("{Support: {}}", 3)):
            files = people(person("mia", departments=membership))
            root = write_project(tmp_path / "p", people=files, provisioner=settings)
            assert planned(v3, root)[0] == exit_code
