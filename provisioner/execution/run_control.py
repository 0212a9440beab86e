"""What a run gets from its caller: access for writing, observers, and a way to stop."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from provisioner.execution.report import Outcome
from provisioner.execution.steps import Step
from provisioner.live.recorded_facts import RecordedFacts


class Writer(Protocol):
    """Carries out steps on an account. Several threads call it at the same time."""

    @property
    def batch_size(self) -> int:
        """The most steps of a batched operation that one call can carry out."""
        ...

    @property
    def facts(self) -> RecordedFacts:
        """Facts about the account from the answers so far."""
        ...

    @property
    def restored(self) -> Mapping[str, str]:
        """Folded email to id of the deleted agents whom creations restored so far."""
        ...

    def write(self, step: Step) -> None:
        """Carry out one step.

        Raises:
            TargetError: the step failed, or its effect is not known; see `uncertain`.
        """
        ...

    def write_batch(self, steps: Sequence[Step]) -> None:
        """Carry out several steps of one batched operation with one call.

        Raises:
            TargetError: all of them failed, or their effect is not known; see `uncertain`.
        """
        ...


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
        lag_seconds: how late the account is known to show writes.
    """

    observers: Sequence[Observer] = ()
    is_stopping: Callable[[], bool] = lambda: False
    pause: Callable[[float], None] = time.sleep
    announce: Callable[[str], None] = lambda _message: None
    lag_seconds: float = 0.0


UNCONTROLLED = RunControl()
"""Reports to nobody and runs to its end."""
