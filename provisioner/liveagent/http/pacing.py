"""Staying under the account's limit of requests a minute.

A moving window: as many requests as the limit allows may go out in any minute, the first of them
all at once. Strict spacing would make a plan of a hundred pages wait for half a minute.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from provisioner.diagnostics import RunStoppedError

WINDOW_SECONDS = 60.0
"""LiveAgent counts requests by the minute. Source: KB 217359 (documented)."""

MARGIN_SECONDS = 0.5
"""A request reaches the server later than it was sent, so its window ends later, too."""

SHOWN_SECONDS = 1.0
"""A shorter wait, or one that only lengthens one that was told, is not worth a line."""


class Pacer:
    """Lets requests through under a limit, for all threads of a run together."""

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
            per_minute: how many requests may go out in any minute; 0 is no limit.
            on_wait: called once for each wait with its seconds, and with how often the account
                has asked to wait so far; 0 where the wait is for the limit of our own.
            clock: seconds from any fixed point.
            sleep: waits for seconds.
        """
        self._per_minute = per_minute
        self._on_wait = on_wait
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._sent: deque[float] = deque(maxlen=per_minute)
        self._held_until = 0.0
        self._holds = 0
        self._told_until = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        with self._lock:
            now = self._clock()
            due = max(now, self._held_until)
            asked = self._holds if due > now else 0
            if self._per_minute and len(self._sent) == self._per_minute:
                due = max(due, self._sent[0] + WINDOW_SECONDS + MARGIN_SECONDS)
            self._sent.append(due)
            told = due <= max(self._told_until, now) + SHOWN_SECONDS
            self._told_until = max(self._told_until, due)
        if not told and not self._stopped.is_set():
            self._on_wait(due - now, asked)
        if due > now:
            self.pause(due - now)

    def pause(self, seconds: float) -> None:
        """Wait, for the limit or before another try.

        Raises:
            RunStoppedError: the run is to end before that.
        """
        self._sleep(seconds)
        if self._stopped.is_set():
            raise RunStoppedError

    def hold(self, seconds: float) -> None:
        """Let nothing through for a while: the account itself asked for it."""
        with self._lock:
            now = self._clock()
            if now >= self._held_until:  # or several threads were told the same
                self._holds += 1
            self._held_until = max(self._held_until, now + seconds)

    def stop(self) -> None:
        """End all waiting: a request that would have to wait is not made any more."""
        self._stopped.set()
