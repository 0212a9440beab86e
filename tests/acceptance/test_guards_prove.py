"""`provisioner guards prove`: known mistakes in a copy of the project, and what stops each."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.app.proving.guard_proof import MAKERS
from provisioner.cli.main import main
from provisioner.documents.schema.json_schema import schemas
from provisioner.planning.proving.catalogue import CATALOGUE
from tests.support import Account, write_project

ROOT = Path(__file__).parents[2]

TEAM = """\
profiles:
  - {name: staff, each_department: {role: solver}, chat: {max_load: 4}, locked: [chat.max_load]}
departments: [{name: Support}, {name: Sales}]
roles: [{name: Lead, permissions: {view_reports: grant}}]
agents:
"""
SETTINGS = """\
version: 1
targets:
  production: {url: "https://help.acme.example", api_key: {env: LIVEAGENT_V3_API_KEY}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    people = "".join(
        f"  - email: p{number}@acme.example\n    name: Person {number}\n    extends: [staff]\n"
        "    departments: {Support: {tickets: true}}\n"
        for number in range(12)
    )
    return write_project(tmp_path / "p", team=TEAM + people, provisioner=SETTINGS)


def prove(project: Path, *words: str) -> Result:
    """Prove the guards where no account and no key is known."""
    names = ("LIVEAGENT_BASE_URL", "LIVEAGENT_V3_API_KEY")
    arguments = ["guards", "prove", str(project), *words]
    return CliRunner().invoke(main, arguments, env=dict.fromkeys(names))


def proved(project: Path, *words: str, exit_code: int = 0) -> dict[str, Any]:
    """Return the proof as data, with its mistakes by name."""
    result = prove(project, *words, "--format", "json")
    assert result.exit_code == exit_code, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data | {"mistakes": {one["name"]: one for one in data["mistakes"]}}


def codes(mistake: dict[str, Any]) -> list[str]:
    return [stop["code"] for stop in mistake["stopped_by"]]


def test_the_catalogue_is_the_same_everywhere() -> None:
    names = [one.name for one in CATALOGUE]
    assert len(names) >= 20
    assert set(names) == set(MAKERS)
    listed = schemas()["provisioner"]["properties"]["prove"]["properties"]["must_stop"]
    assert listed["items"]["enum"] == names
    page = (ROOT / "docs/proving.md").read_text(encoding="utf-8")
    rows = [
        f"| `{one.name}` | {one.title} | {'yes' if one.must_stop else 'no'} |" for one in CATALOGUE
    ]
    assert "\n".join(rows) in page


def test_each_mistake_has_its_verdict(project: Path) -> None:
    files = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    data = proved(project)
    assert {name: codes(one) for name, one in data["mistakes"].items() if one["stopped_by"]} == {
        "file-dropped": ["empty-project"],
        "list-emptied": ["no-live-agent-declared"],
        "conflict-markers": ["yaml-syntax"],
        "unknown-key": ["unknown-key"],
        "unquoted-no": ["wrong-type"],
        "key-in-files": ["invalid-value"],
        "overlay-elsewhere": ["unknown-target"],
        "address-unencrypted": ["insecure-url"],
        "half-absent": ["too-many-deletes"],
        "all-suspended": ["too-many-updates"],
        "domain-typo": ["suspected-rename", "no-live-agent-declared"],
        "email-typo": ["suspected-rename"],
        "duplicate-agent": ["duplicate-agent"],
        "wildcard-admin": ["too-many-updates"],
        "owner-demoted": ["protected", "too-few-owners"],
        "key-owner-removed": ["protected", "too-few-owners"],
        "services-off": ["too-many-updates"],
        "dates-swapped": ["dates-order"],
        "department-typo": ["unknown-department"],
        "department-emptied": ["too-many-updates"],
        "department-renamed": ["too-many-updates"],
        "department-deleted": ["reference-to-absent"],
        "lock-broken": ["locked-field"],
        "other-account": ["no-live-agent-declared"],
        "failed-page": ["target-error"],
        "cut-answer": ["target-unreachable"],
        "stale-snapshot": ["stale-plan"],
    }
    slipped = {name for name, one in data["mistakes"].items() if one["outcome"] == "slipped"}
    assert slipped == {
        "renamed-agent",
        "role-owner",
        "wrong-year",
        "profile-weakened",
        "role-opened",
        "wrong-target",
    }
    assert all(data["mistakes"][name]["changes"] for name in slipped)
    assert data["summary"] == {"stopped": 27, "slipped": 6, "harmless": 5, "not-applicable": 0}
    assert {stop["command"] for one in data["mistakes"].values() for stop in one["stopped_by"]} == {
        "validate",
        "plan",
        "apply",
    }
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == files


def with_settings(project: Path, settings: str) -> Path:
    (project / "provisioner.yaml").write_text(f"{SETTINGS}{settings}\n", encoding="utf-8")
    return project


def test_a_mistake_that_must_be_stopped_is_an_error_until_something_stops_it(
    project: Path,
) -> None:
    demanded = "prove: {must_stop: [role-owner, email-case]}"
    result = prove(with_settings(project, demanded))
    assert result.exit_code == 1
    assert "SLIPS     role-owner           would update agent/p0@acme.example\n" in result.stdout
    assert result.stdout.endswith("Must not slip through: role-owner.\n")
    data = proved(with_settings(project, f"{demanded}\nconfirm: [owner]"))
    assert codes(data["mistakes"]["role-owner"]) == ["not-confirmed"]


def test_a_rule_of_the_team_stops_a_mistake(project: Path) -> None:
    rule = (
        "rules: [{id: few-rights, for: role, assert: 'role.permissions.manage_agents != \"grant\"',"
        " message: nobody manages agents}]"
    )
    mistake = proved(with_settings(project, rule))["mistakes"]["role-opened"]
    assert codes(mistake) == ["rule"]
    assert mistake["stopped_by"][0]["rule"] == "few-rights"


def test_what_the_project_lacks_is_never_stopped(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: mia@acme.example, name: Mia}]\n")
    mistakes = proved(project)["mistakes"]
    reasons = {
        name: one["reason"] for name, one in mistakes.items() if one["outcome"] == "not-applicable"
    }
    assert reasons["profile-emptied"] == "no profile is used"
    assert reasons["department-deleted"] == "no declared department has members"
    assert reasons["half-absent"] == "the files declare fewer than two people"
    assert not any(mistakes[name]["stopped_by"] for name in reasons)
    (project / "team.yaml").write_text("departments: [{name: Support}]\n", encoding="utf-8")
    mistakes = proved(project)["mistakes"]
    assert mistakes["email-case"]["outcome"] == "not-applicable"


def test_a_snapshot_needs_neither_account_nor_extra(
    live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "provisioner.yaml").write_text("version: 1\n", encoding="utf-8")
    live.apply(project)
    file = project.parent / "account.snapshot"
    assert live.run("snapshot", str(project), "--out", str(file)).exit_code == 0
    live.server.requests.clear()
    for name in [*sys.modules]:
        if name.startswith(("provisioner.sandbox", "provisioner.cli.offline.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    data = proved(project, "--snapshot", str(file))
    assert data["account"] == "snapshot"
    assert "liveagent-provisioner[sandbox]" in data["mistakes"]["failed-page"]["reason"]
    assert data["mistakes"]["half-absent"]["outcome"] == "stopped"
    assert live.server.requests.entries() == []
    result = prove(project)
    assert result.exit_code == 1
    assert "pip install -U 'liveagent-provisioner[sandbox]'" in result.stderr


def test_what_refuses_the_project_itself_stops_no_mistake(project: Path) -> None:
    settings = "required: {owner: [boss@acme.example]}"
    mistakes = proved(with_settings(project, settings))["mistakes"]
    assert mistakes["role-opened"]["outcome"] == "slipped"
