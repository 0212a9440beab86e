"""The work of a Dask worker: one task after the other, and those of applies at most once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from provisioner.fleet.stop_request import StopRequest

WATCH_SECONDS = 0.2
"""How often a worker is looked at that may be about to end."""

_one_at_a_time = threading.Lock()
_under_way: dict[str, StopRequest] = {}


class BegunBeforeError(Exception):
    """The task has begun on another worker, which was lost."""


@dataclass(frozen=True, slots=True)
class Call:
    """The work of a worker.

    Attributes:
        function: the function.
        task: its argument.
        once: the name of the mark that it has begun; "" if it may be repeated.
        run: the name of the mark that the run was asked to stop.
    """

    function: Callable[..., Any]
    task: Any
    once: str
    run: str


def work(call: Call) -> Any:
    """Run the function; the whole work of a worker. A process works on one task at a time.

    The function of a task that is not repeated gets a second argument: the request to stop.
    """
    with _one_at_a_time:
        if not call.once:
            return call.function(call.task)
        # Without a scheduler, an error ends the task here, before it has begun.
        mark, stopped = _event(call.once), _event(call.run)
        if mark.is_set():
            raise BegunBeforeError
        mark.set()
        with _stoppable(call.run) as stop:
            if stopped.is_set():
                stop.ask()
            return call.function(call.task, stop)


def ask_to_stop(run: str) -> None:
    """Ask the task of a run that this process works on to stop; it ends early by itself."""
    if stop := _under_way.get(run):
        stop.ask()


@contextmanager
def _stoppable(run: str) -> Iterator[StopRequest]:
    """Yield a request that also asks when this worker is about to end.

    It is, if it gets a signal or loses its scheduler. Nobody would get the result then, and the
    process ends half a minute later.
    """
    from distributed import get_worker  # noqa: PLC0415
    from distributed.worker import WORKER_ANY_RUNNING  # noqa: PLC0415

    worker, ended, stop = get_worker(), threading.Event(), StopRequest()

    def watch() -> None:
        while not ended.wait(WATCH_SECONDS):
            if worker.status not in WORKER_ANY_RUNNING:
                stop.ask()
                return

    _under_way[run] = stop
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield stop
    finally:
        ended.set()
        del _under_way[run]


def _event(name: str) -> Any:
    from distributed import Event, get_client  # noqa: PLC0415

    return Event(name, client=get_client())
