"""What an apply reports and leaves behind when something goes wrong in its middle."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.retries import TRIES
from provisioner.sandbox.faults import Fault
from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, account, changes, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}}
      - {email: bob@acme.example, name: Bob, departments: {Support: {chats: true}}}
"""


def devices(live: Account, email: str) -> dict[str, int]:
    agent = live.agent(email)["id"]
    rows = live.everything("/devices")
    return {row["service_type"]: row["id"] for row in rows if row["agent_id"] == agent}


def test_a_server_that_goes_away_leaves_a_true_report(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    live.server.faults.add(
        Fault(kind="drop", method="PUT", times=0),
        Fault(kind="drop", method="GET", skip=14, times=0),
    )
    report = live.apply(project, exit_code=4)
    assert "failed     agent/bob@acme.example#add-member#Support" in report
    assert "the account could not be read back" in report
    assert "skipped    1 step: needed agent/bob@acme.example#add-member#Support" in report
    assert "Incomplete: 1 created done as planned" in report
    live.server.faults.clear()
    live.apply(project)
    assert changes(live.plan(project)) == {}


def test_a_write_that_is_lost_is_found_by_reading_back(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    live.apply(project)
    write_project(project, team=TEAM.replace("name: Mia", "name: Mia Chen"))
    live.server.faults.add(Fault(kind="lose", method="PUT"))
    report = live.apply(project, exit_code=4)
    assert 'not applied  agent/mia@acme.example: name was set to "Mia Chen" and is "Mia"' in report


def test_what_nobody_declares_survives_a_write_of_the_whole_object(
    live: Account, tmp_path: Path
) -> None:
    """Somebody sets a gender while the question waits for its answer."""
    project = write_project(tmp_path / "p", team=TEAM)
    live.apply(project)
    mia = live.agent("mia@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "gender": "F"})
    write_project(project, team=TEAM.replace("name: Mia", "name: Mia Chen"))
    live.apply(project)
    after = live.agent("mia@acme.example")
    assert (after["name"], after["gender"]) == ("Mia Chen", "F")


@pytest.mark.parametrize(("field", "exit_code"), [("name", 3), ("gender", 3)])
def test_an_account_that_changes_while_the_plan_is_read_is_not_written_to(
    live: Account, tmp_path: Path, field: str, exit_code: int
) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    live.apply(project)
    write_project(project, team=TEAM.replace("name: Mia", "name: Mia Chen"))
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "apply", str(project)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": KEY},
    )
    assert process.stderr is not None
    asked = ""
    while "[y/N]" not in asked:
        asked += process.stderr.read(1)
    mia = live.agent("mia@acme.example")
    value = {"name": "Mia C.", "gender": "F"}[field]
    live.call("PUT", f"/agents/{mia['id']}", {**mia, field: value})
    live.server.requests.clear()
    os.write(ours, b"y\n")
    _, stderr = process.communicate(timeout=LONGEST_SECONDS)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == exit_code
    assert "[stale-plan]" in stderr
    assert live.writes() == []


def test_a_service_without_a_device_is_found_before_anything_is_written(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    live.apply(project)
    live.call("DELETE", f"/devices/{devices(live, 'mia@acme.example')['P']}")
    calls = TEAM.replace("name: Mia, departments: {Support: {chats: true}}", "name: Mia, %s")
    write_project(project, team=calls % "availability: {calls: online}")
    refused = live.run("apply", str(project), "--yes")
    assert refused.exit_code == 1
    assert "[no-device]" in refused.stderr
    for harmless in ("availability: null", "departments: {Support: {calls: false, chats: true}}"):
        write_project(project, team=calls % harmless)
        assert changes(live.plan(project)) == {}


def test_deletions_that_are_bound_to_fail_are_findings_of_the_plan(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(
        tmp_path / "p",
        team="""
            roles: [{name: Lead}]
            agents: [{email: mia@acme.example, name: Mia, role: Lead}]
        """,
    )
    live.apply(project)
    write_project(
        project,
        team="""
            departments: [{name: General, state: absent}]
            roles: [{name: Lead, state: absent}]
        """,
    )
    result = live.run("plan", str(project))
    assert result.exit_code == 3
    assert "[default-department]" in result.stderr
    assert 'role "Lead" is still used by mia@acme.example' in result.stderr


def test_an_account_that_joins_departments_by_itself_is_told(tmp_path: Path) -> None:
    from provisioner.sandbox.switches import Switches  # noqa: PLC0415

    project = write_project(tmp_path / "p", team=TEAM)
    with account(tmp_path, switches=Switches(join_all_departments=True)) as live:
        report = live.apply(project, exit_code=4)
        assert "agent/mia@acme.example: joined General without being asked to" in report
        live.apply(project)
        assert changes(live.plan(project)) == {}


def test_the_account_s_limit_changes_no_byte_of_a_plan(tmp_path: Path) -> None:
    """Under its own limit of requests, a run makes the same plan."""
    project = write_project(tmp_path / "p", team=TEAM)
    with account(tmp_path) as live:
        first = live.run("plan", str(project), "--format", "json").stdout
        live.server.faults.add(Fault(kind="status", status=429, method="GET", times=2))
        assert live.run("plan", str(project), "--format", "json").stdout == first


def test_an_acknowledgement_hides_nothing_that_the_api_shows(tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p",
        team="roles: [{name: Lead}]\nagents: [{email: mia@acme.example, name: Mia, role: Lead}]",
    )
    with account(tmp_path, surface="v3") as live:
        live.apply(project)
        ids = [step["id"] for step in live.plan(project)["manual_steps"]]
        entries = ", ".join(f'{{step: "{i}", by: priya@acme.example, on: 2026-11-22}}' for i in ids)
        write_project(project, provisioner=f"acknowledged: [{entries}]")
        plan = live.plan(project)
        opened = [step["section"] for step in plan["manual_steps"] if step["status"] == "open"]
        assert opened == ["role"]


class TestStreams:
    def shell(
        self, command: str, project: Path, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", f'"$PYTHON" -m provisioner {command}'],
            capture_output=True,
            encoding="latin-1",
            env={**os.environ, "PYTHON": sys.executable, "P": str(project), **environment},
            timeout=LONGEST_SECONDS,
            check=False,
        )

    @pytest.mark.parametrize(
        ("command", "exit_code", "words"),
        [
            ('validate "$P" > /dev/full', 1, "[file-unwritable]"),
            ('validate "$P" >&-', 1, "standard output: it is closed [file-unwritable]"),
            ('validate "$P" <&-', 0, ""),
        ],
    )
    def test_odd_ones_are_no_fault_of_the_tool(
        self, tmp_path: Path, command: str, exit_code: int, words: str
    ) -> None:
        done = self.shell(command, write_project(tmp_path / "p", team=TEAM))
        assert done.returncode == exit_code, done.stderr
        assert words in done.stderr
        assert "internal" not in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_narrow_encoding_spells_out_what_it_lacks(self, tmp_path: Path) -> None:
        project = write_project(
            tmp_path / "p", team="agents: [{email: a@acme.example, role: Dvořák}]"
        )
        done = self.shell('validate "$P"', project, PYTHONIOENCODING="latin-1")
        assert done.returncode == 1
        assert "Dvo\\u0159ák" in done.stdout


class TestInitial:
    """What is set only at creation is set once, however often a run fails."""

    SETTINGS = "version: 1\ninitial: [agents.panel.theme]\n"
    THEME = TEAM.replace("name: Mia,", "name: Mia, panel: {theme: dark},")

    def theme(self, live: Account) -> str:
        mia = live.agent("mia@acme.example")["id"]
        return str(live.call("GET", f"/agents/{mia}/profile")["panel_theme"])

    def test_a_run_that_failed_before_it_is_finished_by_the_next(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(tmp_path / "p", team=self.THEME, provisioner=self.SETTINGS)
        live.server.faults.add(Fault(method="PUT", path="/profile", status=400))
        live.apply(project, exit_code=4)
        assert self.theme(live) == "bright"
        live.apply(project)
        assert self.theme(live) == "dark"

    def test_a_run_that_failed_after_it_leaves_the_agent_s_own_choice(
        self, live: Account, tmp_path: Path
    ) -> None:
        project = write_project(tmp_path / "p", team=self.THEME, provisioner=self.SETTINGS)
        live.server.faults.add(Fault(method="PUT", path="/departments/", status=400, times=0))
        live.apply(project, exit_code=4)
        assert self.theme(live) == "dark"
        mia = live.agent("mia@acme.example")["id"]
        live.call("PUT", f"/agents/{mia}/profile", {"panel_theme": "bright"})
        live.apply(project, exit_code=4)
        assert self.theme(live) == "bright"


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("https://nobody.invalid", 'there is no host "nobody.invalid"'),
        ("http://127.0.0.1:1", "Connection refused"),
    ],
)
def test_the_cause_of_no_answer_is_named_once_with_the_number_of_tries(
    url: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(Pacer, "pause", lambda _self, _seconds: None)
    monkeypatch.setattr(socket, "getaddrinfo", refuse if "invalid" in url else socket.getaddrinfo)
    project = write_project(tmp_path / "p", team=TEAM)
    result = CliRunner().invoke(
        main, ["plan", str(project)], env={"LIVEAGENT_BASE_URL": url, "LIVEAGENT_V3_API_KEY": KEY}
    )
    assert result.exit_code == 1
    assert result.stderr.count(cause) == 1
    assert f"{cause} (tried {TRIES} times)" in result.stderr
