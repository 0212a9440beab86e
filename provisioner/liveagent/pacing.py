"""Staying under the account's limit of requests a minute.

A moving window: as many requests as the limit allows may go out in any minute, the first of them
all at once. Strict spacing would make a plan of a hundred pages wait for half a minute.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
"""LiveAgent counts requests by the minute. Source: KB 217359 (documented)."""

MARGIN_SECONDS = 0.5
"""A request reaches the server later than it was sent, so its window ends later, too."""


class Pacer:
    """Lets requests through under a limit, for all threads of a run together."""

    def __init__(
        self,
        per_minute: int,
        *,
        on_wait: Callable[[float], None] = lambda _seconds: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a pacer.

        Args:
            per_minute: how many requests may go out in any minute; 0 is no limit.
            on_wait: is told of each wait before it begins, in seconds.
            clock: seconds from any fixed point.
            sleep: waits for seconds.
        """
        self._per_minute = per_minute
        self._on_wait = on_wait
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque(maxlen=per_minute or None)
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        if not self._per_minute:
            return
        with self._lock:
            now = self._clock()
            due = now
            if len(self._sent) == self._per_minute:
                due = max(now, self._sent[0] + WINDOW_SECONDS + MARGIN_SECONDS)
            self._sent.append(due)
        if due > now:
            self._on_wait(due - now)
            self._sleep(due - now)
