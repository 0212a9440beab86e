"""What was reviewed is what is applied, or nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from tests.support import Account, account, changes, write_project

PNG = b"\x89PNG\r\n\x1a\nphoto"
TEAM = """
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {}}%s}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM % "")
    (folder / "mia.png").write_bytes(PNG)
    live.apply(folder)
    write_project(folder, team=TEAM % ", role: Lead, photo: mia.png, alias: Mia")
    return folder


def save(live: Account, project: Path) -> Path:
    file = project.parent / "reviewed.json"
    result = live.run("plan", str(project), "--out", str(file))
    assert result.exit_code == 0, result.output
    return file


def put(live: Account, email: str, **fields: str) -> None:
    row = live.agent(email)
    live.call("PUT", f"/agents/{row['id']}", {**row, **fields})


def test_a_saved_plan_is_applied_without_its_project(live: Account, project: Path) -> None:
    file = save(live, project)
    shown = live.run("plan", str(project)).stdout
    for path in project.iterdir():
        if path.is_file():
            path.unlink()
    result = live.run("apply", str(file), "--yes")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(shown)
    mia = live.agent("mia@acme.example")
    profile = live.call("GET", f"/agents/{mia['id']}/profile")
    assert (profile["alias"], bool(profile["photo_sha256"])) == ("Mia", True)


def test_the_file_has_the_plan_of_the_screen_and_no_secret(live: Account, project: Path) -> None:
    file = save(live, project)
    saved, printed = json.loads(file.read_text()), live.plan(project)
    for data in (saved, printed):
        del data["checksum"]
    assert {key: saved[key] for key in printed} == printed
    assert "a-key-for-tests" not in file.read_text()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "Mia C."}, 'name was "Mia" and is "Mia C."'),
        ({"gender": "F"}, 'gender was "unspecified" and is "female"'),
        ({"role": "admin"}, 'role was "agent" and is "admin"'),
    ],
)
def test_a_changed_object_of_the_plan_is_refused_and_named(
    live: Account, project: Path, fields: dict[str, str], words: str
) -> None:
    file = save(live, project)
    put(live, "mia@acme.example", **fields)
    live.server.requests.clear()
    result = live.run("apply", str(file), "--yes")
    assert result.exit_code == 3
    assert "[stale-plan]" in result.stderr
    assert f"agent/mia@acme.example: {words}" in " ".join(result.stderr.split())
    assert live.writes() == []


def test_a_change_of_another_object_does_not_matter(live: Account, project: Path) -> None:
    file = save(live, project)
    put(live, "bob@acme.example", name="Robert")
    live.call("POST", "/agents", {"email": "new@acme.example", "name": "New"})
    assert live.run("apply", str(file), "--yes").exit_code == 0
    assert live.agent("bob@acme.example")["name"] == "Robert"


def test_what_a_plan_refers_to_must_still_be_there(live: Account, project: Path) -> None:
    file = save(live, project)
    role = next(row for row in live.everything("/roles") if row["name"] == "Lead")
    live.call("PUT", f"/roles/{role['id']}", {**role, "permissions": {"manage_agents": "grant"}})
    result = live.run("apply", str(file), "--yes")
    assert result.exit_code == 3
    assert 'role/Lead: permissions / manage_agents was "revoke" and is "grant"' in " ".join(
        result.stderr.split()
    )
    live.call("DELETE", f"/roles/{role['id']}")
    result = live.run("apply", str(file), "--yes")
    assert "role/Lead: it no longer exists" in " ".join(result.stderr.split())


def test_what_is_to_be_created_must_not_exist_by_now(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: a@acme.example, name: A}]")
    file = save(live, project)
    live.call("POST", "/agents", {"email": "a@acme.example", "name": "Another"})
    result = live.run("apply", str(file), "--yes")
    assert result.exit_code == 3
    assert "agent/a@acme.example: it exists by now" in " ".join(result.stderr.split())


def test_applying_twice_is_refused_the_second_time(live: Account, project: Path) -> None:
    file = save(live, project)
    assert live.run("apply", str(file), "--yes").exit_code == 0
    assert live.run("apply", str(file), "--yes").exit_code == 3
    assert changes(live.plan(project)) == {}


def test_a_saved_plan_is_shown_as_it_was_printed(live: Account, project: Path) -> None:
    file = save(live, project)
    live.server.requests.clear()
    assert live.run("show", str(file)).stdout == live.run("plan", str(project)).stdout
    shown = live.run("show", str(file), "--format", "json").stdout
    assert shown == live.run("plan", str(project), "--format", "json").stdout
    assert live.run("show", str(file) + "x").exit_code == 1


