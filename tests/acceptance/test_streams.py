"""Odd standard streams and terminals: no result is lost in silence, and no command breaks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.effort import LONGEST_SECONDS
from tests.support import KEY, Account, held, write_project

TEAM = """
    departments: [{name: Dvořák}]
    agents:
      - {email: mia@acme.example, name: Mia, alias: Mi, departments: {Dvořák: {chats: true}}}
"""

COMMANDS = {
    "init": "init new",
    "validate": "validate p",
    "plan": "plan p",
    "plan-out": "plan p --out other.json",
    "show-plan": "show saved.json",
    "show-agent": "show agent mia@acme.example p",
    "snapshot": "snapshot p --out file.snapshot",
    "runs": "runs p",
    "runs-show": "runs show 1 p",
    "undo": "undo 1 p",
    "drift": "drift p",
    "export": "export copy",
    "explain": "explain agent/mia@acme.example p",
    "schema": "schema agent",
    "help": "--help",
    "help-of-a-command": "apply --help",
    "version": "--version",
}

ODD_TERMINALS = {
    "no columns": {"COLUMNS": "0"},
    "negative": {"COLUMNS": "-5", "LINES": "-1"},
    "a digit that is no number": {"COLUMNS": "²", "LINES": "²"},
    "more than memory": {"COLUMNS": "99999999999", "LINES": "99999999999"},
    "empty": {"COLUMNS": "", "LINES": ""},
    "a word": {"COLUMNS": "abc", "LINES": "abc"},
    "tiny": {"COLUMNS": "1", "LINES": "1"},
    "no terminal": {"TERM": ""},
    "a dumb terminal": {"TERM": "dumb"},
    "an unknown terminal": {"TERM": "nobody-knows"},
}


@pytest.fixture
def folder(live: Account, tmp_path: Path) -> Path:
    """A folder with a project that was applied and has a new change, and a saved plan of it."""
    project = write_project(tmp_path / "p", team=TEAM)
    live.apply(project)
    write_project(project, team=TEAM.replace("alias: Mi,", "alias: Mia,"))
    result = live.run("plan", str(project), "--out", str(tmp_path / "saved.json"))
    assert result.exit_code == 0
    return tmp_path


def environment_of(live: Account) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHON": sys.executable,
        "LIVEAGENT_BASE_URL": live.server.url,
        "LIVEAGENT_V3_API_KEY": KEY,
    }


def shell(
    live: Account, folder: Path, command: str, streams: str = "", **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", f'"$PYTHON" -m provisioner {command} {streams}'],
        capture_output=True,
        encoding="latin-1",
        cwd=folder,
        env=environment_of(live) | environment,
        timeout=LONGEST_SECONDS,
        check=False,
    )


OUTPUTS = [
    *((command, "> /dev/full") for command in COMMANDS.values()),
    *((COMMANDS[name], ">&-") for name in ("validate", "plan", "help")),
]


@pytest.mark.parametrize(("command", "output"), OUTPUTS)
def test_a_result_that_is_lost_is_an_error(
    live: Account, folder: Path, command: str, output: str
) -> None:
    done = shell(live, folder, command, output)
    assert done.returncode == 1, done.stderr
    assert "can't be written to standard output" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("streams", [">&- 2>&- <&-", "> /dev/full 2> /dev/full", "2>&- <&-"])
def test_the_exit_code_is_true_where_nobody_can_be_told(
    live: Account, folder: Path, streams: str
) -> None:
    heard = ">" not in streams.replace("2>", "")
    assert shell(live, folder, "validate p", streams).returncode == (0 if heard else 1)
    assert shell(live, folder, "plan p --wrong", streams).returncode == 64
    assert shell(live, folder, "plan nowhere", streams).returncode == 1


def test_files_of_a_run_never_get_the_number_of_a_closed_stream(
    live: Account, folder: Path
) -> None:
    done = shell(live, folder, "apply p --yes", ">&- 2>&- <&-")
    assert done.returncode == 1
    record = folder / "p/.provisioner/runs/000002.jsonl"
    assert not record.exists() or all(
        line.startswith("{") for line in record.read_text(encoding="utf-8").splitlines()
    )
    assert live.agent("mia@acme.example")["name"] == "Mia"


def test_a_report_that_is_lost_does_not_unmake_an_apply(live: Account, folder: Path) -> None:
    """The plan is shown, and nobody reads the report behind the last write any more."""
    size = len(live.run("plan", str(folder / "p")).stdout.encode())
    with held(live, "PUT", ""):
        process = subprocess.Popen(
            [sys.executable, "-m", "provisioner", "apply", "p", "--yes"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment_of(live),
        )
        assert process.stdout is not None
        process.stdout.read(size)
        process.stdout.close()
    assert process.stderr is not None
    output = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(LONGEST_SECONDS) == 0
    assert "provisioner runs show 2 lists what was done" in output
    assert "Nothing to change" in live.run("plan", str(folder / "p")).stdout


def test_nothing_is_asked_where_standard_input_is_closed(live: Account, folder: Path) -> None:
    done = shell(live, folder, "apply p", "<&-")
    assert (done.returncode, "[confirmation-needed]" in done.stderr) == (64, True)


@pytest.mark.parametrize("terminal", ODD_TERMINALS.values(), ids=ODD_TERMINALS)
def test_no_size_and_no_name_of_a_terminal_takes_output_away(
    live: Account, folder: Path, monkeypatch: pytest.MonkeyPatch, terminal: dict[str, str]
) -> None:
    monkeypatch.chdir(folder)
    write_project(folder / "bad", team="agents: [{email: mia@acme.example, rol: agent}]")
    commands = [*COMMANDS.values(), "validate bad"]
    writing = ("init", "export", "snapshot")
    for command in commands:
        if command.startswith(writing):
            continue
        usual = live.run(*command.split())
        with monkeypatch.context() as patch:
            for name, value in terminal.items():
                patch.setenv(name, value)
            odd = live.run(*command.split())
        assert (odd.exit_code, odd.stdout) == (usual.exit_code, usual.stdout)
        assert len(odd.stderr) >= len(usual.stderr) * 0.9


@pytest.mark.parametrize("terminal", ODD_TERMINALS.values(), ids=ODD_TERMINALS)
def test_a_live_line_works_in_any_terminal(
    live: Account, folder: Path, terminal: dict[str, str]
) -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "provisioner", "apply", "p", "--yes"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=folder,
        env=environment_of(live) | terminal,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0
    assert "Applied and read back: 1 updated" in done.stdout


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C", "LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX"}],
)
def test_a_narrow_encoding_spells_out_what_it_lacks(
    live: Account, folder: Path, environment: dict[str, str]
) -> None:
    done = shell(live, folder, "show agent mia@acme.example p", **environment)
    assert done.returncode == 0, done.stderr
    assert "Dvo" in done.stdout


def test_the_sandbox_does_not_serve_where_nobody_can_read_its_address(
    live: Account, folder: Path
) -> None:
    done = shell(live, folder, "sandbox serve --db s.db", ">&-")
    assert (done.returncode, "standard output" in done.stderr) == (1, True)
