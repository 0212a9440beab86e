"""The live line: one unit, what is done now, a time left that does not jump, and the quota."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from provisioner.address import agent
from provisioner.cli.console.live_line import LiveLine, ObjectProgress, ReadingLine
from provisioner.cli.console.output import Console
from provisioner.cli.console.wait_notes import WaitNotes
from provisioner.diagnostics import Diagnostic
from provisioner.execution.operations import Operation
from provisioner.execution.report import Outcome, Status
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from tests import plans

PEOPLE = [agent(f"{name}@acme.example") for name in ("ann", "bob", "cy")]
STEPS = [Step(f"{who}#create-agent", Operation.CREATE_AGENT, who) for who in PEOPLE]


class Terminal:
    """Stands for the terminal: shows nothing."""

    def print(self, *_text: object, **_options: object) -> None:
        """Print nothing."""


@dataclass
class Display:
    """Stands for the display of rich: keeps what it is given."""

    console: Terminal = field(default_factory=Terminal)
    completed: int = 0
    tasks: list[Any] = field(default_factory=list)

    def add_task(self, _description: str, **fields: Any) -> int:
        self.tasks.append(fields)
        return 0

    def update(self, _task: int, completed: int) -> None:
        self.completed = completed


class Line:
    """A live line of three creations, with a clock and a quota that a test sets."""

    def __init__(self, planned: int = 30, per_minute: int = 180) -> None:
        self.now, self.quota = 0.0, per_minute
        self.notes = WaitNotes(Console())
        self.notes.requests_left = lambda: self.quota if per_minute else None
        created = [plans.change(who, None, {"name": "X"}) for who in PEOPLE]
        graph = Graph({step.id: step for step in STEPS}, {step.id: frozenset() for step in STEPS})
        self.display = Display()
        objects = ObjectProgress(created, graph)
        self.line = LiveLine(
            self.display,  # type: ignore[arg-type]
            objects,
            planned,
            self.notes,
            per_minute,
            lambda: self.now,
        )

    def answers(self, number: int, seconds: float) -> None:
        for _ in range(number):
            self.notes.answered("GET /agents", 200)
        self.now += seconds

    def part(self, word: str) -> str:
        return next((part for part in self.line.text() if word in part), "")


def test_the_unit_is_the_object_and_the_last_step_is_named() -> None:
    line = Line()
    line.line.started(STEPS[:2])
    line.line.ended(Outcome(STEPS[0], Status.APPLIED))
    assert line.line.text()[0] == "1 of 3 objects done"
    assert line.part("create agent") == "create agent bob@acme.example"
    assert line.part("requests left") == "180 of 180 requests left this minute"
    assert line.display.completed == 1


def test_after_an_interrupt_it_claims_no_more_than_was_done() -> None:
    line = Line()
    error = Diagnostic(code="usage", summary="400")
    line.line.started(STEPS[:1])
    line.line.ended(Outcome(STEPS[0], Status.APPLIED))
    for step in STEPS[1:]:
        line.line.ended(Outcome(step, Status.SKIPPED))
    assert line.line.text()[0] == "1 of 3 objects done"
    assert line.display.completed == 1
    failed = Line()
    failed.line.ended(Outcome(STEPS[0], Status.FAILED, error))
    assert failed.line.text()[:2] == ("1 of 3 objects done", "1 failed")


@pytest.mark.parametrize("planned", [181, 1_000, 4_000])
def test_the_time_left_falls_with_the_requests_and_does_not_jump(planned: int) -> None:
    line = Line(planned)
    first = line.line._seconds_left()
    assert first == round(60 * (planned - 180) / 180) or first is None
    shown = []
    while line.notes.answers < planned:
        burst = min(180, planned - line.notes.answers)
        line.quota = 180 - burst
        line.answers(burst, 60.0)  # a burst at once, and then the rest of the minute
        line.quota = 180
        shown.append(line.line._seconds_left() or 0)
    assert shown == sorted(shown, reverse=True)
    assert shown[-1] == 0
    assert all(earlier - later <= 120 for earlier, later in pairwise(shown))


def test_without_a_limit_the_pace_of_the_answers_counts() -> None:
    line = Line(100, per_minute=0)
    assert line.part("left") == ""
    line.answers(50, 10.0)
    assert line.part("left") == "about 10 s left"


def test_a_wait_is_shown_as_long_as_it_lasts() -> None:
    line = Line()
    line.line.waiting(30.0, 180, 0)
    assert line.part("waiting") == "waiting 30 s for the limit"
    line.now = 29.5
    assert line.part("waiting") == ""


def test_a_reading_shows_how_many_answers_have_come() -> None:
    line = Line()
    reading = ReadingLine(line.display, line.notes, lambda: line.now)  # type: ignore[arg-type]
    line.answers(3, 1.0)
    assert reading.text() == ("Reading the account: 3 answers",)
    reading.waiting(12.0, 180, 2)
    assert reading.text()[1] == "waiting 12 s as the account asks (2nd time)"
