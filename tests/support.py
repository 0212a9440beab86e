"""Helpers of several tests: projects from text, the command line, raw requests to an account."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from textwrap import dedent
from threading import Event
from typing import Any

import requests
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.server import Sandbox
from tests.effort import LONGEST_SECONDS

KEY = "a-key-for-tests"


@dataclass(frozen=True)
class Account:
    """A running sandbox, with the command line for it and raw access over HTTP."""

    server: Sandbox
    key: str = KEY

    def run(self, *arguments: str) -> Result:
        """Run the command line with this account as the environment's target."""
        environment = {
            "LIVEAGENT_BASE_URL": self.server.url,
            "LIVEAGENT_V3_API_KEY": self.key,
            "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        }
        return CliRunner().invoke(main, [*map(str, arguments)], env=environment)

    def run_in_terminal(self, answer: bytes, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line in a process with a real terminal as its standard input."""
        ours, theirs = os.openpty()
        os.write(ours, answer)
        try:
            return subprocess.run(
                [sys.executable, "-m", "provisioner", *arguments],
                stdin=theirs,
                capture_output=True,
                text=True,
                env={
                    **os.environ,
                    "LIVEAGENT_BASE_URL": self.server.url,
                    "LIVEAGENT_V3_API_KEY": self.key,
                },
                timeout=LONGEST_SECONDS,
                check=False,
            )
        finally:
            os.close(ours)
            os.close(theirs)

    def plan(self, project: Path, *arguments: str) -> dict[str, Any]:
        """Return the plan of a project as data."""
        result = self.run("plan", str(project), "--format", "json", *arguments)
        assert result.exit_code == 0, result.output
        data: dict[str, Any] = json.loads(result.stdout)
        return data

    def apply(self, project: Path, *, exit_code: int = 0) -> str:
        """Apply a project and return what was printed."""
        result = self.run("apply", str(project), "--yes")
        assert result.exit_code == exit_code, result.output
        return result.stdout

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make a raw call below `/api/v3` and return its JSON."""
        answer = requests.request(
            method,
            f"{self.server.url}/api/v3{path}",
            json=body,
            headers={"apikey": self.key},
            timeout=LONGEST_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()

    def upload(self, file: Path) -> Any:
        """Upload a file and return its row."""
        answer = requests.post(
            f"{self.server.url}/api/v3/files",
            files={"file": (file.name, file.read_bytes())},
            headers={"apikey": self.key},
            timeout=LONGEST_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()

    def everything(self, path: str) -> list[dict[str, Any]]:
        """Return a whole list, read page by page to the empty one."""
        rows: list[dict[str, Any]] = []
        for number in count(1):
            page = self.call("GET", f"{path}?_page={number}&_perPage=100")
            rows += page
            if not page:
                break
        return rows

    def agent(self, email: str) -> dict[str, Any]:
        """Return the raw agent of an email."""
        return next(row for row in self.everything("/agents") if row["email"] == email)

    def writes(self) -> list[tuple[str, str]]:
        """Return the writing requests so far, as method and path below `/api/v3`."""
        return [
            (entry.method, entry.path.removeprefix("/api/v3"))
            for entry in self.server.requests.entries()
            if entry.method != "GET"
        ]


@contextmanager
def account(folder: Path, **options: Any) -> Iterator[Account]:
    """Run a sandbox with a database in a folder, without measuring its coverage.

    `tests/sandbox` measures the sandbox; here it would take a third of the time.
    """
    server = Sandbox(folder / "account.db", api_key=KEY, **options)
    trace = threading.gettrace()
    threading.settrace(None)
    try:
        server.start()
    finally:
        threading.settrace(trace)
    try:
        yield Account(server)
    finally:
        server.stop()


@contextmanager
def held(live: Account, method: str, path: str) -> Iterator[Event]:
    """Hold the server at the first request with this end of its path, until the block ends.

    Yields:
        The event that such a request has arrived. The server answers nothing meanwhile.
    """
    faults, hit = live.server.faults, live.server.faults.fault_of
    arrived, released = Event(), Event()

    def holding(asked: str, of: str) -> Fault | None:
        if asked == method and of.endswith(path):
            arrived.set()
            released.wait()
        return hit(asked, of)

    faults.fault_of = holding  # type: ignore[assignment, method-assign]
    try:
        yield arrived
    finally:
        faults.fault_of = hit  # type: ignore[method-assign]
        released.set()


def write_project(folder: Path, **files: str) -> Path:
    """Write YAML files into a folder; `agents="…"` becomes `agents.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return folder


def changes(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return address to action for everything in a plan's data that changes."""
    return {
        change["address"]: change["change"]["actions"][0]
        for change in plan["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }
