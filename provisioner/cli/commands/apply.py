"""`provisioner apply`."""

from dataclasses import replace
from pathlib import Path

import click

from provisioner.app.account_reading import check_still_true
from provisioner.app.make_plan import make_plan
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.account.opening import open_project
from provisioner.cli.console.confirmation import need_yes, yes_option
from provisioner.cli.console.output import reporting, show_findings
from provisioner.cli.exits import Exit
from provisioner.cli.files.plan_files import read_plan, stale_policy
from provisioner.cli.options import (
    allow_option,
    lock_timeout_option,
    log_format_option,
    path_argument,
    scope_options,
    target_option,
)
from provisioner.cli.run.exclusive_run import approved, exclusive_run
from provisioner.cli.single_options import Command
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan


@click.command(cls=Command)
@path_argument
@target_option
@yes_option
@allow_option
@scope_options
@lock_timeout_option
@log_format_option
def apply(
    path: str,
    target: str | None,
    yes: bool,
    allowed: dict[str, int],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    lock_timeout: float,
) -> int:
    """Make the account as the files of the project in PATH declare it.

    PATH may also be a file of `plan --out`: then exactly that plan is applied, if all that it
    relies on is still so. The plan is shown first. Without --yes it is asked before the first
    write; without a terminal there is nobody to ask, and --yes is needed.
    """
    if Path(path).is_file():
        if allowed or only or exclude:
            raise click.UsageError("a saved plan is applied as it is, without these options")
        return _apply_saved(Path(path), target, yes=yes, lock_timeout=lock_timeout)
    with reporting(path):
        need_yes("apply", yes=yes, first="provisioner plan")
        project = open_project(Path(path))
        with (
            connect(project, target) as connection,
            exclusive_run(project.root, connection, lock_timeout) as run,
        ):
            reader = LiveAgentReader(connection.client)
            options = connection.plan_options(allowed, only, exclude)
            planned = make_plan(project, reader, replace(options, unfinished=run.unfinished))
            show_findings(planned.warnings, path)
            if not approved(planned.plan, connection, yes=yes):
                return Exit.ERROR
            live = planned.live
            if not yes and planned.plan.effective:
                live = check_still_true(planned.plan, planned.basis, reader)
            return run.apply(planned.plan, planned.basis, live)


def _apply_saved(file: Path, target: str | None, *, yes: bool, lock_timeout: float) -> int:
    with reporting("."):
        need_yes("apply", yes=yes, first=f"provisioner show {file}")
        plan, basis, project = read_plan(file)
        with connect(project, target or plan.target) as connection:
            if (connection.name, connection.url) != (plan.target, basis.url):
                raise RefusedError(_other_target(plan, basis, connection))
            if stale := stale_policy(plan, connection.api_key, project):
                raise RefusedError(*stale)
            with exclusive_run(project.root, connection, lock_timeout) as run:
                if not approved(plan, connection, yes=yes):
                    return Exit.ERROR
                live = check_still_true(plan, basis, LiveAgentReader(connection.client))
                return run.apply(plan, basis, live)


def _other_target(plan: Plan, basis: Basis, connection: Connection) -> Diagnostic:
    made_for, this = (
        f'"{name}"' + (f" at {url}" if url else "")
        for name, url in ((plan.target, basis.url), (connection.name, connection.url))
    )
    return Diagnostic(
        code="plan-file",
        summary=f"the plan was made for the target {made_for}, not for {this}",
        hint="apply it there, or make a plan for this target",
    )
