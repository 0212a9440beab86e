"""The wish of a user to stop a run of a fleet: Ctrl-C, or a signal of a cancelled pipeline."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class StopRequest:
    """Whether a run was asked to stop, and who has to know at once.

    Attributes:
        asked: whether it was.
        listeners: functions that are called each time somebody asks; safe in a signal handler.
    """

    asked: bool = False
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def ask(self) -> None:
        """Ask the run to stop."""
        self.asked = True
        for listener in self.listeners:
            listener()
