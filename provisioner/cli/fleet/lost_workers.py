"""Accounts of lost workers: the records of their runs show whether anything was written."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.execution.report import Status
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult, ApplyTask
from provisioner.fleet.engines.local import Finished
from provisioner.runs.record import Run
from provisioner.runs.store import RunStore


class RecordsOfRuns:
    """Finds the records of the processes that worked on the accounts of one run of a fleet.

    A process writes the start of a step into its record before it sends the step. So an account
    without a record, or with one that has no writing step, was not changed.
    """

    def __init__(self) -> None:
        """Know no account yet."""
        self._before: dict[str, int] = {}

    def noting(self, tasks: Iterable[ApplyTask]) -> Iterator[ApplyTask]:
        """Yield tasks, and note which records each account has before it begins."""
        for task in tasks:
            if (store := _store(task)) is not None:
                self._before[task.account.name] = max(store.numbers(), default=0)
            yield task

    def result_of_lost(self, finished: Finished[ApplyTask, ApplyResult]) -> ApplyResult:
        """Return the result of an account of which the process is lost.

        Without certainty it counts as incomplete.
        """
        account = finished.task.account
        if not finished.begun:
            return _unwritten(finished)
        if account.name not in self._before:
            return _incomplete(finished)
        runs = [*self._runs(finished)]
        if not finished.process:  # another machine may use other records, and may still be at work
            there = (one for one in runs if isinstance(one, Run))
            return _incomplete(
                finished, next((one for one in there if account.target in {"", one.target}), None)
            )
        unreadable = any(isinstance(run, Diagnostic) for run in runs)
        own = [run for run in runs if isinstance(run, Run) and run.actor.pid == finished.process]
        written = any(step.writes for run in own for step in run.steps.values())
        if written or unreadable:
            return _incomplete(finished, own[0] if own else None)
        return _unwritten(finished)

    def _runs(self, finished: Finished[ApplyTask, ApplyResult]) -> Iterator[Run | Diagnostic]:
        """Yield the runs that have begun since the account has; several accounts may share them."""
        store = _store(finished.task)
        before = self._before[finished.task.account.name]
        for number in store.numbers() if store else ():
            if store and number > before:
                try:
                    yield store.load(number)
                except ProvisionerError as error:
                    yield error.diagnostics[0]


def _store(task: ApplyTask) -> RunStore | None:
    try:
        return RunStore(existing_workspace(Path(task.folder, task.account.project)))
    except ProvisionerError:
        return None


def _incomplete(finished: Finished[ApplyTask, ApplyResult], run: Run | None = None) -> ApplyResult:
    applied = run.count(Status.APPLIED) if run else 0
    return ApplyResult(
        finished.task.account,
        AccountOutcome.INCOMPLETE,
        Exit.INCOMPLETE,
        steps=(applied, sum(step.writes for step in run.steps.values()) if run else 0),
        run=run.id if run else None,
        errors=(lost(finished.reason, "the record of the run lists what was done"),),
    )


def _unwritten(finished: Finished[ApplyTask, ApplyResult]) -> ApplyResult:
    hint = "nothing was written to the account; run it again"
    errors = (lost(finished.reason, hint),)
    return ApplyResult(finished.task.account, AccountOutcome.FAILED, Exit.ERROR, errors=errors)


def lost(reason: str, hint: str) -> Diagnostic:
    """Return the error that no result came from a worker."""
    return Diagnostic(
        code="worker-lost",
        summary=f"no result came from its worker: {reason}",
        hint=f"{hint}; if it happens again, look at the memory of the machine",
    )
