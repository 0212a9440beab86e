"""The log of requests, for tests that count them."""

import threading
from collections import deque
from typing import NamedTuple, TextIO

_MOST_ENTRIES = 1_000_000


class LoggedRequest(NamedTuple):
    """One request; the status is 0 if the connection was dropped without an answer."""

    method: str
    path: str
    status: int


class RequestLog:
    """The last million requests since the start; any thread may read it."""

    def __init__(self, file: TextIO | None = None) -> None:
        """Start without entries.

        Args:
            file: also gets each request, as a line with method, path and status.
        """
        self._entries: deque[LoggedRequest] = deque(maxlen=_MOST_ENTRIES)
        self._lock = threading.Lock()
        self._file = file

    def add(self, entry: LoggedRequest) -> None:
        """Append a request."""
        with self._lock:
            self._entries.append(entry)
            if self._file:
                print(*entry, file=self._file, flush=True)

    def entries(self) -> list[LoggedRequest]:
        """Return the requests so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()
