"""The limits that an account sets, as moving windows; for one run, or for a whole machine.

A moving window allows as many requests in any minute as the limit, and the first of them all at
once. Strict spacing would make a plan of a hundred pages wait for half a minute.
"""

import heapq
import threading
from bisect import bisect_right
from collections.abc import Sequence
from typing import Self

WINDOW_SECONDS = 60.0
"""LiveAgent counts requests by the minute. Source: KB 217359 (documented)."""

MARGIN_SECONDS = 0.5
"""A request reaches the server after it was sent, so the server's window ends later."""

SECOND = 1.0
"""LiveAgent counts the requests of an address by the second. Source: KB 217359 (documented)."""

SECOND_MARGIN = 0.1
"""As `MARGIN_SECONDS`: half a second more would waste a third of the limit. A request that exceeds
it nevertheless is answered 429 and sent again."""


class RequestWindow:
    """Places for requests; each can be given to another request some time after its request."""

    def __init__(self, limit: int, seconds: float) -> None:
        """Make a window in which all places are free.

        Args:
            limit: the number of places; 0 is no limit.
            seconds: how long a request takes its place.

        Attributes:
            limit, seconds: as given.
        """
        self.limit, self.seconds = limit, seconds
        self._free_at: list[float] = []
        self.fill(())

    def fill(self, free_at: Sequence[float]) -> None:
        """Set the times from which the taken places are free, in ascending order."""
        self._free_at = [*[float("-inf")] * (self.limit - len(free_at)), *free_at]

    def taken(self, now: float) -> list[float]:
        """Return the times from which the taken places are free, in ascending order."""
        ordered = sorted(self._free_at)
        return ordered[bisect_right(ordered, now) :]

    def due(self, number: int, earliest: float) -> float:
        """Give free places away, and return from when on they can be used. `keep` takes them."""
        if not self.limit or not number:
            return earliest
        # There are more than the limit if another process allows more requests.
        for _ in range(len(self._free_at) - self.limit + number):
            earliest = max(earliest, heapq.heappop(self._free_at))
        return earliest

    def keep(self, number: int, until: float) -> float:
        """Take places for requests until some time, and return from when on they are free."""
        free_at = until + self.seconds
        for _ in range(number if self.limit else 0):
            heapq.heappush(self._free_at, free_at)
        return free_at

    def move(self, free_at: float, sent: float) -> bool:
        """Let the request of a place that was kept be sent later than planned.

        Returns:
            Whether it is possible: the place may have been given away.
        """
        if (later := sent + self.seconds) > free_at:
            if free_at not in self._free_at:
                return False
            self._free_at[self._free_at.index(free_at)] = later
            heapq.heapify(self._free_at)
        return True


class Limits:
    """What the requests with one key have to respect; `with` gives it to one thread at a time.

    Attributes:
        key: the places of the key.
        address: the places of the address from which this machine sends.
        held_until: the account asks to send nothing before this time.
    """

    def __init__(self, per_minute: int, per_second: int = 0) -> None:
        """Make the limits of a run that is alone; 0 is no limit."""
        self.key = RequestWindow(per_minute, WINDOW_SECONDS + MARGIN_SECONDS)
        self.address = RequestWindow(per_second, SECOND + SECOND_MARGIN)
        self.held_until = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Wait until no other thread uses the limits."""
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Let other threads use the limits."""
        self._lock.release()
