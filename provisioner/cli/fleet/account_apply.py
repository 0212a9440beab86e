"""The work of a worker: the apply of one account, as by `provisioner apply`.

The functions here run in processes of an engine, which find them by their names.
"""

from collections.abc import Iterator
from dataclasses import replace

from provisioner.cli.account.connection import among_workers
from provisioner.cli.console.run_document import Ended, RunDocument
from provisioner.cli.fleet.account_console import AccountConsole
from provisioner.cli.fleet.account_places import in_fleet
from provisioner.cli.fleet.fleet_allowances import allowances_of
from provisioner.cli.fleet.reviewed_plans import check_reviewed
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.run.interruption import TimeLimit, raising_signals
from provisioner.cli.run.project_apply import ApplyRequest, apply_project
from provisioner.diagnostics import (
    Diagnostic,
    ProvisionerError,
    RefusedError,
    RunStoppedError,
    fault,
    in_order,
)
from provisioner.execution.report import Report, Status
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult, ApplyTask
from provisioner.fleet.stop_request import StopRequest
from provisioner.fleet.waves import BY_SIGNAL
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import changes_digest
from provisioner.render.apply_json import counts
from provisioner.render.fleet.fleet_apply_json import fleet_keys
from provisioner.render.fleet.plan_digest import digest_of
from provisioner.render.review.review import review_of


def apply_account(task: ApplyTask, stop: StopRequest | None = None) -> ApplyResult:
    """Return the result of the apply of one account; errors are part of it.

    Ctrl-C and signals like it end it as they end `provisioner apply`. In a thread that can't
    handle signals, `stop` does.
    """
    console, document = AccountConsole(quiet=True, verbose=task.verbose), RunDocument("apply")
    invocation = Invocation(console, document=document, stop=stop)
    code, errors = int(Exit.ERROR), tuple[Diagnostic, ...]()
    interrupted, limit = False, TimeLimit(task.timeout, stop)
    try:
        with raising_signals(), limit:
            code = _applied(task, invocation)
    except KeyboardInterrupt:
        interrupted = True
    except ProvisionerError as error:
        code, errors = error.exit_code, error.diagnostics
        interrupted = isinstance(error, RunStoppedError) and bool(stop and stop.asked)
    except Exception as error:  # noqa: BLE001  one account must not stop the others
        errors = (fault(error),)
    interrupted |= invocation.interrupted
    code = invocation.exit_code(code)
    if document.report is None and not invocation.may_have_written:
        document.ended = _ended(code, interrupted=interrupted)
    result = _result(task, document, code, interrupted=interrupted)
    if interrupted and limit.exceeded:
        result, errors = _as_late(result), (*errors, _too_late(task))
    project = task.account.project
    result = replace(
        result,
        errors=in_fleet(in_order([*errors, *_errors(document.report)]), project),
        warnings=in_fleet(in_order(console.findings), project),
        messages=tuple(console.messages),
    )
    return _with_document(document, result) if task.detailed else result


def _applied(task: ApplyTask, invocation: Invocation) -> int:
    account = task.account
    request = ApplyRequest(
        path=account.path_in(task.folder),
        target=account.target or None,
        allowed=allowances_of(task.allowed, task.at),
        at=task.at,
        lock_timeout=task.lock_timeout,
        parallelism=task.parallelism,
        starter=task.starter,
    )

    def check(plan: Plan) -> None:
        _end_if_asked(invocation.stop)
        if plan.refused or not plan.effective:
            return
        if task.confirmed is not None and changes_digest(plan) != task.confirmed:
            raise RefusedError(_other_plan(task))
        if task.reviewed is not None:
            check_reviewed(plan, task.reviewed)

    _end_if_asked(invocation.stop)
    with among_workers():
        return apply_project(invocation, request, yes=True, check_plan=check)


def _end_if_asked(stop: StopRequest | None) -> None:
    if stop and stop.asked:
        raise KeyboardInterrupt


def _other_plan(task: ApplyTask) -> Diagnostic:
    shown = "its plan is not the one that was confirmed"
    return Diagnostic(
        code="stale-plan",
        summary=shown if task.confirmed else "its plan was not shown, and so not confirmed",
        hint="run fleet apply again, and look at the new plan",
    )


def _ended(code: int, *, interrupted: bool) -> Ended:
    if interrupted:
        return Ended.STOPPED
    if code == Exit.REFUSED:
        return Ended.REFUSED
    return Ended.NOTHING_TO_CHANGE if code == Exit.DONE else Ended.FAILED


def _result(task: ApplyTask, document: RunDocument, code: int, *, interrupted: bool) -> ApplyResult:
    plan, report = document.plan, document.report
    outcomes = report.outcomes.values() if report else ()
    writing = [outcome for outcome in outcomes if outcome.step.operation.writes]
    applied = sum(outcome.status is Status.APPLIED for outcome in writing)
    outcome = {
        Exit.DONE: AccountOutcome.DONE if outcomes else AccountOutcome.NOTHING,
        Exit.INCOMPLETE: AccountOutcome.INCOMPLETE,
        Exit.REFUSED: AccountOutcome.REFUSED,
    }.get(Exit(code), AccountOutcome.FAILED)
    if interrupted and outcome is AccountOutcome.FAILED:
        outcome = AccountOutcome.NOT_BEGUN
    return ApplyResult(
        task.account,
        outcome,
        code,
        digest=digest_of(review_of(plan)) if plan else None,
        counts={word: number for word, number in counts(report).items() if number},
        steps=(applied, len(writing)),
        run=document.run[0] if document.run else None,
        reason=f"{BY_SIGNAL} before its first write" if outcome is AccountOutcome.NOT_BEGUN else "",
        interrupted=interrupted,
    )


def _as_late(result: ApplyResult) -> ApplyResult:
    """Return the result of an apply that took too long: it has failed, but the run goes on."""
    unwritten = result.outcome is AccountOutcome.NOT_BEGUN
    outcome = AccountOutcome.FAILED if unwritten else result.outcome
    return replace(result, outcome=outcome, reason="", interrupted=False)


def _too_late(task: ApplyTask) -> Diagnostic:
    return Diagnostic(
        code="account-timeout",
        summary=f"the apply was stopped after {task.timeout / 60:g} minutes (--account-timeout)",
        hint="run fleet apply again to do the rest; if it happens again, allow it more time",
    )


def _errors(report: Report | None) -> Iterator[Diagnostic]:
    """Yield what keeps a run from being complete."""
    if report is None:
        return
    if report.stopped:
        yield report.stopped
    for outcome in report.with_status(Status.FAILED):
        if outcome.error:
            yield replace(outcome.error, summary=f"{outcome.step.id}: {outcome.error.summary}")
    for value in report.not_applied:
        yield value.diagnostic
    for problem in (report.unverified, report.unrecorded):
        if problem:
            yield problem


def _with_document(document: RunDocument, result: ApplyResult) -> ApplyResult:
    if document.plan is None:
        return result
    text = document.text(document.plan, **fleet_keys(result))
    return replace(result, documents={"json": text})
