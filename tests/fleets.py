"""A fleet of accounts that are one sandbox, and its applies."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import KEY, Account, write_project

WAVES = {"one": 1, "two": 1, "three": 2}


class Fleet:
    """A fleet whose accounts are one sandbox; each account has an agent of its own."""

    def __init__(self, folder: Path, live: Account) -> None:
        self.folder = folder
        self.engine: tuple[str, ...] = ("--jobs", "1")
        self.live = live
        self.waves("{stop_after_failures: 1}")
        for name in WAVES:
            self.connect(name)
            write_project(folder / name, team=f"agents: [{{email: {name}@acme.example, name: A}}]")

    def waves(self, settings: str) -> None:
        entries = [
            f"  - {{project: {name}, target: production, wave: {wave}}}"
            for name, wave in WAVES.items()
        ]
        text = "\n".join(["accounts:", *entries, f"waves: {settings}", ""])
        write_project(self.folder, fleet=text)

    def connect(self, name: str, url: str = "", key: str = "FLEET_KEY", more: str = "") -> None:
        url = url or self.live.server.url
        target = f"{{url: '{url}', insecure: true, api_key: {{env: {key}}}}}"
        text = f"targets: {{production: {target}}}\n{more}"
        write_project(self.folder / name, provisioner=text)

    def own_locks(self) -> None:
        """Let two accounts be applied at once, though they are one sandbox."""
        for name in WAVES:
            self.connect(name, more="lock: {sqlite: lock.db}")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "FLEET_KEY": KEY,
            "WRONG_KEY": "a-refused-key",
            "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        }

    def apply(self, *arguments: str, answer: str | None = None) -> Result:
        command = ["fleet", "apply", str(self.folder), *self.engine, *arguments]
        return CliRunner().invoke(main, command, env=self.environment, input=answer)

    def elements(self, *arguments: str, exit_code: int) -> list[dict[str, Any]]:
        result = self.apply("--yes", "--format", "json", *arguments)
        assert result.exit_code == exit_code, result.output
        elements: list[dict[str, Any]] = json.loads(result.stdout)
        return elements

    def outcomes(self, *arguments: str, exit_code: int) -> dict[str, str]:
        elements = self.elements(*arguments, exit_code=exit_code)
        return {one["fleet"]["name"]: one["fleet"]["outcome"] for one in elements}

    def created(self) -> list[str]:
        emails = [row["email"].partition("@")[0] for row in self.live.everything("/agents")]
        return [name for name in WAVES if name in emails]


def groups(report: str) -> dict[str, list[str]]:
    """Return the titles of a report, and the lines below each."""
    lines: dict[str, list[str]] = {}
    for line in report.splitlines():
        if line and not line.startswith(" "):
            lines[line] = below = []
        elif line:
            below.append(line.strip())
    return lines


@contextmanager
def running(
    fleet: Fleet, *arguments: str, records: Path | str = ""
) -> Iterator["subprocess.Popen[str]"]:
    """Run `fleet apply` beside this process until the block ends; locally by two processes."""
    engine = ("--jobs", "2") if fleet.engine == ("--jobs", "1") else fleet.engine
    command = ["fleet", "apply", str(fleet.folder), "--yes", *engine, *arguments]
    with subprocess.Popen(
        [sys.executable, "-m", "provisioner", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **fleet.environment, "PROVISIONER_RECORDS": str(records)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr
    assert next((line for line in iter(process.stderr.readline, "") if words in line), "")
