"""`provisioner apply`."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from provisioner.app.account_reading import check_names_again, check_still_true
from provisioner.app.apply_plan import ExecutablePlan
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.account.targets import described_target
from provisioner.cli.console.confirmation import require_yes
from provisioner.cli.console.run_document import printed_document
from provisioner.cli.files.opening import today
from provisioner.cli.files.plan_files import read_plan, stale_policy
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import (
    at_option,
    lapsed_option,
    lock_timeout_option,
    log_format_option,
    parallelism_option,
    path_or_plan_argument,
    run_format_option,
    scope_of,
    scope_options,
    target_option,
    yes_option,
)
from provisioner.cli.parsing import Command
from provisioner.cli.run.allowing import allow_option
from provisioner.cli.run.exclusive_run import exclusive_run
from provisioner.cli.run.freeze_check import Allowances
from provisioner.cli.run.project_apply import ApplyRequest, apply_project
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.execution.step_graph import build_graph
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.dates.plan_day import stale_day
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan


@click.command(
    cls=Command,
    examples=[
        "provisioner apply",
        "provisioner apply -t production --yes",
        "provisioner apply saved.plan",
    ],
)
@path_or_plan_argument
@target_option
@yes_option
@allow_option
@scope_options
@lapsed_option
@at_option
@lock_timeout_option
@parallelism_option
@log_format_option
@run_format_option
@pass_invocation
def apply(  # noqa: PLR0913, PLR0917  one for each option
    invocation: Invocation,
    path: str,
    target: str | None,
    yes: bool,
    allowed: Allowances,
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    lapsed: bool,
    at: date | None,
    lock_timeout: float,
    parallelism: int,
) -> int:
    """Make the account match the files of the project in PATH.

    PATH may also be a file of `plan --out`: then exactly that plan is applied, provided that
    nothing it relies on has changed. The plan is shown first, and a question asked before the
    first write. --yes answers it in advance, and is needed where there is no terminal.
    """
    console, scope = invocation.console, scope_of(only, exclude, lapsed=lapsed)
    allowed = replace(allowed, day=at)
    if Path(path).is_file():
        if allowed.numbers or scope.partial:
            raise click.UsageError("a saved plan is applied as it is, without these options")
        saved_options = _SavedOptions(target, allowed, at, yes, lock_timeout, parallelism)
        return _apply_saved(invocation, Path(path), saved_options)
    with console.reporting(path), printed_document(invocation):
        require_yes("apply", yes=yes, preview="provisioner plan")
        request = ApplyRequest(path, target, allowed, scope, at, lock_timeout, parallelism)
        return apply_project(invocation, request, yes=yes)


class _SavedOptions(NamedTuple):
    """Options of an apply of a saved plan."""

    target: str | None
    allowed: Allowances
    at: date | None
    yes: bool
    lock_timeout: float
    parallelism: int


def _apply_saved(invocation: Invocation, file: Path, options: _SavedOptions) -> int:
    console, yes = invocation.console, options.yes
    with console.reporting("."), printed_document(invocation):
        require_yes("apply", yes=yes, preview=f"provisioner show {file}")
        plan, basis, project = read_plan(file)
        target = options.target or plan.target
        with connect(console, project, target, parallelism=options.parallelism) as connection:
            if (connection.name, connection.url) != (plan.target, basis.url):
                raise RefusedError(_other_target(plan, basis, connection))
            day = options.at or today(project)
            if stale := [
                *stale_policy(plan, connection.api_key, project),
                *stale_day(plan.day, day),
            ]:
                raise RefusedError(*stale)
            with exclusive_run(
                invocation, project, connection, options.lock_timeout, allowed=options.allowed
            ) as run:
                console.print_diagnostics(plan.warnings)
                if not run.confirm(plan, yes=yes):
                    return Exit.ERROR
                reader = LiveAgentReader(connection.client)
                live = check_still_true(plan, basis, reader)
                check_names_again(plan, reader)
                graph = build_graph(plan.effective, connection.looks(live))
                executable = ExecutablePlan(plan, basis, live, graph)
                return run.apply(executable, "Save a new plan and apply it")


def _other_target(plan: Plan, basis: Basis, connection: Connection) -> Diagnostic:
    plan_target = described_target(plan.target, basis.url)
    this_target = described_target(connection.name, connection.url)
    return Diagnostic(
        code="plan-file",
        summary=f"the plan was made for the target {plan_target}, not for {this_target}",
        hint="apply it there, or make a plan for this target",
    )
