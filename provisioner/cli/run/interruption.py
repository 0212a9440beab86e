"""Signals that end a run: Ctrl-C, SIGTERM of a cancelled pipeline, and the end of a terminal."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn, Self

from provisioner.cli.invocation import Exit
from provisioner.fleet.stop_request import StopRequest


def ending_signals() -> list[signal.Signals]:
    """Return the signals that ask a run to end, besides Ctrl-C.

    SIGHUP is not among them if it is ignored, as under `nohup`.
    """
    hang_up = getattr(signal, "SIGHUP", None)  # Windows does not have it
    if hang_up is None or signal.getsignal(hang_up) is signal.SIG_IGN:
        return [signal.SIGTERM]
    return [signal.SIGTERM, hang_up]


def raise_on_signals() -> None:
    """Make signals that ask a run to end raise KeyboardInterrupt, as Ctrl-C does."""
    for number in ending_signals():
        signal.signal(number, _raise_interrupt)


@contextmanager
def raising_signals() -> Iterator[None]:
    """Make signals that ask a run to end raise KeyboardInterrupt until the block ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, *ending_signals())
    before = [signal.signal(number, _raise_interrupt) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _raise_interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def exit_now(code: int) -> NoReturn:
    """End the process without waiting for threads that still wait for the account."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


@contextmanager
def signals_held(print_note: Callable[[str], None]) -> Iterator[None]:
    """Let a signal wait until the block ends; a second one ends the process at once.

    Args:
        print_note: writes a message; must be safe in a signal handler.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            exit_now(Exit.INCOMPLETE)
        asked = True
        print_note("Cleaning up first. Once more to leave at once.")

    signals = (signal.SIGINT, *ending_signals())
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt


class TimeLimit:
    """Interrupts a block that takes too long, as Ctrl-C does, or as a request to stop.

    Attributes:
        exceeded: whether that has happened.
    """

    def __init__(self, seconds: float, stop: StopRequest | None = None) -> None:
        """Prepare the limit.

        Args:
            seconds: the time; 0 is no limit.
            stop: is asked where a thread works that can't handle signals.
        """
        self.exceeded = False
        self._stop = stop
        self._ended = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._interrupt) if seconds > 0 else None

    def __enter__(self) -> Self:
        """Begin to count the time."""
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def _interrupt(self) -> None:
        with self._lock:
            if not self._ended:
                self.exceeded = True
                if self._stop:
                    self._stop.ask()
                else:
                    os.kill(os.getpid(), signal.SIGINT)

    def __exit__(self, *_: object) -> None:
        """Interrupt nothing from now on."""
        with self._lock:
            self._ended = True
        if self._timer:
            self._timer.cancel()


@contextmanager
def stop_on_signals(
    stop_waiting: Callable[[], None],
    print_note: Callable[[str], None],
    at_once: Callable[[], None] = lambda: None,
    request: StopRequest | None = None,
) -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether a signal has asked the run to stop.

    The first signal lets running steps finish and starts no new one. The second ends the process.

    All functions must be safe in a signal handler; `at_once` is called right before the end.
    `request` replaces signals where a thread works that can't handle them.
    """
    if request is not None:
        with request.listening(stop_waiting):
            yield lambda: request.asked
        return
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            at_once()
            print_note("Stopped at once. Run the command again to complete the rest.")
            exit_now(Exit.INCOMPLETE)
        asked = True
        print_note("Stopping: what is under way is finished, nothing new is started.")
        stop_waiting()

    signals = (signal.SIGINT, *ending_signals())
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield lambda: asked
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
