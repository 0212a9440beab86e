"""The live line of a terminal: objects done, current wait, time left, and requests left."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from provisioner.cli.console.wait_notes import retry_text
from provisioner.execution.report import Outcome, Status
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action, Change
from provisioner.redaction import redact
from provisioner.render import readable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from provisioner.cli.console.wait_notes import WaitNotes

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
        finished: the number of objects of which every step has ended, none of them skipped.
        failed: the number of these with a failed step.
    """

    def __init__(self, changes: Sequence[Change], graph: Graph[Step]) -> None:
        self.total = len(changes)
        self.finished = self.failed = 0
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
        problem = self._problems.get(address)
        # After an interrupt, steps that were not begun are skipped: their objects are not done.
        self.finished += problem is not Status.SKIPPED
        self.failed += problem is Status.FAILED
        return address, problem.value if problem else self._results[address]


class _Line:
    """One line that is redrawn; waits are a part of it, and messages go above it."""

    def __init__(self, progress: "Progress", clock: Callable[[], float]) -> None:
        self._progress = progress
        self._clock = clock
        self._waits = ("", 0.0)

    def waiting(self, seconds: float, limit: int, asked: int) -> None:
        """Show a wait; see `WaitDisplay`."""
        del limit
        why = f"as the account asks ({readable.ordinal(asked)} time)" if asked else "for the limit"
        self._waits = why, self._clock() + seconds

    def retrying(self, what: str, seconds: float, why: str) -> None:
        """Write above the line that a request is sent again."""
        self.note(retry_text(what, seconds, why))

    def note(self, text: str) -> None:
        """Write a line above the live one."""
        from rich.text import Text  # noqa: PLC0415

        self._progress.console.print(Text(redact(text)), soft_wrap=True)

    def _wait(self) -> list[str]:
        """Return the current wait, or nothing."""
        why, until = self._waits
        left = until - self._clock()
        return [f"waiting {readable.duration(round(left))} {why}"] if left >= 1 else []


class ReadingLine(_Line):
    """Shows that the account is read: how many answers have come, and the current wait.

    Args:
        progress: the display that draws the line.
        notes: counts the answers.
        clock: returns seconds since any fixed point.
    """

    def __init__(
        self,
        progress: "Progress",
        notes: "WaitNotes",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(progress, clock)
        self._notes = notes
        progress.add_task("", total=None, text=self.text)

    def text(self) -> tuple[str, ...]:
        """Return the parts of the line."""
        answers = readable.count(self._notes.answers, "answer")
        return (f"Reading the account: {answers}", *self._wait())


class LiveLine(_Line):
    """Shows progress and waits in one line that is redrawn; it is the observer of an apply.

    Args:
        progress: the display that draws the line.
        objects: counts the finished objects.
        planned: the requests of the apply from its first write on.
        notes: counts the answers, and knows how many requests may be sent at once.
        per_minute: the limit of requests a minute; 0 is none.
        clock: returns seconds since any fixed point.
    """

    def __init__(
        self,
        progress: "Progress",
        objects: ObjectProgress,
        planned: int,
        notes: "WaitNotes",
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(progress, clock)
        self._objects = objects
        self._planned = planned
        self._notes = notes
        self._per_minute = per_minute
        self._begun, self._answers = clock(), notes.answers
        self._now = ""
        self._task: TaskID = progress.add_task("", total=objects.total, text=self.text)

    def started(self, steps: Sequence[Step]) -> None:
        """Show the last of the steps as what is being done now."""
        for step in steps:
            words = step.operation.value.replace("-", " ")
            self._now = f"{words} {step.address.key}" if step.address else words

    def ended(self, outcome: Outcome) -> None:
        """Show that a step has ended, and a line above if it has failed."""
        if outcome.error:
            self.note(readable.harmless(f"failed: {outcome.step.id}: {outcome.error.summary}"))
        self._objects.count(outcome)
        self._progress.update(self._task, completed=self._objects.finished)

    def text(self) -> tuple[str, ...]:
        """Return the parts of the line, the most important first."""
        objects = self._objects
        parts = [f"{objects.finished} of {readable.count(objects.total, 'object')} done"]
        if objects.failed:
            parts.append(f"{objects.failed} failed")
        parts += self._wait()
        if (left := self._seconds_left()) is not None:
            parts.append(f"about {readable.duration(left)} left")
        if self._now:
            parts.append(readable.brief(self._now, LONGEST_NAME))
        if (quota := self._notes.requests_left()) is not None:
            parts.append(f"{quota} of {self._per_minute} requests left this minute")
        return tuple(parts)

    def _seconds_left(self) -> int | None:
        """Estimate the seconds to the end, from the requests that are still to be sent.

        Requests are what the limit counts, so this changes less than the pace of objects.
        """
        done = self._notes.answers - self._answers
        left = max(0, self._planned - done)
        by_limit = 0.0
        if self._per_minute:
            beyond = left - (self._notes.requests_left() or 0)
            by_limit = max(0.0, 60 * beyond / self._per_minute)
        if done < SETTLED:
            return round(by_limit) or None
        by_pace = (self._clock() - self._begun) * left / done
        return round(max(by_limit, by_pace))


LONGEST_NAME = 40
"""Characters of what is being done now."""

SETTLED = 5
"""Answers after which the pace is worth an estimate."""


def live_display(*, color: bool) -> "Progress":
    """Return the display that draws a `LiveLine`: a bar, and as much text as one line holds."""
    # Imported here: only a terminal needs it.
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, ProgressColumn, Task  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Line(ProgressColumn):
        """Draws the parts of the line that the terminal has room for."""

        def render(self, task: Task) -> Text:
            room = console.width - BAR - 2
            first, *others = task.fields["text"]()
            shown = first
            for part in others:
                if cell_len(shown) + 2 + cell_len(part) <= room:
                    shown += f", {part}"
            return Text(shown, style="cyan", no_wrap=True, overflow="ellipsis")

    console = Console(stderr=True, highlight=False, no_color=not color)
    return Progress(BarColumn(bar_width=BAR), Line(), console=console, transient=True)


BAR = 16
"""Columns of the bar."""
