"""`provisioner diff`: two revisions of a project, compared as people and without an account."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.acceptance.access_team import BOB, MIA, OWNER, TEAM, two_commits
from tests.repository import Repository
from tests.support import Account, changes

PAGE = (Path(__file__).parents[2] / "docs/diff.md").read_text(encoding="utf-8")

EXAMPLE = """\
    profiles:
      - name: tier1
        role: agent
        departments: {Support: {tickets: true, chats: true}}
    departments: [{name: Support}]
    agents:
      - {email: mia.chen@acme.example, name: Mia Chen, extends: [tier1]}
      - email: ben.carter@acme.example
        name: Ben Carter
        role: agent  # member
"""


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    return two_commits(tmp_path / "p")


def run(*words: str | Path) -> Result:
    """Run `diff` without any account."""
    return CliRunner().invoke(main, ["diff", *map(str, words)], env={"LIVEAGENT_BASE_URL": None})


def compared(*words: str | Path) -> dict[str, Any]:
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def test_the_page_shows_what_the_command_prints(tmp_path: Path) -> None:
    made = Repository.new(tmp_path / "p")
    made.commit("Begin", team=EXAMPLE)
    made.git("tag", "v1.0")
    later = EXAMPLE.replace("chats: true", "chats: false").replace("agent  # member", "admin")
    (made.folder / "team.yaml").write_text(later)
    result = run("v1.0", made.folder, "--detailed-exitcode")
    printed = re.sub(r"\([0-9a-f]{8}\)", "(9f8e7d6c)", result.stdout)
    assert result.exit_code == 2, result.output
    assert f"$ provisioner diff v1.0\n{printed}```" in PAGE
    for format_, start in (("markdown", "<!-- provisioner-diff"), ("html", "<!doctype html>")):
        text = run("v1.0", made.folder, "--format", format_).stdout
        assert text.startswith(start)
        assert "Gains power" in text
        assert "Plan for" not in text


class TestRevisions:
    def test_equal_revisions_have_no_difference(self, clone: Repository) -> None:
        result = run("HEAD", clone.folder, "--detailed-exitcode")
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("No difference between HEAD (")

    def test_both_are_revisions_whatever_the_files_are(self, clone: Repository) -> None:
        (clone.folder / "team.yaml").write_text("agents: [{")
        data = compared("first", "HEAD", clone.folder)
        assert changes(data) == {f"agent/{MIA}": "update"}
        refs = {side: one["ref"] for side, one in data["revisions"].items()}
        assert refs == {"before": "first", "after": "HEAD"}
        assert data == compared("first", "HEAD", clone.folder)

    def test_a_revision_before_the_project_declares_nothing(self, tmp_path: Path) -> None:
        made = Repository.new(tmp_path / "p")
        (made.folder / "README").touch()
        first = made.commit("Empty")
        made.commit("Begin", team=TEAM)
        assert set(changes(compared(first, "HEAD", made.folder)).values()) == {"create"}

    def test_the_overlay_of_a_target_applies(self, clone: Repository) -> None:
        clone.commit(
            "Overlay", "targets/sandbox", over="agents: [{email: mia@acme.example, role: admin}]"
        )
        assert changes(compared("HEAD~1", "HEAD", clone.folder)) == {}
        data = compared("HEAD~1", "HEAD", clone.folder, "-t", "sandbox")
        assert changes(data) == {f"agent/{MIA}": "update"}

    def test_policy_and_released_access_are_differences(self, clone: Repository) -> None:
        without_bob = TEAM[: TEAM.index("      - email: bob@")]
        clone.commit("Weaker", team=without_bob, provisioner="version: 1\n")
        data = compared("HEAD~1", "HEAD", clone.folder)
        assert [one["address"] for one in data["released"]] == [f"agent/{BOB}"]
        assert [one["path"] for one in data["policy_changes"]] == ["protect.agents"]
        assert run("HEAD~1", "HEAD", clone.folder, "--detailed-exitcode").exit_code == 2

    def test_an_ending_for_somebody_new_is_a_difference(self, clone: Repository) -> None:
        clone.commit("End", leavers="agents: [{email: eve@acme.example, state: absent}]")
        result = run("HEAD~1", "HEAD", clone.folder, "--detailed-exitcode")
        assert result.exit_code == 2
        assert "1 newly declared absent or suspended" in result.stdout
        assert "not declared at all before: agent/eve@acme.example" in result.stdout
        assert run("HEAD", clone.folder, "--detailed-exitcode").exit_code == 0


def test_both_revisions_are_taken_on_one_day(clone: Repository) -> None:
    ends = "Bob\n        ends: 2026-01-31"
    clone.commit("An end", team=TEAM.replace("Bob", ends, 1))
    data = compared("HEAD~1", "HEAD", clone.folder, "--at", "2026-01-31")
    assert (changes(data), data["at"]) == ({}, "2026-01-31")
    later = ("HEAD~1", "HEAD", clone.folder, "--at", "2026-02-01")
    assert changes(compared(*later)) == {f"agent/{BOB}": "update"}
    assert "suspended" in run(*later).stdout


def test_it_is_the_plan_of_b_for_an_account_to_which_a_was_applied(
    live: Account, clone: Repository
) -> None:
    assert live.run("apply", str(clone.folder), "--yes").exit_code == 0
    later = (
        TEAM.replace("email: bob@acme.example", "email: rob@acme.example")
        .replace("extends: [tier1]", "extends: [tier1]\n        previously: bob@acme.example")
        .replace("        name: Mia\n", "        name: Mia\n        state: suspended\n")
        .replace("General: {}", "General: {chats: true}")
    )
    clone.commit("Later", team=later + "      - {email: eve@acme.example, name: Eve, role: Lead}\n")
    plan = json.loads(live.run("plan", str(clone.folder), "--format", "json").stdout)
    data = compared("HEAD~1", "HEAD", clone.folder)
    assert changes(data) == changes(plan)
    assert data["summary"]["risk"] == plan["summary"]["risk"]
    assert set(changes(data)) > {f"agent/{MIA}", f"agent/{OWNER}", "agent/rob@acme.example"}


@pytest.mark.parametrize("pinned", ["before", "after", "both"])
def test_ids_of_the_real_account_keep_people_together(tmp_path: Path, pinned: str) -> None:
    made = Repository.new(tmp_path / "p")
    text = "departments: [{name: Support}]\nagents: [{ID email: mia@acme.example, name: Mia}]"
    for side in ("before", "after"):
        has_id = pinned in {side, "both"}
        named = text.replace("ID ", "id: a1b2c3d4, " if has_id else "")
        if (side, pinned) == ("after", "both"):
            named = named.replace("mia@", "mia.chen@")
        made.commit(side, team=named)
    data = compared("HEAD~1", "HEAD", made.folder)
    assert changes(data) == ({"agent/mia.chen@acme.example": "update"} if pinned == "both" else {})


class TestErrors:
    def test_findings_name_the_revision(self, clone: Repository) -> None:
        clone.commit("Break", "sub", team="agents: [{email: a@acme.example, rol: x, role: [y]}]")
        clone.git("tag", "broken")
        for words in (("broken",), ("HEAD~1", "broken")):
            result = run(*words, clone.folder / "sub")
            assert result.exit_code == 1
            assert result.stdout == ""
            assert result.stderr.count("broken:sub/team.yaml:1:") == 2
            assert "the project at broken" in result.stderr

    @pytest.mark.parametrize(
        ("words", "exit_code", "text"),
        [
            (("nowhere",), 1, "[unknown-base]"),
            (("HEAD", "--", "--all"), 1, "[unknown-base]"),
            (("first..HEAD",), 64, "two words"),
            (("HEAD", "-t", "c"), 1, "[unknown-target]"),
            (("HEAD", "--summary", "--format", "json"), 64, "--summary"),
        ],
    )
    def test_what_can_t_be_compared(
        self,
        clone: Repository,
        words: tuple[str, ...],
        exit_code: int,
        text: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(clone.folder)
        result = run(*words)
        assert (result.exit_code, result.stdout) == (exit_code, "")
        assert text in result.stderr

    def test_a_word_may_be_a_revision_and_a_folder(
        self, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (clone.folder / "first").mkdir()
        monkeypatch.chdir(clone.folder)
        assert run("HEAD", "first").exit_code == 64
        assert run("HEAD", "first", ".").exit_code == 0
        assert "empty-project" in run("HEAD", "HEAD", "first").stderr
