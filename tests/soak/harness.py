"""Running the command line in processes that can be killed, against a sandbox of this process.

A child is forked from a process that has everything loaded, so that a run takes its own time and
not that of a start.
"""

import io
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

from provisioner.sandbox.faults import Fault, Faults
from tests.support import KEY, Account, account

FULL = os.environ.get("SOAK") == "1"
"""Whether everything is run, as by `make soak`, and not a sample."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.soak.child"])

LONGEST_RUN_SECONDS = 300


class Killer(Faults):
    """Kills a process at one of its calls, before or after the call takes effect."""

    def __init__(self, at: int, *, lands: bool) -> None:
        super().__init__()
        self._at = at
        self._lands = lands
        self._calls = 0
        self._calls_lock = threading.Lock()
        self.victim: BaseProcess | None = None

    def fault_of(self, method: str, path: str) -> Fault | None:
        with self._calls_lock:
            self._calls += 1
            if self._calls != self._at or self.victim is None or self.victim.pid is None:
                return super().fault_of(method, path)
        os.kill(self.victim.pid, signal.SIGKILL)
        return Fault("drop", lands=self._lands)


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int | None
    output: str


@dataclass(frozen=True)
class Running:
    """A run under way.

    Attributes:
        process: the child.
        output: where it writes.
    """

    process: BaseProcess
    output: Path

    def end(self) -> Ended:
        """Wait for its end."""
        self.process.join(LONGEST_RUN_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            raise TimeoutError(f"a run took longer than {LONGEST_RUN_SECONDS} s")
        text = self.output.read_text(encoding="utf-8", errors="replace")
        return Ended(self.process.exitcode, text)


def start_child(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    output: Path,
    errors: Path | None = None,
) -> Running:
    """Start the command line in a child; without `errors`, these go to `output`, too."""
    from tests.soak import child  # noqa: PLC0415  loaded in the fork server, too

    given = (list(arguments), dict(environment), str(output), str(errors or output))
    process = _FORKS.Process(target=child.run, args=given)
    process.start()
    return Running(process, output)


class Runner:
    """Runs the command line in child processes, against one sandbox."""

    def __init__(self, live: Account, folder: Path) -> None:
        self._live = live
        self._folder = folder
        self._number = count(1)

    def start(self, *arguments: str) -> "Running":
        """Start a run."""
        environment = {
            "LIVEAGENT_BASE_URL": self._live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
            "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        }
        output = self._folder / f"output-{next(self._number)}.txt"
        return start_child(arguments, environment, output)

    def run(self, *arguments: str, victim_of: Killer | None = None) -> Ended:
        """Run to the end, or until it is killed."""
        started = self.start(*arguments)
        if victim_of is not None:
            victim_of.victim = started.process
        return started.end()


@contextmanager
def running(folder: Path, faults: Faults | None = None) -> Iterator[tuple[Account, Runner]]:
    """Run a sandbox with a fresh database in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    with account(folder, faults=faults) as live:
        yield live, Runner(live, folder)


def redirect(output: str, errors: str) -> None:
    """Send standard output and error of this process to files, which may be the same."""
    os.dup2(_opened(output), 1)
    os.dup2(1 if errors == output else _opened(errors), 2)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), write_through=True)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), write_through=True)
    with suppress(OSError):
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115


def _opened(file: str) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
