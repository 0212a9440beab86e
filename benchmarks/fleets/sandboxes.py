"""Many sandboxes in one process, each with a port of its own, on API v3.

`python -m benchmarks.fleets.sandboxes FOLDER ACCOUNTS AGENTS DELAY LIMIT` prints the addresses as
JSON, serves until its input ends, and prints what was sent to it.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from benchmarks.fleets.made_fleets import live_project
from benchmarks.server import KEY
from benchmarks.traffic import agent_data
from provisioner.cli.main import main as provisioner
from provisioner.sandbox.faults import Fault, Faults
from provisioner.sandbox.server import Sandbox

REFUSED = 429


@dataclass
class Served:
    """Running sandboxes.

    Attributes:
        urls: their addresses.
        requests: the requests to each, once they have ended.
        refused: the requests among them that were over the limit.
        processor: the seconds of the processor that they took.
    """

    urls: Sequence[str]
    requests: list[int] = field(default_factory=list)
    refused: int = 0
    processor: float = 0.0


@contextmanager
def sandboxes(
    folder: Path, accounts: int, agents: int, *, delay: float = 0.0, limit: int = 0
) -> Iterator[Served]:
    """Run sandboxes in a process of their own; their counts are there at the end.

    Args:
        folder: for their databases.
        accounts: their number.
        agents: the agents of each account, besides its owner.
        delay: the seconds by which each answer is delayed, as by a network.
        limit: requests a minute with one key; 0 for none.
    """
    words = (str(folder), str(accounts), str(agents), str(delay), str(limit))
    command = [sys.executable, "-m", "benchmarks.fleets.sandboxes", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        served = Served(json.loads(process.stdout.readline()))
        try:
            yield served
        finally:
            process.stdin.close()
        counts = json.loads(process.stdout.readline())
    served.requests, served.refused = counts["requests"], counts["refused"]
    served.processor = counts["processor"]


def main(folder: Path, accounts: int, agents: int, delay: float, limit: int) -> None:
    """Serve, and print the addresses and the counts."""
    database = folder / "account.db"
    folder.mkdir(parents=True)
    _fill(database, folder / "before", agents)
    rules = [Fault(kind="delay", times=0, seconds=delay)] if delay else []
    with ExitStack() as stack:
        serving = []
        for number in range(accounts):
            copy = folder / f"{number}.db"
            shutil.copy(database, copy)
            one = Sandbox(copy, api_key=KEY, surface="v3", rate_limit=limit, faults=Faults(rules))
            serving.append(stack.enter_context(one))
        before = time.process_time()
        sys.stdout.write(json.dumps([one.url for one in serving]) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        entries = [one.requests.entries() for one in serving]
        counts = {
            "requests": [len(one) for one in entries],
            "refused": sum(entry.status == REFUSED for one in entries for entry in one),
            "processor": time.process_time() - before,
        }
    sys.stdout.write(json.dumps(counts) + "\n")


def _fill(database: Path, project: Path, agents: int) -> None:
    """Create the agents on the full surface, which can create their departments, too."""
    with Sandbox(database, api_key=KEY) as sandbox:
        live_project(project, sandbox.url, [agent_data(number) for number in range(agents)])
        command = ["apply", str(project), "--yes"]
        done = CliRunner().invoke(provisioner, command, env={"KEY": KEY})
        assert done.exit_code == 0, done.output


if __name__ == "__main__":
    _folder, _accounts, _agents, _delay, _limit = sys.argv[1:]
    main(Path(_folder), int(_accounts), int(_agents), float(_delay), int(_limit))
