"""The local engine: it runs tasks in processes of this machine.

A task is begun once and never repeated. The end of a process concerns only the task that it had.
Each process has a group of its own: Ctrl-C reaches only this process, which ends the others.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from provisioner.fleet.stop_request import StopRequest
from provisioner.system import total_memory

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Task = TypeVar("Task")
Result = TypeVar("Result")

LOCAL = "local"
"""The name of this engine."""

MOST_JOBS = 256
"""The most processes of one run."""

TASKS_OF_PROCESS = 50
"""The tasks after which a new process replaces one, so that its memory does not grow."""

END_SECONDS = 30
"""The time that a process gets to end its task when the run ends early."""


JOBS_OF_PROCESSOR = 8
"""Accounts at a time for each processor: most of the time they wait for their requests. The
quickest number that docs/fleet-scale.md measured; more processes only wait for each other."""

MOST_DEFAULT_JOBS = 100
"""The accounts that can send 180 requests a minute each from one address; more would wait."""

BYTES_OF_JOB = 128 * 1024**2
"""The memory of the machine for each process, which takes about half of it."""


def default_jobs(*, waits: bool) -> int:
    """Return the processes of a run.

    Args:
        waits: whether tasks wait for the network; others compute all the time.
    """
    processors = os.cpu_count() or 1
    if not waits:
        return processors
    most = min(MOST_DEFAULT_JOBS, total_memory() // BYTES_OF_JOB)
    return max(1, min(JOBS_OF_PROCESSOR * processors, most))


@dataclass(frozen=True, slots=True)
class Finished(Generic[Task, Result]):
    """A task that has ended.

    Attributes:
        task: the task.
        result: its result; None if the process ended without one.
        reason: why there is no result; "" if there is one.
        begun: whether its work may have begun; only one without a result may not have.
        process: the id of the process that has ended without a result; 0 if there is a result, or
            if the process was on another machine.
    """

    task: Task
    result: Result | None
    reason: str = ""
    begun: bool = True
    process: int = 0


def run_local(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    jobs: int,
    stop: StopRequest | None = None,
) -> Iterator[Finished[Task, Result]]:
    """Run a function on each task, and yield the tasks as they end.

    One job runs in this process. Tasks are taken when a process is free, so that a caller can
    decide by the results so far whether there is a next one.

    Args:
        function: a function of a module; it must catch its own errors.
        tasks: the tasks; function, tasks and results can be pickled.
        jobs: the number of processes.
        stop: sends each process with a task a signal when somebody asks to stop. Such a
            task has a result, too: the function must end it early by itself.
    """
    if jobs <= 1:
        for task in tasks:
            yield Finished(task, function(task))
        return
    asking = stop or StopRequest()
    pool = _Pool(function, jobs, asking)
    try:
        with asking.listening(pool.ask_to_end):
            yield from pool.run(iter(tasks))
    finally:
        pool.end()


class _Pool:
    """Processes, each with at most one task at a time."""

    def __init__(self, function: Callable[[Any], Any], jobs: int, stop: StopRequest) -> None:
        self._function = function
        self._stop = stop
        self._jobs = jobs
        # A fork is quick and has all modules; with threads, or elsewhere, it is not safe.
        can_fork = sys.platform == "linux" and hasattr(os, "fork")
        self._forks = can_fork and threading.active_count() == 1
        self._context = multiprocessing.get_context("fork" if self._forks else "spawn")
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, Any]] = {}

    def run(self, tasks: Iterator[Any]) -> Iterator[Finished[Any, Any]]:
        while True:
            while len(self._busy) < self._jobs and (task := next(tasks, _NONE)) is not _NONE:
                try:
                    self._begin(task)
                except OSError as error:
                    reason = f"no process can be started: {error.strerror or error}"
                    yield Finished(task, None, reason, begun=False)
            if not self._busy:
                return
            for ready in wait([*self._busy]):
                # Only connections are waited for.
                if isinstance(ready, Connection):
                    yield self._finished(ready)

    def _begin(self, task: Any) -> None:
        while True:
            worker = self._idle.pop() if self._idle else self._new()
            with suppress(OSError):  # it has ended while it was idle
                worker.connection.send(task)
                self._busy[worker.connection] = (worker, task)
                if self._stop.asked:  # while the task was on its way
                    worker.ask_to_end()
                return
            worker.end()

    def _new(self) -> "_Worker":
        busy = (worker for worker, _task in self._busy.values())
        others = [worker.connection for worker in (*self._idle, *busy)]
        return _Worker(self._context, self._function, others if self._forks else None)

    def _finished(self, connection: Connection) -> Finished[Any, Any]:
        worker, task = self._busy.pop(connection)
        try:
            result = connection.recv()
        except (EOFError, OSError):
            return Finished(task, None, worker.end(), process=worker.process)
        worker.tasks += 1
        if worker.tasks < TASKS_OF_PROCESS:
            self._idle.append(worker)
        else:
            worker.end()
        return Finished(task, result)

    def ask_to_end(self) -> None:
        """Send each process that has a task a signal as of Ctrl-C; the second one ends it."""
        for worker, _task in [*self._busy.values()]:
            worker.ask_to_end()

    def end(self) -> None:
        """End all processes: idle ones at once, the others after a signal as of Ctrl-C."""
        for worker, _task in self._busy.values():
            if not worker.asked:
                worker.ask_to_end()
        for worker in [*self._idle, *(worker for worker, _task in self._busy.values())]:
            worker.end()


class _None:
    """No further task."""


_NONE = _None()


class _Worker:
    """One process, and the connection to it.

    A forked process also has copies of the connections to others, and closes them: it must end
    when this process ends.
    """

    def __init__(
        self, context: Any, function: Callable[[Any], Any], others: list[Connection] | None
    ) -> None:
        self.connection, theirs = context.Pipe()
        self.tasks = 0
        self.asked = False
        copies = [*others, self.connection] if others is not None else []
        self._process: BaseProcess = context.Process(
            target=_work, args=(function, theirs, copies), daemon=False
        )
        self._process.start()
        theirs.close()

    @property
    def process(self) -> int:
        """The id of the process."""
        return self._process.pid or 0

    def ask_to_end(self) -> None:
        """Ask the process to end its task early; asked again, it ends at once."""
        if self.asked:
            # A second signal of the same kind could merge with the first one.
            self._process.kill()
        else:
            self.asked = True
            self._process.terminate()

    def end(self) -> str:
        """Close the connection, wait for the end of the process, and return how it ended."""
        self.connection.close()
        self._process.join(END_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        code = self._process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with exit code {code}"


def _work(function: Callable[[Any], Any], connection: Connection, copies: list[Connection]) -> None:
    """Answer tasks until the connection is closed; the whole program of a worker."""
    for copy in copies:
        copy.close()
    if hasattr(os, "setpgid"):
        with suppress(OSError):
            os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            connection.send(function(connection.recv()))
