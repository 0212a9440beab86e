"""Keeps requests below the account's limit per minute, and pages below its limit of rows.

A moving window allows as many requests in any minute as the limit, and the first of them all at
once. Strict spacing would make a plan of a hundred pages wait for half a minute.
"""

import heapq
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from provisioner.diagnostics import RunStoppedError, TargetError

WINDOW_SECONDS = 60.0
"""LiveAgent counts requests by the minute. Source: KB 217359 (documented)."""

MARGIN_SECONDS = 0.5
"""A request reaches the server after it was sent, so the server's window ends later."""

REPORTED_SECONDS = 1.0
"""A wait is reported if it is longer than this, or prolongs the reported wait by more."""


class Slots:
    """Requests that may be sent without a further wait for the limit per minute.

    A pause that the account asks for holds for them, too. `Pacer` changes them under its lock.

    Attributes:
        left: the number of requests.
        free_at: the time from which the place of each of them may be given to another request.
    """

    def __init__(self, left: int = 0, free_at: float = 0.0) -> None:
        self.left = left
        self.free_at = free_at


class Pacer:
    """Delays requests to keep a limit, for all threads of a run together."""

    def __init__(
        self,
        per_minute: int,
        *,
        on_wait: Callable[[float, int], None] = lambda _seconds, _asked: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Make a pacer.

        Args:
            per_minute: the number of requests in any minute; 0 is no limit.
            on_wait: called once for each wait with its seconds, and with the number of times that
                the account has asked to wait so far; 0 where the wait is for `per_minute`.
            clock: returns seconds since any fixed point.
            sleep: waits for seconds.

        Attributes:
            clock: as given.
        """
        self.clock = clock
        self._per_minute = per_minute
        self._on_wait = on_wait
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        # The moments from which each request that is allowed in a minute may be sent again.
        self._free_at = [float("-inf")] * per_minute
        self._held_until = 0.0
        self._holds = 0
        self._reported_until = 0.0
        self._lock = threading.Lock()

    def wait(self, slots: Slots | None = None) -> None:
        """Wait until the next request may be sent; with a slot from `slots`, only for pauses.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        is_kept = slots is not None and self._take(slots)
        self._wait_for(0 if is_kept or not self._per_minute else 1)

    def _take(self, slots: Slots) -> bool:
        """Take one slot and return whether there was one.

        A request that is sent later than it was kept for takes its place until later, too.
        """
        with self._lock:
            free_at = max(self.clock(), self._held_until) + WINDOW_SECONDS + MARGIN_SECONDS
            is_late = free_at > slots.free_at
            if slots.left <= 0 or (is_late and slots.free_at not in self._free_at):
                return False
            slots.left -= 1
            if is_late:
                self._free_at[self._free_at.index(slots.free_at)] = free_at
                heapq.heapify(self._free_at)
            return True

    def reserve(self, number: int, within: float) -> Slots:
        """Wait until several requests may be sent at once, and keep them for the caller.

        Args:
            number: the number of requests; the whole limit is kept if it is lower.
            within: the seconds within which they will probably be sent.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        number = min(number, self._per_minute)
        return Slots(number, self._wait_for(number, within))

    def _wait_for(self, number: int, within: float = 0.0) -> float:
        """Wait until requests may be sent, and count them as sent.

        Returns:
            The time from which their places may be given to other requests.
        """
        with self._lock:
            now = self.clock()
            due = max(now, self._held_until)
            asked = self._holds if due > now else 0
            for _ in range(number):
                due = max(due, heapq.heappop(self._free_at))
            free_at = due + within + WINDOW_SECONDS + MARGIN_SECONDS
            for _ in range(number):
                heapq.heappush(self._free_at, free_at)
            is_reported = due <= max(self._reported_until, now) + REPORTED_SECONDS
            self._reported_until = max(self._reported_until, due)
        if not is_reported and not self._stopped.is_set():
            self._on_wait(due - now, asked)
        if due > now:
            self.pause(due - now)
        return free_at

    def left(self) -> int | None:
        """Return how many requests may be sent at once; None without a limit."""
        if not self._per_minute:
            return None
        with self._lock:
            now = self.clock()
            return sum(moment <= now for moment in self._free_at)

    def pause(self, seconds: float) -> None:
        """Wait for the limit, or before a retry.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        self._sleep(seconds)
        if self._stopped.is_set():
            raise RunStoppedError

    def hold(self, seconds: float) -> None:
        """Send nothing for some seconds, because the account asks for that."""
        with self._lock:
            now = self.clock()
            if now >= self._held_until:  # several threads may get the same answer
                self._holds += 1
            self._held_until = max(self._held_until, now + seconds)

    def stop(self) -> None:
        """End all waits; a request that would have to wait is no longer sent."""
        self._stopped.set()


SMALLEST = 10
"""The rows of a page of a request that asks for no number (D), so no account refuses it."""

_REFUSALS = {400, 413, 422}
"""The statuses of a request for too many rows (U): invalid, too large, or not processable."""

Result = TypeVar("Result")


class PageSize:
    """The rows to request in a page, for all threads of a run.

    A refused number is halved, and the account's lists are read with what it has accepted. Until
    the first list is accepted, others wait for it, so that only one of them is refused.

    Attributes:
        size: the rows of the largest page that the account has not refused.
        refused: how many requests were refused because of their number of rows.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.refused = 0
        self._is_accepted = False
        self._lock = threading.RLock()

    def fit(self, request: Callable[[int], Result]) -> tuple[int, Result]:
        """Request the first page of a list, with fewer rows if the account refuses their number.

        Returns:
            The accepted number of rows, and the result of the request.

        Raises:
            TargetError: the request failed; if it was refused, then with the fewest rows, too.
        """
        if self._is_accepted:
            return self._fit(request)
        with self._lock:
            return self._fit(request)

    def _fit(self, request: Callable[[int], Result]) -> tuple[int, Result]:
        size, refused = self.size, 0
        while True:
            try:
                result = request(size)
            except TargetError as error:
                if error.status not in _REFUSALS or size <= SMALLEST:
                    raise
                size, refused = max(SMALLEST, size // 2), refused + 1
            else:
                with self._lock:
                    self.size = min(self.size, size)
                    self.refused += refused
                    self._is_accepted = True
                return size, result