def test_policies_written_for_terraform_s_plans_can_read_it(live: Account, project: Path) -> None:
    """As such a policy would: no deletions, and no new role for anybody without a label."""
    plan = json.loads(save(live, project).read_text())
    deleted = [
        change["address"]
        for change in plan["resource_changes"]
        if "delete" in change["change"]["actions"]
    ]
    promoted = [
        change["address"]
        for change in plan["resource_changes"]
        if change["type"] == "agent"
        and change["change"]["actions"] == ["update"]
        and change["change"]["before"]["role"] != change["change"]["after"]["role"]
    ]
    assert (deleted, promoted) == ([], ["agent/mia@acme.example"])


class TestDamage:
    @pytest.mark.parametrize(
        "edit",
        [
            lambda text: text.replace('"alias": "Mia"', '"alias": "Eve"'),
            lambda text: text[: len(text) // 2],
            lambda text: text.replace('"checksum"', '"check"', 1),
            lambda _text: "",
            lambda _text: "[]",
            lambda _text: "{}",
            lambda _text: "[" * 100_000,
        ],
    )
    def test_an_edited_or_truncated_file_is_refused(
        self, live: Account, project: Path, edit: "type[str]"
    ) -> None:
        file = save(live, project)
        file.write_text(edit(file.read_text()))
        live.server.requests.clear()
        result = live.run("apply", str(file), "--yes")
        assert result.exit_code == 3, result.output
        assert "[plan-file]" in result.stderr
        assert live.server.requests.entries() == []

    def test_a_plan_for_another_target_is_refused(self, live: Account, project: Path) -> None:
        file = save(live, project)
        result = live.run("apply", str(file), "--yes", "-t", "sandbox")
        assert result.exit_code == 3
        assert "made for the target" in result.stderr

    def test_a_refused_plan_is_saved_and_stays_refused(self, live: Account, tmp_path: Path) -> None:
        project = write_project(
            tmp_path / "p", team="agents: [{email: owner@acme.example, state: absent}]"
        )
        file = tmp_path / "plan.json"
        assert live.run("plan", str(project), "--out", str(file)).exit_code == 3
        result = live.run("apply", str(file), "--yes")
        assert result.exit_code == 3
        assert "[protected]" in result.stderr

    def test_a_place_that_can_not_be_written_is_said(self, live: Account, project: Path) -> None:
        result = live.run("plan", str(project), "--out", str(project / "nowhere" / "plan.json"))
        assert result.exit_code == 1
        assert "[file-unwritable]" in result.stderr

    @pytest.mark.parametrize("option", [["--only", "agents"], ["--allow", "deletes=3"]])
    def test_a_saved_plan_takes_no_other_options(
        self, live: Account, project: Path, option: list[str]
    ) -> None:
        assert live.run("apply", str(save(live, project)), "--yes", *option).exit_code == 64


def test_a_plan_of_another_account_is_refused(live: Account, tmp_path: Path) -> None:
    """Two accounts in which everything is still to be created look alike but for what they are."""
    project = write_project(tmp_path / "p", team="agents: [{email: a@acme.example, name: A}]")
    file = save(live, project)
    (tmp_path / "other").mkdir()
    with account(tmp_path / "other") as other:
        result = other.run("apply", str(file), "--yes")
        assert result.exit_code == 3
        assert "[plan-file]" in result.stderr
        assert other.writes() == []


def test_the_embedded_sandbox_is_the_one_of_the_plan_s_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path / "p", team="agents: [{email: a@acme.example, name: A}]")
    monkeypatch.chdir(project)
    run = CliRunner()
    assert run.invoke(main, ["plan", ".", "-t", "sandbox", "--out", "../x.json"]).exit_code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    result = run.invoke(main, ["apply", "../x.json", "--yes"])
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "elsewhere/.provisioner").exists()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").rename(tmp_path / "moved")
    result = run.invoke(main, ["apply", "x.json", "--yes"])
    assert result.exit_code == 3
    assert "is not at" in result.stderr


def test_what_agents_switch_during_the_day_makes_no_plan_stale(
    live: Account, project: Path
) -> None:
    live.apply(project)
    text = (project / "team.yaml").read_text(encoding="utf-8")
    (project / "team.yaml").write_text(text.replace("alias: Mia", "alias: M."), encoding="utf-8")
    file = save(live, project)
    mia = live.agent("mia@acme.example")["id"]
    device = next(row for row in live.everything("/devices") if row["agent_id"] == mia)
    other = "F" if device["preset_status"] == "N" else "N"
    fields = {"preset_status": other, "online_status": other}
    live.call("PUT", f"/devices/{device['id']}", {**device, **fields})
    assert live.run("apply", str(file), "--yes").exit_code == 0
