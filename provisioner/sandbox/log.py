"""The log of requests, for tests that count them."""

import threading
from typing import NamedTuple


class LoggedRequest(NamedTuple):
    """One request; the status is 0 where the connection was dropped instead of an answer."""

    method: str
    path: str
    status: int


class RequestLog:
    """The requests since the start; any thread may read it."""

    def __init__(self) -> None:
        self._entries: list[LoggedRequest] = []
        self._lock = threading.Lock()

    def add(self, entry: LoggedRequest) -> None:
        """Append a request."""
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[LoggedRequest]:
        """Return what was logged so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
