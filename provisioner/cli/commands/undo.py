"""`provisioner undo`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from provisioner.address import Address
from provisioner.app.account_reading import check_still_true
from provisioner.app.apply_plan import ExecutablePlan
from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.undo_run import declared_again, plan_undo
from provisioner.cli.account.connection import connect
from provisioner.cli.console.confirmation import print_plan_to_apply
from provisioner.cli.console.run_document import Ended, printed_document
from provisioner.cli.files.opening import open_project, open_project_root
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import (
    account_path_argument,
    lock_timeout_option,
    log_format_option,
    parallelism_option,
    run_format_option,
    yes_option,
)
from provisioner.cli.parsing import Command
from provisioner.cli.run.allowing import allow_option
from provisioner.cli.run.exclusive_run import exclusive_run
from provisioner.cli.run.freeze_check import Allowances
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, InvalidProjectError, RefusedError
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs import chain
from provisioner.runs.chain import Proof
from provisioner.runs.record import Run
from provisioner.runs.store import RunStore


@click.command(cls=Command, examples=["provisioner undo 14", "provisioner undo 14 --yes"])
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1), shell_complete=candidates.runs)
@account_path_argument
@yes_option
@allow_option
@lock_timeout_option
@parallelism_option
@log_format_option
@run_format_option
@pass_invocation
def undo(
    invocation: Invocation,
    run_id: int,
    path: str,
    yes: bool,
    allowed: Allowances,
    lock_timeout: float,
    parallelism: int,
) -> int:
    """Restore the values that a run of the project in PATH changed, from its record.

    The plan is shown first, with what can't be restored, and the same guards apply. A question is
    asked before the first write; --yes answers it in advance. Without a terminal and without --yes
    the plan is only shown.
    """
    console = invocation.console
    with console.reporting(path), printed_document(invocation):
        project = open_project_root(Path(path))
        store = RunStore(existing_workspace(project.root))
        target = _proven(store, run_id).target
        with (
            connect(console, project, target, parallelism=parallelism) as connection,
            exclusive_run(
                invocation, project, connection, lock_timeout, "undo", allowed
            ) as current,
        ):
            run = _proven(store, run_id)  # again: it may have been running until the lock was free
            reader = LiveAgentReader(connection.client)
            options = replace(connection.plan_options(allowed.numbers), recorded=current.recorded)
            undone = plan_undo(run, project, reader, options)
            plan, basis = undone.planned.plan, undone.planned.basis
            _report_lost(invocation, undone.lost)
            declared = _declared_again(project.root, undone.planned, options)
            if invocation.document:
                invocation.document.still_declared = declared
            if plan.empty:
                _report_nothing(invocation, plan, run_id)
                return Exit.DONE
            if not (yes or sys.stdin.isatty()):
                return _preview(invocation, plan, declared)
            console.print_diagnostics(plan.warnings)
            if not yes:
                console.print_note(runs_text.still_declared(declared))
            if not current.confirm(plan, yes=yes):
                return Exit.ERROR
            live = undone.planned.live
            if not yes and plan.effective:
                live = check_still_true(plan, basis, reader)
            code = current.apply(ExecutablePlan.of(undone.planned, live))
    if yes and plan.effective:
        console.print_note(runs_text.still_declared(declared))
    return code


def _declared_again(
    root: Path, undone: Planned, options: PlanOptions
) -> tuple[Address, ...] | None:
    """Return the objects that the next apply would change again; None if that is not known."""
    try:
        return declared_again(open_project(root), undone, options.recorded)
    except InvalidProjectError:
        return None


def _report_lost(invocation: Invocation, lost: Sequence[Diagnostic]) -> None:
    console = invocation.console
    if invocation.document:
        invocation.document.not_restored = lost
    else:
        console.print_result(runs_text.not_restored(lost, color=console.color))


def _preview(invocation: Invocation, plan: Plan, declared: tuple[Address, ...] | None) -> int:
    print_plan_to_apply(invocation, plan)
    invocation.console.print_note(runs_text.still_declared(declared))
    if invocation.document:
        invocation.document.ended = Ended.PREVIEW
    invocation.console.print_note("Nothing was written; --yes applies this.")
    return Exit.DONE


def _report_nothing(invocation: Invocation, plan: Plan, run_id: int) -> None:
    if invocation.document:
        invocation.document.plan = plan
        invocation.document.ended = Ended.NOTHING_TO_CHANGE
    else:
        invocation.console.print_result(f"Nothing of run {run_id} is left to bring back.\n")


def _proven(store: RunStore, run_id: int) -> Run:
    """Return a run, unless its own hash or a later record disproves its record.

    Raises:
        RefusedError: the record is not as the run wrote it.
        ProvisionerError: there is no such run, or its record can't be read.
    """
    for one in store.checked():
        if one.id == run_id and one.proof in {Proof.EDITED, Proof.REORDERED}:
            raise RefusedError(chain.finding(one))
    return store.load(run_id)
