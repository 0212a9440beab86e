"""The live line of a terminal: objects done, steps running, current wait, and time left."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioner.execution.report import Outcome, Status
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action, Change
from provisioner.redaction import redact
from provisioner.render import readable

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.NO_OP: "unchanged",
}

_BY_SEVERITY = [Status.FAILED, Status.SKIPPED, Status.APPLIED]
"""Statuses of steps; an object has the first of those that its steps have."""


class ObjectProgress:
    """Counts the steps of each object that are still to come.

    Attributes:
        total: the number of objects.
        finished: the number of objects without any step to come.
    """

    def __init__(self, changes: Sequence[Change], graph: Graph[Step]) -> None:
        self.total = len(changes)
        self.finished = 0
        self._results = {
            str(change.address): "restored" if change.restores else _DONE[change.action]
            for change in changes
        }
        self._open_steps = Counter(
            str(step.address) for step in graph.nodes.values() if step.address
        )
        self._problems: dict[str, Status] = {}

    def count(self, outcome: Outcome) -> tuple[str, str] | None:
        """Count a step that has ended.

        Returns:
            The address of its object and the result for it, such as `created`, if this was the
            last step of the object.
        """
        if outcome.step.address is None:
            return None
        address = str(outcome.step.address)
        self._open_steps[address] -= 1
        if outcome.status is not Status.APPLIED:
            self._problems[address] = min(
                self._problems.get(address, outcome.status),
                outcome.status,
                key=_BY_SEVERITY.index,
            )
        if self._open_steps[address]:
            return None
        self.finished += 1
        problem = self._problems.get(address)
        return address, problem.value if problem else self._results[address]


class LiveLine:
    """Shows progress and waits in one line that is redrawn; it is the observer of an apply.

    Args:
        progress: the display that draws the line.
        objects: counts the finished objects.
        total: the number of steps.
        least_seconds: the time that the account's limit makes an apply take at least.
    """

    def __init__(
        self, progress: "Progress", objects: ObjectProgress, total: int, least_seconds: int
    ) -> None:
        self._progress = progress
        self._objects = objects
        self._running = 0
        self._task: TaskID = progress.add_task(
            "", total=total, waits=("", 0.0), least=least_seconds
        )

    def started(self, steps: Sequence[Step]) -> None:
        """Show that steps are running."""
        self._running += len(steps)
        self._show(0)

    def ended(self, outcome: Outcome) -> None:
        """Show that a step has ended, and a line above if it has failed."""
        if outcome.error:
            self.note(readable.harmless(f"failed: {outcome.step.id}: {outcome.error.summary}"))
        self._objects.count(outcome)
        # A skipped step was never started.
        self._running = max(0, self._running - (outcome.status is not Status.SKIPPED))
        self._show(1)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Show a wait; see `WaitDisplay`."""
        del limit
        why = f"as the account asks ({readable.ordinal(asked)} time)" if asked else "for the limit"
        self._progress.update(self._task, waits=(why, time.monotonic() + seconds))

    def retrying(self, why: str, seconds: float) -> None:
        """Write above the line that a request is sent again."""
        self.note(f"Trying again in {seconds:.1f} s. {readable.harmless(why)}")

    def note(self, text: str) -> None:
        """Write a line above the live one."""
        from rich.text import Text  # noqa: PLC0415

        self._progress.console.print(Text(redact(text)), soft_wrap=True)

    def _show(self, advance: int) -> None:
        objects = f"{self._objects.finished} of {readable.count(self._objects.total, 'object')}"
        text = f"{objects}, {self._running} running"
        self._progress.update(self._task, description=text, advance=advance)


def _seconds_left(task: "Task") -> float | None:
    """Estimate the seconds to the end, from the pace so far and from the account's limit."""
    if not task.completed or task.elapsed is None or task.total is None:
        return None
    by_pace = task.elapsed * (task.total - task.completed) / task.completed
    least: float = task.fields["least"]
    return max(by_pace, least - task.elapsed)


def live_display(*, color: bool) -> "Progress":
    """Return the display that draws a `LiveLine`: a bar, the step count, the line, the times."""
    # Imported here: only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
    )
    from rich.text import Text  # noqa: PLC0415

    class Clock(ProgressColumn):
        """Draws the current wait with its reason, and the estimated time left."""

        def render(self, task: Task) -> Text:
            why, until = task.fields["waits"]
            waiting = until - time.monotonic()
            parts = [f"waiting {readable.duration(round(waiting))} {why}"] if waiting >= 1 else []
            if (left := _seconds_left(task)) is not None:
                parts.append(f"about {readable.duration(round(left))} left")
            return Text(", ".join(parts), style="cyan")

    return Progress(
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("steps, {task.description}", markup=False),
        Clock(),
        console=Console(stderr=True, highlight=False, no_color=not color),
        transient=True,
    )
