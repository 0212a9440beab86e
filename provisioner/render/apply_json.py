"""The result of an apply or undo as JSON: the plan, each step, and what could not be confirmed."""

from collections.abc import Sequence
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.execution.report import Outcome, Report, Status
from provisioner.planning.changes import Action
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data
from provisioner.render.json_text import json_text
from provisioner.runs.record import Run, StepRecord

FORMAT_VERSION = "1.0"

_COUNTED = {
    "created": (Action.CREATE, False),
    "restored": (Action.CREATE, True),
    "updated": (Action.UPDATE, False),
    "deleted": (Action.DELETE, False),
}
"""Mapping from the word for a change to its action, and whether it restores a deleted agent."""


def as_data(
    plan: Plan, report: Report | None, record: Run | None, not_restored: Sequence[Diagnostic] = ()
) -> dict[str, Any]:
    """Return the result of an apply or undo as JSON data; docs/commands.md describes the shape.

    Args:
        plan: the plan.
        report: the report of the run; None if the run has none.
        record: the record of a run that a fault has ended without a report.
        not_restored: what an undo can't restore.
    """
    outcomes = report.outcomes.values() if report else ()
    recorded = record.steps.values() if record else ()
    return {
        "changes": counts(report),
        "steps": [*map(_reported_step, outcomes), *map(_recorded_step, recorded)],
        "stopped": _finding(report.stopped if report else None),
        "not_applied": [
            {"address": str(value.address), **_finding_data(value.diagnostic)}
            for value in (report.not_applied if report else ())
        ],
        "unverified": _finding(report.unverified if report else None),
        "unrecorded": _finding(report.unrecorded if report else None),
        "not_confirmed": [
            _finding_data(warning) for warning in (report.warnings if report else ())
        ],
        "requests": report.requests.as_data() if report and report.requests else None,
        "not_restored": [*map(_finding_data, not_restored)],
        "plan": plan_data(plan),
    }


def counts(report: Report | None) -> dict[str, int]:
    """Return the number of objects that a run has created, restored, updated and deleted."""
    return {
        word: report.applied(action, restores=restores) if report else 0
        for word, (action, restores) in _COUNTED.items()
    }


def as_text(data: dict[str, Any]) -> str:
    """Return JSON data as one document."""
    return json_text({"format_version": FORMAT_VERSION, **data}, sort_keys=False)


def _reported_step(outcome: Outcome) -> dict[str, Any]:
    return _step(
        outcome.step.id,
        outcome.status.value,
        outcome.error.summary if outcome.error else "",
        hint=outcome.error.hint if outcome.error else "",
        because=outcome.because,
        uncertain=outcome.uncertain,
    )


def _recorded_step(step: StepRecord) -> dict[str, Any]:
    status = step.status.value if step.status else "under-way"
    if step.status is Status.SKIPPED:
        return _step(step.step, status, "", because=step.error)
    return _step(step.step, status, step.error, uncertain=step.uncertain)


def _step(
    step: str,
    status: str,
    error: str,
    *,
    hint: str = "",
    because: str = "",
    uncertain: bool = False,
) -> dict[str, Any]:
    return {
        "step": step,
        "status": status,
        "error": error or None,
        "hint": hint or None,
        "because": because or None,
        "uncertain": uncertain,
    }


def _finding(diagnostic: Diagnostic | None) -> dict[str, str] | None:
    return None if diagnostic is None else _finding_data(diagnostic)


def _finding_data(diagnostic: Diagnostic) -> dict[str, str]:
    return {"code": diagnostic.code, "summary": diagnostic.summary, "hint": diagnostic.hint}
