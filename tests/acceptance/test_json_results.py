"""`--format json` of apply, undo, export and explain: one document, and the same exit codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from provisioner.cli.console.run_document import Ended
from provisioner.cli.run.exclusive_run import ExclusiveRun
from provisioner.sandbox.faults import Fault
from tests.support import Account, changes, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}}
      - {email: bob@acme.example, name: Bob}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", team=TEAM)


def document(result: Result) -> Any:
    """Return the only document on standard output."""
    return json.loads(result.stdout)


def apply(live: Account, project: Path, *options: str, exit_code: int = 0) -> Any:
    result = live.run("apply", str(project), "--yes", "--format", "json", *options)
    assert result.exit_code == exit_code, result.output
    return document(result)


class TestApply:
    def test_it_has_the_plan_each_step_and_the_counts(self, live: Account, project: Path) -> None:
        planned = live.plan(project)
        done = apply(live, project)
        assert (done["format_version"], done["command"], done["outcome"]) == (
            "1.0",
            "apply",
            "applied",
        )
        assert (done["target"], done["run"]) == ("environment", 1)
        assert done["changes"] == {"created": 3, "restored": 0, "updated": 0, "deleted": 0}
        assert {step["status"] for step in done["steps"]} == {"applied"}
        assert done["plan"] == planned
        recorded = json.loads(
            live.run("runs", "show", "1", str(project), "--format", "json").stdout
        )
        assert done["hash"] == recorded["hash"]
        assert {one["step"] for one in done["steps"]} == {one["step"] for one in recorded["steps"]}

    def test_nothing_to_change(self, live: Account, project: Path) -> None:
        live.apply(project)
        done = apply(live, project)
        assert (done["outcome"], done["run"], done["steps"]) == ("nothing-to-change", None, [])

    def test_a_refused_plan(self, live: Account, project: Path) -> None:
        live.apply(project)
        write_project(
            project,
            team="agents: [{email: mia@acme.example, state: absent}]",
            provisioner="protect: {agents: [mia@acme.example]}",
        )
        writes = live.writes()
        done = apply(live, project, exit_code=3)
        assert (done["outcome"], done["run"]) == ("refused", None)
        assert [one["code"] for one in done["plan"]["refused"]] == ["protected"]
        assert live.writes() == writes

    def test_a_failed_step(self, live: Account, project: Path) -> None:
        live.server.faults.add(Fault(kind="drop", method="PUT", times=0))
        done = apply(live, project, exit_code=4)
        assert done["outcome"] == "incomplete"
        (failed,) = [one for one in done["steps"] if one["status"] == "failed"]
        assert failed["step"] == "agent/mia@acme.example#add-member#Support"
        assert failed["error"]
        skipped = [one["because"] for one in done["steps"] if one["status"] == "skipped"]
        assert skipped == [failed["step"]]

    def test_a_value_that_is_not_applied(self, live: Account, project: Path) -> None:
        live.apply(project)
        write_project(project, team=TEAM.replace("name: Mia", "name: Mia Chen"))
        live.server.faults.add(Fault(kind="lose", method="PUT"))
        done = apply(live, project, exit_code=4)
        assert [one["address"] for one in done["not_applied"]] == ["agent/mia@acme.example"]

    def test_a_fault_after_the_first_write_has_the_record(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started = ExclusiveRun._apply

        def fail(*arguments: Any) -> None:
            started(*arguments)
            raise RuntimeError("a fault")

        monkeypatch.setattr(ExclusiveRun, "_apply", fail)
        done = apply(live, project, exit_code=4)
        assert (done["outcome"], done["run"]) == ("incomplete", 1)
        assert "applied" in {step["status"] for step in done["steps"]}

    def test_before_there_is_a_plan_standard_output_is_empty(
        self, live: Account, project: Path
    ) -> None:
        write_project(project, team="agents: [{email: mia@acme.example, nmae: Mia}]")
        result = live.run("apply", str(project), "--yes", "--format", "json")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "[unknown-key]" in result.stderr

    def test_without_yes_and_terminal_it_is_wrong_usage(self, live: Account, project: Path) -> None:
        result = live.run("apply", str(project), "--format", "json")
        assert (result.exit_code, result.stdout) == (64, "")

    @pytest.mark.parametrize(
        ("answer", "exit_code", "outcome"), [(b"n\n", 1, "declined"), (b"y\n", 0, "applied")]
    )
    def test_in_a_terminal_the_plan_is_shown_with_the_question(
        self, live: Account, project: Path, answer: bytes, exit_code: int, outcome: str
    ) -> None:
        result = live.run_in_terminal(answer, "apply", str(project), "--format", "json")
        assert result.returncode == exit_code
        assert json.loads(result.stdout)["outcome"] == outcome
        assert "mia@acme.example" in result.stderr.partition("Apply this to")[0]

    def test_a_saved_plan(self, live: Account, project: Path, tmp_path: Path) -> None:
        planned = live.plan(project, "--out", str(tmp_path / "saved.plan"))
        done = apply(live, tmp_path / "saved.plan")
        assert (done["outcome"], done["plan"]["checksum"]) == ("applied", planned["checksum"])

    def test_the_documentation_has_every_key_and_outcome(
        self, live: Account, project: Path
    ) -> None:
        page = Path(__file__).parents[2] / "docs/commands.md"
        section = page.read_text("utf-8").partition("### The result of an apply as JSON")[2]
        rows = [
            line.split("|")[1] for line in section.partition("## ")[0].splitlines() if "|" in line
        ]
        documented = re.findall(r"`(\w+)(?:\[\])?`", "".join(rows))
        assert {*documented} == {*apply(live, project)}
        assert [word for word in Ended if f"`{word}`" not in section] == []


class TestUndo:
    def undo(self, live: Account, project: Path, *options: str) -> Any:
        result = live.run("undo", "1", str(project), "--format", "json", *options)
        assert result.exit_code == 0, result.output
        return document(result)

    def test_a_preview_then_the_undo_then_nothing(self, live: Account, project: Path) -> None:
        live.apply(project)
        preview = self.undo(live, project)
        assert (preview["command"], preview["outcome"]) == ("undo", "preview")
        assert {one["code"] for one in preview["not_restored"]} == {"cannot-come-back"}
        assert "delete" in changes(preview["plan"]).values()
        done = self.undo(live, project, "--yes")
        assert (done["outcome"], done["run"], done["changes"]["deleted"]) == ("applied", 2, 3)
        assert self.undo(live, project, "--yes")["outcome"] == "nothing-to-change"


class TestExport:
    def test_a_new_project(self, live: Account, tmp_path: Path) -> None:
        result = live.run("export", str(tmp_path / "copy"), "--format", "json")
        done = document(result)
        assert (done["target"], done["written"]) == ("environment", True)
        written = sorted(
            file.relative_to(tmp_path / "copy").as_posix()
            for file in (tmp_path / "copy").rglob("*")
            if file.is_file()
        )
        assert done["files"] == written
        assert done["objects"] == {"agents": 1, "departments": 1, "roles": 0}
        assert done["difference"] is None

    def test_a_dry_run_and_a_merge_have_the_difference(self, live: Account, tmp_path: Path) -> None:
        folder = tmp_path / "copy"
        dry = document(live.run("export", str(folder), "--dry-run", "--format", "json"))
        assert (dry["written"], folder.exists()) == (False, False)
        assert dry["difference"] == live.run("export", str(folder), "--dry-run").stdout
        write_project(folder, team="departments: [{name: General}]")
        merge = ["export", str(folder), "--merge", "--only", "agents"]
        text = live.run(*merge, "--dry-run").stdout
        assert document(live.run(*merge, "--dry-run", "--format", "json"))["difference"] == text
        done = document(live.run(*merge, "--format", "json"))
        assert (done["written"], done["difference"]) == (True, text)
        assert document(live.run(*merge, "--format", "json"))["files"] == []

    def test_a_fragment(self, live: Account) -> None:
        words = ["export", "--stdout", "--only", "agents"]
        done = document(live.run(*words, "--format", "json"))
        assert done["fragment"] == live.run(*words).stdout
        assert done["needs"] == ["department/General"]


class TestExplain:
    PROFILES = """
        profiles: [{name: tier1, chat: {max_load: 3}}]
        agents: [{email: mia@acme.example, name: Mia, extends: [tier1], chat: {max_load: 4}}]
    """

    def test_each_field_has_its_sources_the_one_that_counts_first(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(tmp_path / "p", team=self.PROFILES)
        address = "agent/mia@acme.example"
        done = document(live.run("explain", address, str(project), "--format", "json"))
        assert (done["address"], done["file"], done["line"]) == (address, f"{project}/team.yaml", 3)
        fields = {one["field"]: one for one in done["fields"]}
        sources = fields["chat.max_load"]["sources"]
        assert [(one["value"], one["profile"], one["line"]) for one in sources] == [
            (4, None, 3),
            (3, "tier1", 2),
        ]
        words = ["explain", address, "chat", str(project), "--format", "json"]
        assert document(live.run(*words))["fields"] == [fields["chat.max_load"]]

    def test_an_unknown_field_is_wrong_usage(self, live: Account, tmp_path: Path) -> None:
        project = write_project(tmp_path / "p", team=self.PROFILES)
        words = ["explain", "agent/mia@acme.example", "chatt", str(project), "--format", "json"]
        result = live.run(*words)
        assert (result.exit_code, result.stdout) == (64, "")
