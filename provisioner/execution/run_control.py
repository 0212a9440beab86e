"""How the caller of a run observes it and stops it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from provisioner.execution.report import Outcome
from provisioner.execution.steps import Step


class Observer(Protocol):
    """Receives the events of a run, in the thread of the caller. Methods must return quickly."""

    def started(self, steps: Sequence[Step]) -> None:
        """Handle steps that are about to start.

        Raises:
            ProvisionerError: neither these steps nor any later ones may start.
        """
        ...

    def ended(self, outcome: Outcome) -> None:
        """Handle the end of a step."""
        ...


@dataclass(frozen=True, slots=True)
class RunControl:
    """How a run reports to its caller, and how the caller stops it.

    Attributes:
        observers: receive all events, each event in this order.
        is_stopping: returns whether no further step may start. Running steps are finished.
        pause: waits for a number of seconds. It raises RunStoppedError if the run is to end.
        announce: shows a message to the user.
    """

    observers: Sequence[Observer] = ()
    is_stopping: Callable[[], bool] = lambda: False
    pause: Callable[[float], None] = time.sleep
    announce: Callable[[str], None] = lambda _message: None


UNCONTROLLED = RunControl()
"""Reports to nobody and runs to its end."""
