"""Keeps requests below the account's limits, and pages below its limit of rows."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from provisioner.diagnostics import RunStoppedError, TargetError
from provisioner.liveagent.http.limits import Limits

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
        limits: Limits | None = None,
    ) -> None:
        """Make a pacer.

        Args:
            per_minute: the number of requests in any minute; 0 is no limit.
            on_wait: called once for each wait with its seconds, and with the number of times that
                the account has asked to wait so far; 0 where the wait is for `per_minute`.
            clock: returns seconds since any fixed point.
            sleep: waits for seconds.
            limits: what to respect, with `per_minute`; None if this run is alone.

        Attributes:
            clock: as given.
        """
        self.clock = clock
        self._per_minute = per_minute
        self._on_wait = on_wait
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._limits = limits or Limits(per_minute)
        self._holds = 0
        self._reported_until = 0.0

    def wait(self, slots: Slots | None = None) -> None:
        """Wait until the next request may be sent; with a slot from `slots`, only for pauses.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        with self._limits as limits:
            now = self.clock()
            due = limits.address.due(1, max(now, limits.held_until))
            # A request that is sent later than it was kept for takes its place until later, too.
            if slots and slots.left > 0 and limits.key.move(slots.free_at, due):
                slots.left -= 1
            else:
                due = limits.key.due(1, due)
                limits.key.keep(1, due)
            limits.address.keep(1, due)
            report = self._report(now, due, limits)
        self._wait_until(now, due, report)

    def reserve(self, number: int, within: float) -> Slots:
        """Wait until several requests may be sent at once, and keep them for the caller.

        Args:
            number: the number of requests; the whole limit is kept if it is lower.
            within: the seconds within which they will probably be sent.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        number = min(number, self._per_minute)
        with self._limits as limits:
            now = self.clock()
            due = limits.key.due(number, max(now, limits.held_until))
            free_at = limits.key.keep(number, due + within)
            report = self._report(now, due, limits)
        self._wait_until(now, due, report)
        return Slots(number, free_at)

    def _report(self, now: float, due: float, limits: Limits) -> int | None:
        """Return what `on_wait` gets as the second argument; None if it is not called."""
        is_reported = due <= max(self._reported_until, now) + REPORTED_SECONDS
        self._reported_until = max(self._reported_until, due)
        if is_reported or self._stopped.is_set():
            return None
        # Another process may have got the answer.
        return max(1, self._holds) if limits.held_until > now else 0

    def _wait_until(self, now: float, due: float, report: int | None) -> None:
        if report is not None:
            self._on_wait(due - now, report)
        if due > now:
            self.pause(due - now)

    def left(self) -> int | None:
        """Return how many requests may be sent at once; None without a limit."""
        if not self._per_minute:
            return None
        with self._limits as limits:
            return max(0, self._per_minute - len(limits.key.taken(self.clock())))

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
        with self._limits as limits:
            now = self.clock()
            if now >= limits.held_until:  # several threads may get the same answer
                self._holds += 1
            limits.held_until = max(limits.held_until, now + seconds)

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
