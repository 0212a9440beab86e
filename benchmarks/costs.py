"""Measures seconds, processor seconds and memory of a program, as medians of several runs."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MEBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a run.

    Attributes:
        seconds: from start to end.
        processor: seconds of all processors.
        memory: the highest resident memory, in MiB.
    """

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Peer:
    """The cost of a program's work.

    Attributes:
        name: with its version.
        work: what it did.
        cost: of that.
    """

    name: str
    work: str
    cost: Cost


_LAUNCHER = """\
import os, sys, time
before = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - before
print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command from a small process: the memory of its parent counts for a child."""


def cost_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return its cost.

    Raises:
        subprocess.CalledProcessError: it failed; its errors are shown.
    """
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-c", _LAUNCHER, *command),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    seconds, processor, memory = map(float, done.stdout.split())
    return Cost(seconds, processor, memory / MEBIBYTE)


def median_cost(run: Callable[[], Cost], runs: int) -> Cost:
    """Return the medians of several runs."""
    return median_of([run() for _ in range(runs)])


def quickest_of(costs: Sequence[Cost]) -> Cost:
    """Return the cost of the least processor time: other programs only add to it."""
    return min(costs, key=lambda cost: cost.processor)


def median_of(costs: Sequence[Cost]) -> Cost:
    """Return the median of each part of several costs."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.processor for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )
