"""Measures seconds, processor seconds and memory of a program, as medians of several runs."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
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


def cost_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return its cost.

    Raises:
        subprocess.CalledProcessError: it failed; its output is shown.
    """
    with tempfile.TemporaryFile() as errors:
        before = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
        # The child has been waited for, so Popen must not wait for it.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace"))
            raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MEBIBYTE)


def median_cost(run: Callable[[], Cost], runs: int) -> Cost:
    """Return the medians of several runs."""
    return median_of([run() for _ in range(runs)])


def median_of(costs: Sequence[Cost]) -> Cost:
    """Return the median of each part of several costs."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.processor for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )
