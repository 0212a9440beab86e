"""Measures what a run sends: requests, waits for the limit, retries, and the used share of it."""

import threading
import time
from collections.abc import Callable

from provisioner.execution.report import RequestStatistics
from provisioner.liveagent.http.limits import WINDOW_SECONDS


class RequestMeter:
    """Counts requests and waits, for all threads of a run.

    The share of the limit is measured in windows of a minute, each of them opened by a request.
    So the time that a person takes to answer a question does not count.
    """

    def __init__(self, per_minute: int = 0, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Make a meter.

        Args:
            per_minute: the limit of requests a minute; 0 is no limit.
            clock: returns seconds since any fixed point.
        """
        self._per_minute = per_minute
        self._clock = clock
        self._sent = self._retries = self._waits = self._windows = 0
        self._window_end = self._waited_until = float("-inf")
        self._waited = 0.0
        self._lock = threading.Lock()

    def sent(self, *, again: bool = False) -> None:
        """Count a request that is sent now; `again` if it was sent before."""
        with self._lock:
            now = self._clock()
            self._sent += 1
            self._retries += again
            if now >= self._window_end:
                self._windows += 1
                self._window_end = now + WINDOW_SECONDS

    def waited(self, seconds: float) -> None:
        """Count a wait for the limit that begins now. Time in which several wait counts once."""
        with self._lock:
            now = self._clock()
            self._waits += 1
            self._waited += max(0.0, now + seconds - max(now, self._waited_until))
            self._waited_until = max(self._waited_until, now + seconds)

    def statistics(self) -> RequestStatistics:
        """Return what was counted so far."""
        with self._lock:
            return RequestStatistics(
                sent=self._sent,
                waits=self._waits,
                waited_seconds=round(self._waited),
                retries=self._retries,
                per_minute=self._per_minute,
                windows=self._windows,
            )
