"""Measures a command with its processes: seconds, processor seconds, and memory of each process."""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class RunCost:
    """The cost of a command.

    Attributes:
        seconds: from start to end.
        processor: seconds of all processors, those of its processes included.
        parent: the highest resident memory of the command's own process, in MiB.
        worker: the highest one of any of its processes, in MiB; 0 without any.
        output: what it has printed.
    """

    seconds: float
    processor: float
    parent: float = 0.0
    worker: float = 0.0
    output: str = ""


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    others: Iterable[int] = (),
    codes: Iterable[int] = (0,),
) -> RunCost:
    """Run a command and return its cost.

    Args:
        command: the command.
        environment: variables besides those of this process.
        folder: for its output.
        others: the ids of processes that work for it and are not its own; their memory is not
            measured.
        codes: the exit codes of a run that has done its work.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    output = folder / "output"
    busy = sum(map(processor_of, others := tuple(others)))
    parent, worker = 0, 0
    with output.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, env={**os.environ, **environment})
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        while not ended:
            parent = max(parent, _peak(process.pid))
            worker = max(worker, *map(_peak, _children(process.pid)), 0)
            time.sleep(SAMPLE_SECONDS)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise subprocess.CalledProcessError(process.returncode, command)
    processor = usage.ru_utime + usage.ru_stime + sum(map(processor_of, others)) - busy
    text = output.read_text("utf-8")
    return RunCost(seconds, processor, parent / MEBIBYTE, worker / MEBIBYTE, text)


def processor_of(process: int) -> float:
    """Return the processor seconds of a running process."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(process: int) -> list[int]:
    with suppress(OSError):
        text = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
        return [int(word) for word in text.split()]
    return []


def _peak(process: int) -> int:
    """Return the highest resident memory of a process, in KiB; 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
