"""Commands without what Windows and small images lack; `docs/windows.md` says what is simulated."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli.main import main
from tests.effort import LONGEST_SECONDS
from tests.support import write_project

NAMES = main.list_commands(None)  # type: ignore[arg-type]

HOURS = """\
    agents:
      - email: mia@acme.example
        name: Mia
        hours: [{days: [mon], from: "09:00", to: "17:00", timezone: Europe/Prague}]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of all commands, by a name; one process runs them all."""
    here = tmp_path_factory.mktemp("small")
    team = str(here / "team")
    write_project(here / "windows", team=HOURS.split("    hours", maxsplit=1)[0])
    crlf = (here / "windows/team.yaml").read_bytes().replace(b"\n", b"\r\n")
    (here / "windows/team.yaml").write_bytes(b"\xef\xbb\xbf" + crlf)
    write_project(here / "zones", team=HOURS)
    write_project(here / "repository", team=HOURS.split("    hours", maxsplit=1)[0])
    subprocess.run(["git", "init", "-q", str(here / "repository")], check=True)
    write_project(here / "fleet", fleet="accounts: [{name: eu, project: eu, target: sandbox}]\n")
    write_project(here / "fleet/eu", team=HOURS.split("    hours", maxsplit=1)[0])
    lines = {
        **{f"help {name}": [name, "--help"] for name in NAMES},
        "init": ["init", team],
        "validate": ["validate", team],
        "format": ["fmt", team],
        "plan": ["plan", team, "-t", "sandbox"],
        "saved": ["plan", team, "-t", "sandbox", "--out", str(here / "plan.json")],
        "apply": ["apply", str(here / "plan.json"), "--yes"],
        "again": ["plan", team, "-t", "sandbox", "--detailed-exitcode"],
        "drift": ["drift", team, "-t", "sandbox"],
        "runs": ["runs", team],
        "verify": ["runs", "verify", team],
        "undo": ["undo", "1", team, "--yes", "--allow", "deletes=9"],
        "set": ["set", "agents", "alias=M", team, "--no-plan"],
        "export": ["export", str(here / "out"), "-t", "sandbox"],
        "doctor": ["doctor", team, "-t", "sandbox"],
        "Windows": ["plan", str(here / "windows"), "-t", "sandbox"],
        "Windows format": ["fmt", "--check", str(here / "windows")],
        "zones": ["validate", str(here / "zones")],
        "git": ["plan", str(here / "repository"), "-t", "sandbox", "--base", "main"],
        "fleet": ["fleet", "plan", str(here / "fleet"), "--format", "json"],
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.small_system"],
        input=json.dumps([*lines.values()]),
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONTZPATH": "", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(lines, json.loads(done.stdout), strict=True))


def test_no_command_dies_at_its_start(results: dict[str, Any]) -> None:
    assert {name: results[f"help {name}"]["exit_code"] for name in NAMES} == dict.fromkeys(NAMES, 0)
    assert {name: one["unexpected"] for name, one in results.items() if one["unexpected"]} == {}


@pytest.mark.parametrize(
    "name",
    [
        *("init", "validate", "format", "plan", "saved", "apply", "again", "drift", "runs"),
        *("verify", "undo", "set", "export", "Windows", "Windows format", "fleet"),
    ],
)
def test_a_command_does_its_work(results: dict[str, Any], name: str) -> None:
    one = results[name]
    assert one["exit_code"] == 0, one["stdout"] + one["stderr"]
    assert "[internal]" not in one["stderr"]


def test_each_lack_has_its_message(results: dict[str, Any]) -> None:
    assert "pip install tzdata" in results["zones"]["stdout"]
    assert "pip install tzdata" in results["doctor"]["stdout"]
    assert "git is not installed" in results["git"]["stderr"]


def test_the_second_plan_is_empty_and_the_account_of_a_fleet_is_planned_by_spawn(
    results: dict[str, Any],
) -> None:
    assert "Nothing to change" in results["again"]["stdout"]
    [plan] = json.loads(results["fleet"]["stdout"])
    assert plan["summary"]["create"] == 1
