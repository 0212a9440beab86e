"""Guides are followed as readers do: one shell for a page, and a person at the panel in between.

A guide is `docs/tutorial.md` or a page of `docs/how-to`. In its blocks marked `console`, the shell
runs the lines that begin with `$ `, with those after them that begin with `> `. Blocks marked `sh`
are not run. Comments do what a reader does elsewhere: `<!-- panel: METHOD WORD… -->` calls a method
of `tests.panel.Panel`, and the commands between `<!-- job: begin -->` and `<!-- job: end -->` run
in the job of a pull request.
"""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from tests.effort import LONGEST_SECONDS
from tests.panel import Panel
from tests.platform_host import Host, platform_host, variables
from tests.repository import SETTINGS
from tests.support import KEY, account

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs/tutorial.md"
HOW_TO = sorted((ROOT / "docs/how-to").glob("*.md"))

START = (
    'provisioner init team --url "$ACCOUNT" && cd team',
    "git init --quiet --initial-branch main && git add --all",
    "git commit --quiet --message 'Adopt the account'",
)
"""What the tutorial has done before a how-to page begins."""

SHOWN_ACCOUNT = "https://acme.ladesk.com"
"""The address of the account on the pages."""

_END = "end-of-command"
_STEP = re.compile(
    r"^```(?P<kind>console|sh)\n(?P<text>.*?)^```$|^<!-- (?P<hidden>panel|job): (?P<what>.+?) -->$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """One step of a guide.

    Attributes:
        kind: `console`, `sh`, `panel` or `job`.
        text: the command, the whole block of `sh`, or the words of the comment.
        output: what the page shows for a command of `console`.
    """

    kind: str
    text: str
    output: str = ""


class Shell:
    """A shell that keeps its folder and variables from one command to the next.

    It prints the address of the account as the guides show it.
    """

    def __init__(self, process: "subprocess.Popen[str]", account: str) -> None:
        self._process = process
        self._account = account

    def run(self, command: str, seconds: float = LONGEST_SECONDS) -> str:
        """Run a command without standard input, and return what it has printed."""
        assert self._process.stdin
        assert self._process.stdout
        limit = threading.Timer(seconds, self._process.kill)
        limit.start()
        printed = []
        try:
            self._process.stdin.write(f"{{ {command}\n}} < /dev/null\necho {_END}\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                text, end, _ = line.partition(f"{_END}\n")
                printed.append(text)
                if end:
                    return "".join(printed).replace(self._account, SHOWN_ACCOUNT)
        finally:
            limit.cancel()
        raise AssertionError(f"$ {command}\n{''.join(printed)}")


def steps(page: Path) -> Iterator[Step]:
    """Yield the steps of a guide in their order."""
    for found in _STEP.finditer(page.read_text(encoding="utf-8")):
        if found["hidden"]:
            yield Step(found["hidden"], found["what"])
        elif found["kind"] == "sh":
            yield Step("sh", found["text"])
        else:
            for part in re.split(r"^\$ ", found["text"], flags=re.MULTILINE)[1:]:
                yield _command(part)


def _command(text: str) -> Step:
    """Return a command with its output; lines that begin with `> ` continue the command."""
    lines = text.splitlines(keepends=True)
    rest = [*takewhile(lambda line: line.startswith("> "), lines[1:])]
    command = lines[0] + "".join(line.removeprefix("> ") for line in rest)
    return Step("console", command.rstrip("\n"), "".join(lines[1 + len(rest) :]))


def hidden(step: Step, shell: Shell, panel: Panel, job: Mapping[str, str]) -> None:
    """Do what a comment of a guide states."""
    if step.kind == "panel":
        method, *words = step.text.split()
        getattr(panel, method)(*words)
    elif step.text == "begin":
        shell.run("export " + " ".join(f"{name}='{value}'" for name, value in job.items()))
    else:
        shell.run("unset " + " ".join(job))


@contextmanager
def live_account(folder: Path) -> Iterator[tuple[Panel, dict[str, str]]]:
    """Serve the account of the guides on API v3, as a team has made it by hand.

    Yields:
        The person at the panel, and the reader's variables: two addresses and keys, both of this
        account.
    """
    with account(folder) as full, account(folder, surface="v3") as v3:
        panel = Panel(full)
        for department in ("Support", "Sales"):
            panel.found(department)
        panel.hire("priya.nair@acme.example", "admin")
        for person in ("mia.chen", "ben.carter", "li.wei"):
            panel.hire(f"{person}@acme.example")
        panel.join("priya.nair@acme.example", "Support", "tickets", "chats")
        panel.join("mia.chen@acme.example", "Support", "tickets")
        panel.join("ben.carter@acme.example", "Support", "tickets", "chats")
        panel.join("ben.carter@acme.example", "Sales", "tickets")
        panel.join("li.wei@acme.example", "Sales", "tickets", "chats")
        accounts = {"ACCOUNT": v3.server.url, "US_ACCOUNT": v3.server.url}
        yield panel, {**accounts, "LIVEAGENT_V3_API_KEY": KEY, "US_API_KEY": KEY}


@contextmanager
def pull_request(folder: Path) -> Iterator[tuple[Host, dict[str, str]]]:
    """Serve a stand-in of GitHub; yields it, and the variables of a job of its pull request."""
    with platform_host("github") as (url, host):
        yield host, variables("github", url, folder)


@contextmanager
def readers_shell(folder: Path, path: str, given: Mapping[str, str]) -> Iterator[Shell]:
    """Start a shell in a folder, in which git knows the reader, and end it with the block.

    Args:
        folder: where it begins; also the home of the reader.
        path: the variable `PATH`.
        given: further variables, with the address `ACCOUNT`.
    """
    machine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT", "LIVEAGENT", "PROVISIONER", "VIRTUAL_ENV"))
    }
    with subprocess.Popen(
        ["bash"],
        cwd=folder,
        env={**machine, **SETTINGS, "COLUMNS": "100", "HOME": str(folder), "PATH": path, **given},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process, given["ACCOUNT"])
