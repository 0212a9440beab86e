"""A pool of threads that are all started before the first call.

If the machine can't start a thread, this shows before anything is written. `ThreadPoolExecutor`
starts threads when calls arrive; when that fails, it raises but still runs the call later.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

CONCURRENCY = 8
"""Calls at a time by default. More help only where the account answers slowly: its rate limit
decides the duration."""

MOST_CONCURRENCY = 32
"""The most calls at a time. They use a limit of 180 a minute even if each takes ten seconds."""

Value = TypeVar("Value")

_Call = tuple["Future[Any]", Callable[[], Any]]


class Workers(Generic[Value]):
    """A fixed number of threads.

    Attributes:
        number: number of threads; fewer than wanted if the machine has no more.
    """

    def __init__(self, wanted: int) -> None:
        """Start the threads.

        Raises:
            RuntimeError: no thread can be started.
        """
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        while len(self._threads) < wanted:
            thread = threading.Thread(target=self._work, daemon=True)
            try:
                thread.start()
            except (RuntimeError, MemoryError):
                if not self._threads:
                    raise
                break
            self._threads.append(thread)
        self.number = len(self._threads)

    def submit(self, call: Callable[[], Value]) -> "Future[Value]":
        """Run a call in one of the threads, and return its future."""
        # Imported here: most commands start no workers.
        from concurrent.futures import Future  # noqa: PLC0415

        future: Future[Value] = Future()
        self._calls.put((future, call))
        return future

    def close(self) -> None:
        """Wait until all submitted calls have ended, and end the threads."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            try:
                value = call()
            except BaseException as error:  # noqa: BLE001  the caller reports it
                future.set_exception(error)
            else:
                future.set_result(value)
