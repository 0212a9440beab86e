"""The report of an apply advises once, and rightly."""

from dataclasses import replace

import pytest

from provisioner.diagnostics import Diagnostic
from provisioner.execution.operations import Operation
from provisioner.execution.report import (
    CONFLICT,
    NotApplied,
    Outcome,
    Report,
    RequestStatistics,
    Status,
)
from provisioner.execution.steps import Step
from provisioner.render.terminal.apply_report import report
from tests import plans

PLAN = plans.plan({}, plans.state(mia=plans.person("Mia"), bob=plans.person("Bob")))
FORBIDDEN = "403 Forbidden: You do not have the privilege"
KEY_HINT = "check that the key has the privilege agent.manage"
CHANGED = "agent/mia@acme.example: name changed since the plan was made"


def failed(name: str, summary: str, hint: str = "", code: str = "target-refused") -> Outcome:
    error = Diagnostic(code=code, summary=summary, hint=hint)
    return Outcome(Step(name, Operation.UPDATE_AGENT), Status.FAILED, error)


def of(*outcomes: Outcome) -> Report:
    return Report(PLAN.effective, {one.step.id: one for one in outcomes})


def test_steps_that_fail_for_one_cause_name_it_and_its_hint_once() -> None:
    outcomes = [
        failed(f"agent/{name}", f"PUT /api/v3/agents/{name}: {FORBIDDEN}", KEY_HINT)
        for name in ("mia", "bob", "eva")
    ]
    shown = report(of(*outcomes, failed("agent/zoe", "500: broken", "look")))
    assert shown.count(FORBIDDEN) == shown.count(KEY_HINT) == 1
    assert f"{FORBIDDEN} (3 steps)" in shown
    assert all(f"failed     {one.step.id}\n" in shown for one in outcomes)


def test_a_hint_is_there_once_whatever_it_is_about() -> None:
    value = Diagnostic(code="not-taken", summary="mia: role", hint="somebody resets the value")
    content = of(failed("a", "1", "look"), failed("b", "2", "again"), failed("c", "3", "look"))
    content = replace(content, not_applied=(NotApplied(PLAN.changes[0].address, value),) * 2)
    shown = report(content)
    assert [shown.count(f"hint: {one}\n") for one in ("look", "again", value.hint)] == [1, 1, 1]
    assert shown.index("  failed     c") < shown.index("hint: look")


@pytest.mark.parametrize(
    ("statistics", "line"),
    [
        (
            RequestStatistics(298, 1, 60, 2, per_minute=180, windows=2),
            "1 wait for the limit (1 min), 2 retried; 83% of the limit of 180 a minute used.",
        ),
        (
            RequestStatistics(298, 0, 0, 0, per_minute=0, windows=1),
            "0 waits for the limit, 0 retried.",
        ),
    ],
)
def test_the_line_before_the_last_has_the_requests(
    statistics: RequestStatistics, line: str
) -> None:
    shown = report(replace(of(failed("a", "500: broken")), requests=statistics))
    assert shown.splitlines()[-2] == f"Sent 298 requests: {line}"


@pytest.mark.parametrize("again", ["Run apply again", "Run undo again"])
def test_only_without_a_conflict_is_it_run_again(again: str) -> None:
    other = failed("b", "500: broken")
    assert f"{again} to do what is missing." in report(of(other), again=again)
    conflict = failed("a", CHANGED, "look at the plan again", CONFLICT)
    shown = report(of(conflict, other), again=again)
    assert "again" in shown
    assert again not in shown
