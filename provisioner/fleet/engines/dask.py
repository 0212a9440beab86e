"""The Dask engine: it runs tasks on the workers of a scheduler, on any machines.

Dask repeats a task if its worker is lost. A task that must not be repeated asks the scheduler
before its work begins whether it has begun before.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from uuid import uuid4

from provisioner.fleet.engines.dask_connection import connected, workers_of
from provisioner.fleet.engines.dask_worker import BegunBeforeError, Call, ask_to_stop, work
from provisioner.fleet.engines.local import Finished
from provisioner.fleet.stop_request import StopRequest
from provisioner.redaction import redact

if TYPE_CHECKING:
    from distributed import Client, Event, Future

    AnyFuture: TypeAlias = Future[Any]

Task = TypeVar("Task")
Result = TypeVar("Result")

WATCH_SECONDS = 2.0
"""How often the workers are counted while no result comes."""

WITHOUT_WORKERS = 15
"""The number of such counts without any worker after which all tasks are lost."""

RESULT_SECONDS = 60.0
"""The time in which the result of a task that has ended must come."""

SENT_AHEAD = 2
"""The tasks for each worker that are sent; only those that may be repeated are sent ahead."""

NO_WORKERS = "the scheduler has no workers any more"
SCHEDULER_LOST = "the connection to the scheduler was lost"


def run_dask(
    function: Callable[..., Result],
    tasks: Iterable[Task | Finished[Task, Result]],
    jobs: int,
    address: str,
    *,
    repeatable: bool,
) -> Iterator[Finished[Task, Result]]:
    """Run a function on each task on the workers of a scheduler; see `DaskEngine.run`.

    Raises:
        TargetError: the scheduler can't be used.
    """
    with dask_engine(address) as engine:
        yield from engine.run(function, tasks, jobs, repeatable=repeatable)


@contextmanager
def dask_engine(address: str) -> Iterator["DaskEngine"]:
    """Connect to a scheduler.

    Args:
        address: its address, such as `dask://127.0.0.1:8786`.

    Raises:
        TargetError: the scheduler can't be used.
    """
    with connected(address) as client:
        yield DaskEngine(client)


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """The workers of a scheduler."""

    _client: "Client"

    def run(
        self,
        function: Callable[..., Result],
        tasks: Iterable[Task | Finished[Task, Result]],
        jobs: int,
        *,
        repeatable: bool,
        stop: StopRequest | None = None,
    ) -> Iterator[Finished[Task, Result]]:
        """Run a function on each task, and yield the tasks as they end.

        Tasks are taken when a worker is free, as by `run_local`.

        Args:
            function: a function of a module that the workers have, too. Its argument is the task,
                and for tasks that are not repeatable also a `StopRequest` of the worker.
            tasks: the tasks, and results that need no work; they can be pickled, as the function.
            jobs: the most tasks that are sent and have not ended.
            repeatable: whether a task is repeated on another worker if its worker is lost. A task
                that is not has no result then.
            stop: passed on to the workers when somebody asks to stop.
        """
        asking = stop or StopRequest()
        run = _Run(self._client, function, repeatable=repeatable)
        with asking.listening(run.ask_to_stop):
            yield from run.run(iter(tasks), jobs)


class _Run:
    """The tasks that are on the way."""

    def __init__(self, client: "Client", function: Callable[..., Any], *, repeatable: bool) -> None:
        self._client = client
        self._function = function
        self._repeatable = repeatable
        self._name = f"run-{uuid4().hex}"
        # Reentrant: a signal handler also puts something into it.
        self._events: queue.SimpleQueue[AnyFuture | None] = queue.SimpleQueue()
        self._begun: dict[str, tuple[AnyFuture, Call]] = {}
        self._marks: list[str] = []
        self._scheduler = client.scheduler_info(n_workers=0)["id"]
        self._workers = len(workers_of(client))
        self._without_workers = 0

    def ask_to_stop(self) -> None:
        """Ask all workers to end their tasks of this run early; safe in a signal handler."""
        self._events.put(None)

    def run(self, tasks: Iterator[Any], jobs: int) -> Iterator[Finished[Any, Any]]:
        try:
            while not (lost := self._lost()):
                while (
                    len(self._begun) < self._most(jobs) and (task := next(tasks, self)) is not self
                ):
                    if isinstance(task, Finished):
                        yield task
                    else:
                        self._begin(task)
                if not self._begun:
                    return
                if (future := self._next()) is not None:
                    yield self._finished(future)
            self._cancel()
            for _future, call in [*self._begun.values()]:
                yield Finished(call.task, None, lost, begun=self._has_begun(call))
            self._begun.clear()
            for task in tasks:
                yield (
                    task if isinstance(task, Finished) else Finished(task, None, lost, begun=False)
                )
        finally:
            if self._begun and not self._repeatable:
                self._send_stop()
            self._cancel()
            with suppress(Exception):  # without a scheduler
                self._forget_marks()

    def _most(self, jobs: int) -> int:
        ahead = SENT_AHEAD if self._repeatable else 1
        return min(jobs, ahead * max(self._workers, 1))

    def _lost(self) -> str:
        """Return why no task can be done any more; "" if it can."""
        if self._client.status == "closed":
            return SCHEDULER_LOST
        return NO_WORKERS if self._without_workers >= WITHOUT_WORKERS else ""

    def _begin(self, task: Any) -> None:
        key = f"account-{uuid4().hex}"
        call = Call(self._function, task, "" if self._repeatable else key, self._name)
        future = self._client.submit(work, call, key=key, pure=False, retries=0)
        self._begun[key] = (future, call)
        future.add_done_callback(self._events.put)

    def _next(self) -> "AnyFuture | None":
        """Return a task that has ended; None if none has in the time between two counts."""
        with suppress(queue.Empty):
            future = self._events.get(timeout=WATCH_SECONDS)
            if future is None:
                # Not waited for: a worker that hangs must not keep the results of the others.
                threading.Thread(target=self._send_stop, daemon=True).start()
                return None
            return future if future.key in self._begun else None
        # The end of the connection ends tasks without a call.
        ended = (future for future, _call in self._begun.values() if future.done())
        try:
            self._workers = len(workers_of(self._client))
        except Exception:  # noqa: BLE001  the scheduler is lost
            self._workers = 0
        self._without_workers = 0 if self._workers else self._without_workers + 1
        return next(ended, None)

    def _send_stop(self) -> None:
        """Ask for a stop: tasks on their way look at the mark, and workers are called."""
        with suppress(Exception):  # without a scheduler, the workers end their tasks by themselves
            self._event(self._name).set()
            self._client.run(ask_to_stop, self._name, on_error="ignore")

    def _finished(self, future: "AnyFuture") -> Finished[Any, Any]:
        _, call = self._begun.pop(str(future.key))
        try:
            result = future.result(timeout=RESULT_SECONDS)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            with suppress(Exception):  # without a scheduler
                self._client.cancel([future])
            return Finished(call.task, None, _reason(error), begun=self._has_begun(call))
        if call.once:
            self._marks.append(call.once)
        return Finished(call.task, result)

    def _has_begun(self, call: Call) -> bool:
        """Return whether a task without a result may have begun.

        A scheduler that was restarted has lost the marks.
        """
        if call.once and self._client.status == "running":
            with suppress(Exception):  # without a scheduler
                is_set = bool(self._event(call.once).is_set())
                return is_set or self._client.scheduler_info(0)["id"] != self._scheduler
        return True

    def _cancel(self) -> None:
        with suppress(Exception):  # without a scheduler
            self._client.cancel([future for future, _call in self._begun.values()])

    def _forget_marks(self) -> None:
        """Remove the marks of tasks with a result; a lost one keeps its mark."""
        for name in self._marks:
            self._event(name).clear()

    def _event(self, name: str) -> "Event":
        from distributed import Event  # noqa: PLC0415

        return Event(name, client=self._client)


def _reason(error: BaseException) -> str:
    """Return why a task has no result."""
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415

    if isinstance(error, BegunBeforeError | KilledWorker):
        return "the connection to its worker was lost"
    if isinstance(error, CancelledError):
        return SCHEDULER_LOST
    text = redact(str(error)).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
