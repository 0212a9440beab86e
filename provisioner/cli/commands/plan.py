"""`provisioner plan`."""

from dataclasses import replace
from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import source
from provisioner.cli.account.opening import open_project
from provisioner.cli.console.output import reporting, show_findings
from provisioner.cli.console.plan_formats import FORMATS, put_plan
from provisioner.cli.exits import Exit
from provisioner.cli.files.plan_files import write_plan
from provisioner.cli.files.private_files import is_standard_output
from provisioner.cli.options import (
    allow_option,
    format_option,
    path_argument,
    scope_options,
    target_option,
)
from provisioner.cli.run.branch import open_branch
from provisioner.cli.single_options import Command
from provisioner.diagnostics import RefusedError
from provisioner.planning.scope import Scope


@click.command(cls=Command)
@path_argument
@target_option
@format_option(*FORMATS)
@allow_option
@scope_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Save the plan for `apply FILE`.")
@click.option(
    "--base",
    metavar="REF",
    help="Tell what this branch changes since REF, such as origin/main, from earlier drift.",
)
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(),
    help="Plan against a file of `provisioner snapshot` instead of the account; needs no key.",
)
def plan(  # noqa: PLR0913, PLR0917  one for each option
    path: str,
    target: str | None,
    format_: str,
    allowed: dict[str, int],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    detailed_exitcode: bool,
    out: str | None,
    base: str | None,
    snapshot: str | None,
) -> int:
    """Show what an apply of the project in PATH would change. Nothing is written.

    A plan that an apply would refuse ends with exit code 3.
    """
    with reporting(path):
        project = open_project(Path(path))
        branch = open_branch(project.root, base) if base is not None else None
        base_settings = branch.settings if branch else None
        with source(project, target, snapshot, base_settings) as (reader, defaults):
            options = replace(defaults, allowed=allowed, scope=Scope(only, exclude))
            planned = make_plan(project, reader, options, branch)
        show_findings(planned.warnings, path)
        if out is not None:
            write_plan(Path(out), planned, project.root)
        if out is None or not is_standard_output(Path(out)):
            put_plan(planned.plan, format_)
        if planned.plan.refused:
            raise RefusedError(*planned.plan.refused)
    return Exit.CHANGES if detailed_exitcode and not planned.plan.settled else Exit.DONE
