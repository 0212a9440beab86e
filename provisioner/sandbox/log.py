"""The log of requests, for tests that count them."""

import threading
from collections import deque
from typing import NamedTuple, TextIO

_MOST_ENTRIES = 1_000_000


class LoggedRequest(NamedTuple):
    """One request; the status is 0 where the connection was dropped instead of an answer."""

    method: str
    path: str
    status: int


class RequestLog:
    """The requests since the start, the last million of them; any thread may read it."""

    def __init__(self, file: TextIO | None = None) -> None:
        """Begin without entries.

        Args:
            file: gets each request, too: method, path and status in a line.
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
        """Return what was logged so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
