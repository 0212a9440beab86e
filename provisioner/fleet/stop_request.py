"""The wish of a user to stop a run of a fleet: Ctrl-C, or a signal of a cancelled pipeline."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class StopRequest:
    """Whether a run was asked to stop, and who has to know at once.

    Attributes:
        asked: whether it was.
    """

    asked: bool = False
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def ask(self) -> None:
        """Ask the run to stop."""
        self.asked = True
        for listener in [*self._listeners]:
            listener()

    def end(self) -> None:
        """Ask everybody to end at once, as by a second wish.

        A second signal can come while the first one is handled, before anybody was asked.
        """
        self.ask()
        self.ask()

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call a function each time somebody asks until the block ends, and now if asked before.

        The function must be safe in a signal handler, and may be called from another thread.
        """
        self._listeners.append(listener)
        try:
            if self.asked:
                listener()
            yield
        finally:
            self._listeners.remove(listener)
