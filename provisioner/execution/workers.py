"""Threads that make calls: all of them are started before the first call.

A thread that can't be started then is found before anything is written. `ThreadPoolExecutor`
starts its threads when calls arrive, and keeps a call in its queue that it reported as refused.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

_Call = tuple["Future[Any]", Callable[[], Any]]


class Workers(Generic[Value]):
    """A fixed number of threads.

    Attributes:
        number: of the threads; fewer than wanted where the machine gives no more.
    """

    def __init__(self, wanted: int) -> None:
        """Start the threads.

        Raises:
            RuntimeError: not even one can be started.
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
        """Let a thread make a call."""
        future: Future[Value] = Future()
        self._calls.put((future, call))
        return future

    def close(self) -> None:
        """Wait for the calls under way."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            try:
                value = call()
            except BaseException as error:  # noqa: BLE001  it is the caller's to report
                future.set_exception(error)
            else:
                future.set_result(value)
