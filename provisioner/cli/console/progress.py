"""The progress of an apply, always to standard error.

A terminal gets one live line, a pipeline one line for each object, and a program one line of JSON
for each event. The report comes after all of it, on standard output.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from provisioner.cli.console.live_line import LiveLine, ObjectProgress, ReadingLine, live_display
from provisioner.cli.console.output import Console
from provisioner.cli.console.wait_notes import WaitNotes
from provisioner.execution.report import Outcome, Status
from provisioner.execution.run_control import Observer
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable


class NoProgress:
    """Shows nothing: a quiet run has only its report."""

    def started(self, steps: Sequence[Step]) -> None:
        """Do nothing."""

    def ended(self, outcome: Outcome) -> None:
        """Do nothing."""


class ProgressLines:
    """Writes one line for each finished object, and one for each failed step."""

    def __init__(self, console: Console, objects: ObjectProgress) -> None:
        self._console = console
        self._objects = objects

    def started(self, steps: Sequence[Step]) -> None:
        """Write nothing: lines are about what has ended."""

    def ended(self, outcome: Outcome) -> None:
        """Write the failure of a step, and the result for its object if that is finished."""
        if outcome.error:
            failure = f"{outcome.step.id}: {outcome.error.summary}"
            self._console.print_note(f"  failed: {readable.harmless(failure)}")
        finished = self._objects.count(outcome)
        if finished and (outcome.status is not Status.SKIPPED or outcome.because):
            address, result = finished
            position = f"[{self._objects.finished}/{self._objects.total}]"
            self._console.print_note(f"{position} {readable.harmless(address)} {result}")


class ProgressEvents:
    """Writes one line of JSON for the start of each step, and one for its end."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, steps: Sequence[Step]) -> None:
        """Log the start of steps."""
        for step in steps:
            self._console.log_event("started", step=step.id)

    def ended(self, outcome: Outcome) -> None:
        """Log the end of a step."""
        self._console.log_event(
            "ended",
            step=outcome.step.id,
            status=outcome.status.value,
            error=outcome.error.summary if outcome.error else None,
            because=outcome.because or None,
        )


@contextmanager
def reading(console: Console, notes: WaitNotes) -> Iterator[None]:
    """Show at a terminal that the account is read, until the block ends."""
    if console.quiet or console.json_log or not sys.stderr.isatty():
        yield
        return
    with live_display(color=console.is_colored(sys.stderr)) as display:
        before, notes.display = notes.display, ReadingLine(display, notes)
        try:
            yield
        finally:
            notes.display = before


@contextmanager
def progress_of(
    plan: Plan, graph: Graph[Step], console: Console, notes: WaitNotes
) -> Iterator[Observer]:
    """Yield an observer that shows the progress of an apply.

    Messages about waits go above the live line while there is one.
    """
    objects = ObjectProgress(plan.effective, graph)
    if console.quiet:
        yield NoProgress()
    elif console.json_log:
        yield ProgressEvents(console)
    elif not sys.stderr.isatty():
        yield ProgressLines(console, objects)
    else:
        with live_display(color=console.is_colored(sys.stderr)) as display:
            requests = plan.requests
            planned = requests.write + requests.verify
            line = LiveLine(display, objects, planned, notes, requests.per_minute)
            before, notes.display = notes.display, line
            try:
                yield line
            finally:
                notes.display = before
