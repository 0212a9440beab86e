"""What a run tells while it goes on, always to standard error.

In a terminal one live line, in a pipeline one line for each object, and for machines one line of
JSON for each event. The result comes when all of it is over.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from provisioner.cli.console.live_line import Live, bar
from provisioner.cli.console.object_progress import Objects
from provisioner.cli.console.output import log_event, log_is_json, say
from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.run_control import Observer
from provisioner.execution.steps import Step
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable


class Waits(Protocol):
    """Shows why a run stands still."""

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Report a wait.

        Args:
            seconds: how long it is.
            limit: of requests a minute, that it is for unless the account asks for it.
            asked: how often the account has asked to wait in this run; 0 if it does not now.
        """

    def retrying(self, why: str, seconds: float) -> None:
        """Tell that a request is sent again."""

    def note(self, text: str) -> None:
        """Write a line."""


class LineWaits:
    """Tells of waits in lines; an event each where the log is JSON."""

    def note(self, text: str) -> None:
        """Write a line."""
        say(text)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Report a wait; see `Waits`."""
        time = readable.duration(round(seconds))
        if log_is_json():
            by_limit = None if asked else limit
            log_event("waiting", seconds=round(seconds, 1), limit=by_limit, asked=asked or None)
        elif asked:
            say(f"The account asks to wait {time} ({readable.ordinal(asked)} time).")
        else:
            say(f"Waiting {time} for the limit of {limit} requests a minute.")

    def retrying(self, why: str, seconds: float) -> None:
        """Tell that a request is sent again."""
        if log_is_json():
            log_event("retrying", seconds=round(seconds, 1), why=why)
        else:
            say(f"Trying again in {seconds:.1f} s. {readable.harmless(why)}")


class Lines:
    """One line for each object that is finished, and one for each failure."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def started(self, steps: Sequence[Step]) -> None:
        """Say nothing: what has ended is said."""

    def ended(self, outcome: Outcome) -> None:
        """Say that an object is finished."""
        if outcome.error:
            said = f"{outcome.step.id}: {outcome.error.summary}"
            say(f"  failed: {readable.harmless(said)}")
        done = self._objects.ended(outcome)
        if done and (outcome.status is not Status.SKIPPED or outcome.because):
            address, how = done
            counted = f"[{self._objects.finished}/{self._objects.total}]"
            say(f"{counted} {readable.harmless(address)} {how}")


class Events:
    """One line of JSON for each step."""

    def started(self, steps: Sequence[Step]) -> None:
        """Log the start of steps."""
        for step in steps:
            log_event("started", step=step.id)

    def ended(self, outcome: Outcome) -> None:
        """Log how a step ended."""
        log_event(
            "ended",
            step=outcome.step.id,
            status=outcome.status.value,
            error=outcome.error.summary if outcome.error else None,
            because=outcome.because or None,
        )


class Talk:
    """Where a run tells why it stands still: in lines, or in the live line while there is one.

    Attributes:
        waits: shows it.
    """

    def __init__(self) -> None:
        self.waits: Waits = LineWaits()

    def note(self, text: str) -> None:
        """Write a line, from a signal handler, too: it may have interrupted another line."""
        with suppress(RuntimeError):
            self.waits.note(text)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Report a wait; see `Waits`."""
        self.waits.waiting(seconds, limit, asked)

    def retrying(self, why: str, seconds: float) -> None:
        """Tell that a request is sent again."""
        self.waits.retrying(why, seconds)


@contextmanager
def progress_of(plan: Plan, graph: Graph[Step], talk: Talk) -> Iterator[Observer]:
    """Show the progress of an apply.

    Args:
        plan: what is to be done.
        graph: the steps of it.
        talk: tells of waits.

    Yields:
        What is to be told of steps.
    """
    objects = Objects(plan.effective, graph)
    if log_is_json():
        yield Events()
    elif not sys.stderr.isatty():
        yield Lines(objects)
    else:
        with bar() as display:
            live = Live(display, objects, len(graph.nodes), plan.requests.seconds)
            before, talk.waits = talk.waits, live
            try:
                yield live
            finally:
                talk.waits = before
