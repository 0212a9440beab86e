"""The example team on API v3, from a new account to a plan without changes.

The commands and the figures are those of docs/surfaces.md. A stand-in does in the panel what the
work list shows, and nothing else.
"""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.panel import Panel
from tests.repository import Repository
from tests.support import Account, account

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/surfaces.md").read_text(encoding="utf-8")
STORY = PAGE.partition("\n### A new account, step by step\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^provisioner .*$", STORY, re.MULTILINE)
FIGURES = {name: int(number) for name, number in re.findall(r"\| (.+?) \| (\d+) \|", STORY)}
AT_ONCE, BY_PAGE = "provisioner manual done --all-as-is", "provisioner manual done"


@dataclass(frozen=True)
class Team:
    """The example team, and its account.

    Attributes:
        live: the account on API v3, for the command line.
        full: the same account on the extended surface.
        folder: the project, which is the current folder.
    """

    live: Account
    full: Account
    folder: Path

    def run(self, command: str) -> str:
        """Run a command as typed, and return its standard output."""
        result = self.live.run(*shlex.split(command)[1:])
        assert result.exit_code == 0, result.output
        return result.stdout

    def work_list(self) -> dict[str, Any]:
        """Return the work list as data."""
        data: dict[str, Any] = json.loads(self.run("provisioner manual --format json"))
        return data

    def acknowledged(self) -> str:
        """Return the file with the acknowledgements, without their day."""
        text = (self.folder / "acknowledged.yaml").read_text(encoding="utf-8")
        return re.sub(r"\bon: .*", "on: today", text)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    folder = tmp_path / "acme"
    ignored = shutil.ignore_patterns(".provisioner")
    shutil.copytree(ROOT / "examples/acme", folder, ignore=ignored)
    Repository.new(folder).git("config", "user.email", "priya.nair@acme.example")
    monkeypatch.chdir(folder)
    with account(tmp_path) as full, account(tmp_path, surface="v3") as live:
        yield Team(live, full, folder)


def typed(commands: list[str]) -> int:
    """Return the keystrokes of commands, each with Enter."""
    return sum(len(command) + 1 for command in commands)


def test_the_example_team_is_set_up_with_the_commands_of_the_page(team: Team) -> None:
    plan, panel = team.run("provisioner plan"), Panel(team.full, team.folder)
    pages: list[Any] = []
    for command in COMMANDS:
        if command == AT_ONCE:
            pages = team.work_list()["pages"]
            by_page = "a\n" * len(pages)
            walked = team.live.run_in_terminal(by_page.encode(), "manual", "done")
            assert walked.returncode == 0, walked.stderr
            same = team.acknowledged()
            (team.folder / "acknowledged.yaml").unlink()
        team.run(command)
        if command == "provisioner manual":
            work = team.work_list()
            panel.do_all(work)
    assert team.acknowledged() == same
    # The extended surface shows what v3 does not: the person did all of it, and did it right.
    settings = team.folder / "provisioner.yaml"
    compared = re.sub("^initial:.*$", "", settings.read_text("utf-8"), flags=re.MULTILINE)
    settings.write_text(compared, encoding="utf-8")
    done = team.full.run("plan", "--detailed-exitcode")
    assert done.exit_code == 0, done.output
    by_page_commands = [BY_PAGE if command == AT_ONCE else command for command in COMMANDS]
    measured = {
        "manual steps": work["summary"]["steps"],
        "tasks of the work list": work["summary"]["entries"],
        "pages of the panel": work["summary"]["pages"],
        "lines of the first plan": len(plan.splitlines()),
        "lines of `acknowledged.yaml`": len(team.acknowledged().splitlines()),
        "keystrokes for these commands": typed(COMMANDS),
        "keystrokes, with `manual done` page by page": typed(by_page_commands) + len(by_page),
    }
    assert measured == FIGURES
