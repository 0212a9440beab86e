"""What a run tells while it goes on, always to standard error.

In a terminal one live line, in a pipeline one line for each object, and for machines one line of
JSON for each event. The result comes when all of it is over.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from provisioner.cli.output import log_event, log_is_json, say
from provisioner.diagnostics import Diagnostic
from provisioner.execution.executor import Observer
from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action, Change
from provisioner.render import words

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.NO_OP: "left alone",
}


class Waits(Protocol):
    """Shows why a run stands still."""

    def waiting(self, seconds: float, why: str) -> None:
        """Tell of a wait for the limit."""

    def retrying(self, why: Diagnostic, seconds: float) -> None:
        """Tell that a request is sent again."""


class LineWaits:
    """Tells of waits in lines; an event each where the log is JSON."""

    def waiting(self, seconds: float, why: str) -> None:
        """Tell of a wait for the limit."""
        if log_is_json():
            log_event("waiting", seconds=round(seconds, 1), why=why)
        else:
            say(f"Waiting {words.duration(round(seconds))} {why}.")

    def retrying(self, why: Diagnostic, seconds: float) -> None:
        """Tell that a request is sent again."""
        if log_is_json():
            log_event("retrying", seconds=round(seconds, 1), why=why.summary)
        else:
            say(f"Trying again in {seconds:.1f} s. {words.harmless(why.summary)}")


class _Objects:
    """Counts the steps of each object, to tell when one is finished."""

    def __init__(self, changes: Sequence[Change], graph: Graph[Step]) -> None:
        self.total = len(changes)
        self.finished = 0
        self._actions = {str(change.address): change.action for change in changes}
        self._left = Counter(str(step.address) for step in graph.nodes.values() if step.address)
        self._bad: dict[str, Status] = {}

    def ended(self, outcome: Outcome) -> tuple[str, str] | None:
        """Return an object and how it ended, where this was its last step."""
        if outcome.step.address is None:
            return None
        address = str(outcome.step.address)
        self._left[address] -= 1
        if outcome.status is not Status.APPLIED:
            self._bad[address] = min(
                self._bad.get(address, outcome.status), outcome.status, key=_GRAVITY.index
            )
        if self._left[address]:
            return None
        self.finished += 1
        bad = self._bad.get(address)
        return address, bad.value if bad else _DONE[self._actions[address]]


_GRAVITY = [Status.FAILED, Status.SKIPPED, Status.APPLIED]


class Lines:
    """One line for each object that is finished, and one for each failure."""

    def __init__(self, objects: _Objects) -> None:
        self._objects = objects

    def started(self, steps: Sequence[Step]) -> None:
        """Say nothing: what has ended is said."""

    def ended(self, outcome: Outcome) -> None:
        """Say that an object is finished."""
        if outcome.error:
            said = f"{outcome.step.id}: {outcome.error.summary}"
            say(f"  failed: {words.harmless(said)}")
        if done := self._objects.ended(outcome):
            address, how = done
            counted = f"[{self._objects.finished}/{self._objects.total}]"
            say(f"{counted} {words.harmless(address)} {how}")


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


class Live:
    """One line that changes: done, running, waiting, and how long it will take."""

    def __init__(self, progress: "Progress", objects: _Objects, total: int) -> None:
        self._progress = progress
        self._objects = objects
        self._running = 0
        self._waits = ""
        self._task: TaskID = progress.add_task("", total=total)

    def started(self, steps: Sequence[Step]) -> None:
        """Show what is running."""
        self._running += len(steps)
        self._waits = ""
        self._show(0)

    def ended(self, outcome: Outcome) -> None:
        """Show what is done."""
        if outcome.error:
            said = f"failed: {outcome.step.id}: {outcome.error.summary}"
            self.note(words.harmless(said))
        self._objects.ended(outcome)
        # A skipped step was never started.
        self._running = max(0, self._running - (outcome.status is not Status.SKIPPED))
        self._show(1)

    def waiting(self, seconds: float, why: str) -> None:
        """Tell of a wait for the limit."""
        self._waits = f", waiting {words.duration(round(seconds))} {why}"
        self._show(0)

    def retrying(self, why: Diagnostic, seconds: float) -> None:
        """Tell that a request is sent again."""
        self.note(f"Trying again in {seconds:.1f} s. {words.harmless(why.summary)}")

    def note(self, text: str) -> None:
        """Write a line above."""
        from rich.text import Text  # noqa: PLC0415

        self._progress.console.print(Text(text), soft_wrap=True)

    def _show(self, advance: int) -> None:
        objects = f"{self._objects.finished} of {words.count(self._objects.total, 'object')}"
        said = f"{objects}, {self._running} running{self._waits}"
        self._progress.update(self._task, description=said, advance=advance)


class Talk:
    """Where the waits of a connection are told: in lines, or in the live line while there is one.

    Attributes:
        waits: shows them.
    """

    def __init__(self) -> None:
        self.waits: Waits = LineWaits()

    def waiting(self, seconds: float, why: str) -> None:
        """Tell of a wait for the limit."""
        self.waits.waiting(seconds, why)

    def retrying(self, why: Diagnostic, seconds: float) -> None:
        """Tell that a request is sent again."""
        self.waits.retrying(why, seconds)


@contextmanager
def progress_of(
    changes: Sequence[Change], graph: Graph[Step], talk: Talk
) -> Iterator[tuple[Observer, Callable[[str], None]]]:
    """Show the progress of an apply.

    Args:
        changes: what is to be done.
        graph: the steps of it.
        talk: tells of waits.

    Yields:
        What is to be told of steps, and a function that writes a line meanwhile.
    """
    objects = _Objects(changes, graph)
    if log_is_json():
        yield Events(), say
    elif not sys.stderr.isatty():
        yield Lines(objects), say
    else:
        with _bar() as bar:
            live = Live(bar, objects, len(graph.nodes))
            before, talk.waits = talk.waits, live
            try:
                yield live, live.note
            finally:
                talk.waits = before


def _bar() -> "Progress":
    # Imported here: only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("steps, {task.description}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
        transient=True,
    )
