"""The files of a project are read while its account is read."""

import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.app.open_project import Project
from provisioner.cli.account import live_sources
from provisioner.cli.files.opening import open_project
from provisioner.cli.main import main
from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, held, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"
TYPO = "agents: [{email: mia@acme.example, nam: Mia}]"


@pytest.mark.parametrize("command", [["plan"], ["drift"], ["manual"]])
def test_the_files_are_read_while_the_account_has_not_answered(
    command: list[str], live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path / "p", a=TEAM)
    with ExitStack() as stack:
        arrived = stack.enter_context(held(live, "GET", "/grid/agents"))

        def opened(root: Path, day: date) -> Project:
            assert arrived.wait(LONGEST_SECONDS)
            project = open_project(root, day)
            stack.close()  # only now the account answers
            return project

        monkeypatch.setattr(live_sources, "open_project", opened)
        result = live.run(*command, str(project))
    assert result.exit_code == 0, result.output


SOURCES = {
    "no key": "env: NOWHERE",
    "an account that does not answer": "file: key.txt",
    "a command, which may ask for a password": "command: touch was_run",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_errors_of_the_files_come_first(source: str, tmp_path: Path) -> None:
    target = f"{{url: 'http://127.0.0.1:9', api_key: {{{source}}}}}"
    project = write_project(tmp_path, a=TYPO, provisioner=f"targets: {{production: {target}}}")
    (project / "key.txt").write_text("a-key\n")
    result = CliRunner().invoke(main, ["plan", str(project)])
    assert (result.exit_code, "unknown-key" in result.stderr) == (1, True), result.stderr
    assert "1 error in 1 file\n" in result.stderr
    assert not (project / "was_run").exists()


def test_a_plan_at_a_terminal_shows_that_the_account_is_read(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", a=TEAM)
    ours, theirs = os.openpty()
    with held(live, "GET", "/grid/agents") as arrived:
        run = subprocess.Popen(
            [sys.executable, "-m", "provisioner", "plan", str(project)],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env={**os.environ, "LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": KEY},
        )
        os.close(theirs)
        assert arrived.wait(LONGEST_SECONDS)
        shown = b""
        while b"Reading the account" not in shown:  # the account has not answered
            shown += os.read(ours, 4096)
    assert run.wait(LONGEST_SECONDS) == 0
    os.close(ours)
