"""Freeze windows and confirmations: refused before the first write, and how a run is allowed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import Account, write_project

FRIDAY_EVENING = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
FREEZE = """
    account: {timezone: Europe/Prague}
    freeze:
      - {days: [fri], from: "16:00", to: "24:00", reason: nobody is there%s}
"""
TEAM = "agents: [{email: mia@acme.example, name: %s%s}]"
SUSPENDED = ", state: suspended"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the time of the runs; a test may replace it."""
    times = [FRIDAY_EVENING]
    monkeypatch.setattr("provisioner.cli.invocation.utc_now", lambda: times[0])
    return times


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    made = write_project(tmp_path / "p", team=TEAM % ("Mia", ""))
    live.apply(made)
    live.server.requests.clear()
    return write_project(made, team=TEAM % ("Maria", ""), provisioner=FREEZE % "")


class TestFreeze:
    def test_an_apply_is_refused_until_the_end(
        self, live: Account, project: Path, moment: list[datetime]
    ) -> None:
        result = live.run("apply", str(project), "--yes")
        assert result.exit_code == 3
        text = " ".join(result.stderr.split())
        assert "provisioner.yaml:4:5: error: runs are frozen until 2026-11-28 00:00" in text
        assert "(Europe/Prague): nobody is there [frozen]" in text
        assert live.writes() == []
        moment[0] = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
        live.apply(project)

    def test_a_day_that_is_chosen_opens_no_window(
        self, live: Account, project: Path, moment: list[datetime]
    ) -> None:
        friday, monday = ("--at", "2026-11-27"), ("--at", "2026-11-30")
        assert live.run("apply", str(project), "--yes", *monday).exit_code == 3
        moment[0] = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
        result = live.run("apply", str(project), "--yes", *friday)
        assert result.exit_code == 3
        assert "frozen until 2026-11-28 00:00" in " ".join(result.stderr.split())
        assert "[frozen]" in live.run("plan", str(project), *friday).stderr
        assert live.writes() == []
        assert live.run("apply", str(project), "--yes", *monday).exit_code == 0

    @pytest.mark.usefixtures("moment")
    @pytest.mark.parametrize("format_", ["text", "markdown", "html"])
    def test_a_plan_shows_the_freeze(self, live: Account, project: Path, format_: str) -> None:
        result = live.run("plan", str(project), "--format", format_)
        assert result.exit_code == 0
        assert "Runs are frozen until 2026-11-28 00:00 (Europe/Prague): " in result.stdout
        assert "[frozen]" in result.stderr

    def test_a_plan_as_data_is_the_same_at_any_time(
        self, live: Account, project: Path, moment: list[datetime]
    ) -> None:
        evening = live.plan(project)
        moment[0] = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
        assert live.plan(project) == evening
        shown = "deny fri 16:00 to 24:00: nobody is there"
        assert evening["policy"]["freeze"] == [shown]

    @pytest.mark.usefixtures("moment")
    def test_the_record_has_the_reason_of_a_run_that_is_allowed(
        self, live: Account, project: Path, tmp_path: Path
    ) -> None:
        saved = tmp_path / "saved.plan"
        assert live.run("plan", str(project), "--out", str(saved)).exit_code == 0
        assert live.run("apply", str(saved), "--yes").exit_code == 3
        allow = ("--allow", "freeze=the phone line is down")
        result = live.run("apply", str(saved), "--yes", *allow)
        assert result.exit_code == 0, result.output
        assert "allowed: the phone line is down" in result.stderr
        shown = live.run("runs", "show", "2", str(project), "--format", "json").stdout
        assert json.loads(shown)["allowed"] == {"freeze": "the phone line is down"}
        text = live.run("runs", "show", "2", str(project)).stdout
        assert "allowed   freeze=the phone line is down" in text

    @pytest.mark.usefixtures("moment")
    @pytest.mark.parametrize(
        ("exempt", "suspends", "undoes"),
        [("", 3, 3), (", except: [suspensions]", 0, 3), (", except: [undo]", 3, 0)],
    )
    def test_a_window_exempts_suspensions_or_undo(
        self, live: Account, project: Path, exempt: str, suspends: int, undoes: int
    ) -> None:
        write_project(project, provisioner=FREEZE % exempt, team=TEAM % ("Mia", ""))
        assert live.run("apply", str(project), "--yes").exit_code == 0  # nothing to write
        assert live.run("undo", "1", str(project), "--yes").exit_code == undoes
        if undoes:
            member = ", departments: {Support: {tickets: true}}"
            write_project(
                project, team=f"{TEAM % ('Mia', member)}\ndepartments: [{{name: Support}}]"
            )
            allow = ("--allow", "freeze=set-up")
            assert live.run("apply", str(project), "--yes", *allow).exit_code == 0
            write_project(
                project, team=f"{TEAM % ('Mia', SUSPENDED)}\ndepartments: [{{name: Support}}]"
            )
            assert live.run("apply", str(project), "--yes").exit_code == suspends

    @pytest.mark.parametrize("word", ["freeze=", "freeze", "freeze= "])
    def test_a_freeze_is_not_passed_without_a_reason(self, live: Account, word: str) -> None:
        assert live.run("plan", ".", "--allow", word).exit_code == 64


TWO = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, role: %s, departments: {Support: {chats: %s}}}
      - {email: bob@acme.example, name: Bob, role: %s}
"""


class TestConfirmations:
    @pytest.mark.parametrize(
        ("after", "word", "allow"),
        [
            (("owner", "true", "admin"), "owner", "owners=1"),
            (("owner", "true", "agent"), "owner", "owner=1"),
            (("owner", "true", "admin"), "raises", "raises=2"),
            (("agent", "false", "agent"), "last_cover", "last_cover=1"),
        ],
    )
    def test_an_effect_is_allowed_with_its_exact_number(
        self, live: Account, tmp_path: Path, after: tuple[str, str, str], word: str, allow: str
    ) -> None:
        project = write_project(tmp_path / "p", team=TWO % ("agent", "true", "agent"))
        live.apply(project)
        write_project(project, team=TWO % after, provisioner=f"confirm: [{word}]")
        live.server.requests.clear()
        wrong = f"{allow[:-1]}{int(allow[-1]) + 1}"
        for command in (["plan"], ["apply", "--yes"]):
            for options in ([], ["--allow", wrong]):
                result = live.run(command[0], str(project), *command[1:], *options)
                assert result.exit_code == 3, result.output
                assert "[not-confirmed]" in result.stderr
        hint = f"--allow {allow.replace('owner=', 'owners=')}"
        assert hint in " ".join(result.stderr.split())
        assert live.writes() == []
        assert live.run("apply", str(project), "--yes", "--allow", allow).exit_code == 0
