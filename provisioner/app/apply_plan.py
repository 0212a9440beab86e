"""Applies a plan: runs its steps, and reads the account back to verify them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

from provisioner.address import Kind
from provisioner.app.make_plan import Planned
from provisioner.app.verification import verify
from provisioner.diagnostics import Diagnostic, ProvisionerError, RunStoppedError, fault
from provisioner.execution.executor import execute
from provisioner.execution.operations import Operation
from provisioner.execution.report import Report, Status
from provisioner.execution.run_control import RunControl, Writer
from provisioner.execution.step_graph import Graph, build_graph
from provisioner.execution.steps import Step
from provisioner.execution.workers import CONCURRENCY
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import LiveState
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.plans.basis import Basis, with_default_role
from provisioner.planning.plans.plan_data import Plan

_NOT_READ_BACK = Diagnostic(
    code="not-read-back",
    summary="what was written was not read back, since the run was stopped",
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Access to one account."""

    reader: Reader
    writer: Writer


@dataclass(frozen=True, slots=True)
class ExecutablePlan:
    """A plan with everything that an apply needs to know. No option changes what it does.

    `live` is the account right before the apply.
    """

    plan: Plan
    basis: Basis
    live: LiveState
    graph: Graph[Step]

    @classmethod
    def of(cls, planned: Planned, live: LiveState) -> Self:
        """Return a plan with its steps: they are large, so a plan that is only shown has none."""
        graph = build_graph(planned.plan.changes, planned.looks)
        return cls(planned.plan, planned.basis, live, graph)


def apply_plan(
    executable: ExecutablePlan,
    provider: Provider,
    control: RunControl,
    *,
    concurrency: int = CONCURRENCY,
) -> Report:
    """Run the steps of a plan, verify them, and report what happened.

    At most `concurrency` calls run at a time.

    Raises:
        RuntimeError: no thread can be started; nothing was written.
    """
    result = execute(executable.graph, provider.writer, control, concurrency=concurrency)
    facts = provider.writer.facts
    changes = _as_it_happened(executable.plan.effective, provider.writer.restored, control)
    report = Report(changes, result.outcomes, result.stopped, facts=facts)
    if not report.with_status(Status.APPLIED):
        return report
    report = replace(report, warnings=tuple(_concerned(executable.plan.warnings, report)))
    if report.stopped:
        return replace(report, unverified=_NOT_READ_BACK)
    control.announce("Reading the account back.")
    try:
        basis = with_default_role(executable.basis, facts)
        values, warnings = verify(report, basis, provider.reader, control)
        return replace(report, not_applied=values, warnings=(*report.warnings, *warnings))
    except Exception as error:  # noqa: BLE001  the report of what was written must not be lost
        return replace(report, unverified=_unverified(error))


def _concerned(warnings: Iterable[Diagnostic], report: Report) -> Iterator[Diagnostic]:
    """Yield the warnings that concern what was written.

    Those of policy are about the plan, and that about written hours needs written hours.
    """
    may_have_hours = any(
        outcome.step.operation is Operation.SET_HOURS
        and (outcome.status is Status.APPLIED or outcome.uncertain)
        for outcome in report.outcomes.values()
    )
    for warning in warnings:
        if not warning.is_about_policy and (may_have_hours or warning.code != "hours-unconfirmed"):
            yield warning


def _as_it_happened(
    changes: tuple[Change, ...], restored: Mapping[str, str], control: RunControl
) -> tuple[Change, ...]:
    """Return the changes, with each creation that has restored a deleted account as a restore.

    API v3 may not show deleted accounts (I), so such a creation can't be known before.
    """
    emails = {change.address.identity[1] for change in changes if change.address.kind is Kind.AGENT}
    if names := ", ".join(sorted(emails & restored.keys())):
        control.announce(
            "Restored instead of created, since a deleted account has the email: "
            f"{names}. Tickets and settings are kept, and LiveAgent sends no registration mail."
        )
    return tuple(
        replace(change, id=restored[change.address.identity[1]], reason=Reason.RESTORED)
        if change.action is Action.CREATE
        and change.address.kind is Kind.AGENT
        and change.address.identity[1] in restored
        else change
        for change in changes
    )


def _unverified(error: Exception) -> Diagnostic:
    if isinstance(error, RunStoppedError):
        return _NOT_READ_BACK
    reason = error.diagnostics[0] if isinstance(error, ProvisionerError) else fault(error)
    return Diagnostic(
        code="not-read-back",
        summary=f"the account could not be read back: {reason.summary}",
        hint="run plan: it shows whether anything is left to do",
    )
