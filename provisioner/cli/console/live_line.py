"""The live line of a terminal: done, running, waiting, and how long it will take."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioner.cli.console.object_progress import Objects
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import Step
from provisioner.redaction import redact
from provisioner.render import readable

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID


class Live:
    """One line that changes: done, running, waiting, and how long it will take."""

    def __init__(
        self, progress: "Progress", objects: Objects, total: int, least_seconds: int
    ) -> None:
        self._progress = progress
        self._objects = objects
        self._running = 0
        self._task: TaskID = progress.add_task(
            "", total=total, waits=("", 0.0), least=least_seconds
        )

    def started(self, steps: Sequence[Step]) -> None:
        """Show what is running."""
        self._running += len(steps)
        self._show(0)

    def ended(self, outcome: Outcome) -> None:
        """Show what is done."""
        if outcome.error:
            said = f"failed: {outcome.step.id}: {outcome.error.summary}"
            self.note(readable.harmless(said))
        self._objects.ended(outcome)
        # A skipped step was never started.
        self._running = max(0, self._running - (outcome.status is not Status.SKIPPED))
        self._show(1)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Report a wait; see `Waits`."""
        del limit
        why = f"as the account asks ({readable.ordinal(asked)} time)" if asked else "for the limit"
        self._progress.update(self._task, waits=(why, time.monotonic() + seconds))

    def retrying(self, why: str, seconds: float) -> None:
        """Tell that a request is sent again."""
        self.note(f"Trying again in {seconds:.1f} s. {readable.harmless(why)}")

    def note(self, text: str) -> None:
        """Write a line above."""
        from rich.text import Text  # noqa: PLC0415

        self._progress.console.print(Text(redact(text)), soft_wrap=True)

    def _show(self, advance: int) -> None:
        objects = f"{self._objects.finished} of {readable.count(self._objects.total, 'object')}"
        said = f"{objects}, {self._running} running"
        self._progress.update(self._task, description=said, advance=advance)


def _seconds_left(task: "Task") -> float | None:
    """Return how long a run will still take: by its pace so far, and by the account's limit."""
    if not task.completed or task.elapsed is None or task.total is None:
        return None
    by_pace = task.elapsed * (task.total - task.completed) / task.completed
    least: float = task.fields["least"]
    return max(by_pace, least - task.elapsed)


def bar() -> "Progress":
    """Return the display that a live line stands in."""
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
        """What is waited for, and how long it will take in all."""

        def render(self, task: Task) -> Text:
            why, until = task.fields["waits"]
            waiting = until - time.monotonic()
            said = [f"waiting {readable.duration(round(waiting))} {why}"] if waiting >= 1 else []
            if (left := _seconds_left(task)) is not None:
                said.append(f"about {readable.duration(round(left))} left")
            return Text(", ".join(said), style="cyan")

    return Progress(
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("steps, {task.description}", markup=False),
        Clock(),
        console=Console(stderr=True, highlight=False),
        transient=True,
    )
