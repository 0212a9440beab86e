"""A name is the same in composed and decomposed letters, wherever it is written."""

import json
import unicodedata
from pathlib import Path

import pytest

from tests.support import Account, account, changes, write_project

COMPOSED = "M\u00fchle"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
FORMS = [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)]


def team(name: str, role: str, email: str) -> str:
    return f"""
        departments: [{{name: {name}}}]
        roles: [{{name: {role}, permissions: {{manage_agents: grant}}}}]
        agents:
          - email: {email}@acme.example
            name: J{name}
            role: {role}
            departments: {{{name}: {{chats: true}}}}
            signature: "{name}"
            hours: [{{days: [mon], from: "09:00", to: "10:00", departments: [{name}]}}]
    """


@pytest.fixture
def project(live: Account, tmp_path: Path, form: tuple[str, str]) -> Path:
    """An account with the names in one form, and a project with them in the other."""
    declared, existing = form
    (row,) = [live.call("POST", "/departments", {"name": existing})]
    live.call("POST", "/roles", {"name": f"{existing}r"})
    assert row["name"] == existing
    folder = write_project(tmp_path / "p", team=team(declared, f"{declared}r", "mia"))
    live.apply(folder)
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_an_existing_object_is_adopted_and_no_change(live: Account, project: Path) -> None:
    assert changes(live.plan(project)) == {}
    names = [row["name"] for row in live.everything("/departments")]
    assert sum("hle" in name for name in names) == 1


@pytest.mark.parametrize("form", FORMS)
def test_every_selector_and_pattern_finds_it(
    live: Account, project: Path, form: tuple[str, str]
) -> None:
    _, other = form
    for selector in (f"department/{other}", f"role/{other.upper()}R", f"member-of/{other}"):
        result = live.run("plan", str(project), "--only", selector)
        assert result.exit_code == 0, result.output
        assert "selector-without-object" not in result.stderr
    assert live.run("explain", f"department/{other}", str(project)).exit_code == 0
    write_project(
        project,
        team=f"departments: [{{name: {form[0]}, state: absent}}]\n"
        "agents: [{email: mia@acme.example, departments: {}, role: agent}]",
        provisioner=f"protect: {{departments: ['{other.upper()}*']}}",
    )
    refused = live.run("apply", str(project), "--yes")
    assert refused.exit_code == 3, refused.output
    assert "[protected]" in refused.stderr


@pytest.mark.parametrize("form", FORMS)
def test_an_export_of_it_is_valid_and_no_change(
    live: Account, project: Path, tmp_path: Path
) -> None:
    assert project.exists()
    result = live.run("export", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert changes(live.plan(tmp_path / "out")) == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_run_is_undone(live: Account, project: Path, form: tuple[str, str]) -> None:
    declared, _ = form
    changed = team(declared, f"{declared}r", "mia").replace("chats: true", "chats: false")
    write_project(project, team=changed)
    live.apply(project)
    runs = json.loads(live.run("runs", str(project), "--format", "json").stdout)
    last = runs["runs"][0]["id"] if isinstance(runs, dict) else runs[0]["id"]
    result = live.run("undo", last, str(project), "--yes")
    assert result.exit_code == 0, result.output
    assert set(changes(live.plan(project))) == {"agent/mia@acme.example"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("departments: [{name: %s}, {name: %s}]", "duplicate-department"),
        ("roles: [{name: %s}, {name: %s}]", "duplicate-role"),
        ("profiles: [{name: %s}, {name: %s}]", "duplicate-profile"),
        ("agents: [{email: %s@acme.example}, {email: %s@acme.example}]", "duplicate-agent"),
        ("departments: [{name: x, %s: 1, %s: 2}]", "yaml-duplicate-key"),
    ],
)
def test_two_spellings_are_one_declared_twice(
    tmp_path: Path, live: Account, form: tuple[str, str], text: str, code: str
) -> None:
    folder = write_project(tmp_path / "twice", a=text % form)
    result = live.run("validate", str(folder), "--format", "json")
    assert code in [finding["code"] for finding in json.loads(result.stdout)["findings"]]


def test_profiles_in_two_letter_cases_are_one(tmp_path: Path, live: Account) -> None:
    folder = write_project(
        tmp_path / "p",
        a="profiles: [{name: Tier1, role: agent}, {name: tier1, role: admin}]\n"
        "agents: [{email: mia@acme.example, extends: [Tier1]}]\n",
    )
    result = live.run("validate", str(folder), "--format", "json")
    codes = [finding["code"] for finding in json.loads(result.stdout)["findings"]]
    assert codes == ["duplicate-profile"]


def test_live_names_that_differ_in_the_encoding_alone_are_ambiguous(tmp_path: Path) -> None:
    with account(tmp_path) as live:
        for name in (COMPOSED, DECOMPOSED):
            live.call("POST", "/departments", {"name": name})
        folder = write_project(tmp_path / "p", a=f"departments: [{{name: {COMPOSED}}}]")
        result = live.run("plan", str(folder))
        assert result.exit_code == 1
        assert "[ambiguous-live]" in result.stderr


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_found_by_its_name_in_the_other_encoding(
    live: Account, tmp_path: Path, form: tuple[str, str]
) -> None:
    typed, on_disk = form
    folder = write_project(
        tmp_path / "p",
        a="agents: [{email: mia@acme.example, name: Mia, "
        f"signature: {{file: {typed}/{typed}.txt}}, photo: {typed}/{typed}.png}}]",
    )
    (folder / on_disk).mkdir()
    (folder / on_disk / f"{on_disk}.txt").write_text(f"Regards, {on_disk}\n", "utf-8")
    (folder / on_disk / f"{on_disk}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    live.apply(folder)
    assert changes(live.plan(folder)) == {}
