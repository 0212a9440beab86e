"""What validate finds in provisioner.yaml and in one agent, before any account is asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from tests.support import write_project


def codes(folder: Path) -> list[tuple[str, str]]:
    result = CliRunner().invoke(main, ["validate", str(folder), "--format", "json"])
    findings = json.loads(result.stdout)["findings"]
    return [(f"{one['line']}:{one['column']}", one["code"]) for one in findings]


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1",
        "https://[::g]",
        "https://acme..ladesk.com",
        "https://.ladesk.com",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        "https://acme.example:99999",
        "https://acme.example:x",
        "https://-acme.example",
        "https://acme!.example",
    ],
)
def test_an_address_that_no_host_can_have_is_found(tmp_path: Path, url: str) -> None:
    folder = write_project(
        tmp_path,
        a="departments: [{name: S}]",
        provisioner=f"version: 1\ntargets: {{p: {{url: '{url}', api_key: {{env: K}}}}}}",
    )
    assert codes(folder) == [("2:20", "target-url")]


def test_it_ends_only_the_runs_that_use_it(tmp_path: Path) -> None:
    folder = write_project(
        tmp_path,
        a="departments: [{name: S}]",
        provisioner="targets: {p: {url: 'https://a..example', api_key: {env: K}}}",
    )
    used = CliRunner().invoke(main, ["plan", str(folder), "-t", "p"], env={"K": "x"})
    assert used.exit_code == 1
    assert used.stderr.startswith("error: ")
    assert "[target-url]" in used.stderr
    other = CliRunner().invoke(main, ["plan", str(folder), "-t", "sandbox"])
    assert "[target-url]" not in other.stderr


@pytest.mark.parametrize(
    "url", ["https://[::1]:8443/x", "https://acme.ladesk.com.", "https://müller.example"]
)
def test_an_unusual_address_is_fine(tmp_path: Path, url: str) -> None:
    folder = write_project(
        tmp_path,
        a="departments: [{name: S}]",
        provisioner=f"version: 1\ntargets: {{p: {{url: '{url}', api_key: {{env: K}}}}}}",
    )
    assert codes(folder) == []


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ("targets: {p: {url: https://a.example, api_key: {command: ' '}}}", "invalid-value"),
        ("targets: {p: {url: https://a.example, api_key: {file: '\t '}}}", "invalid-value"),
        ("account: {timezone: Prague}", "unknown-timezone"),
        ("protect: {agents: ['  ']}", "invalid-value"),
        ("ignore: [{field: agents.level, reason: ' '}]", "invalid-value"),
    ],
)
def test_settings_without_meaning_are_found(tmp_path: Path, config: str, code: str) -> None:
    folder = write_project(tmp_path, a="departments: [{name: S}]", provisioner=config)
    assert code in [found for _, found in codes(folder)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("alias: '  '", ["invalid-value"]),
        ("level: ' '", ["invalid-value"]),
        ("alias: ' Mia'", ["invalid-value"]),
        ("alias: ''", []),
        ("alias: null", []),
        ("role: ' '", ["unknown-role", "invalid-value"]),
        ("role: admin, to_solve_only: true", ["to-solve-only-role"]),
        ("role: agent, to_solve_only: true", []),
        ("to_solve_only: true", []),
        ("role: owner, to_solve_only: true, state: absent", []),
        (
            "notifications: {slack: {user: '', new_ticket: true}}",
            ["slack-without-user"],
        ),
        ("notifications: {slack: {new_ticket: true}}", []),
        (
            "chat: {max_load: -1, priority: 0}",
            ["invalid-value", "invalid-value"],
        ),
    ],
)
def test_rules_about_one_agent_are_found_without_an_account(
    tmp_path: Path, fields: str, expected: list[str]
) -> None:
    folder = write_project(tmp_path, a=f"agents: [{{email: mia@acme.example, {fields}}}]")
    assert [code for _, code in codes(folder)] == expected


def test_a_role_from_a_profile_or_overlay_counts(tmp_path: Path) -> None:
    folder = write_project(
        tmp_path,
        a="profiles: [{name: lead, role: admin}]\n"
        "agents: [{email: mia@acme.example, extends: [lead], to_solve_only: true}]",
    )
    assert codes(folder) == [("2:68", "to-solve-only-role")]
