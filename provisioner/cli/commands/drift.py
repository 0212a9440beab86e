"""`provisioner drift`."""

import sys
from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.console.output import Console, color_on
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import Command, format_option, path_argument, target_option
from provisioner.planning.access.access_drift import has_drift
from provisioner.render.terminal import drift_report as render


@click.command(cls=Command)
@path_argument
@target_option
@format_option("text", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@pass_console
def drift(
    console: Console, path: str, target: str | None, format_: str, detailed_exitcode: bool
) -> int:
    """Show where the account differs from the files of the project in PATH.

    Meant for a schedule, on the branch that was applied last. Nothing is written, and guards do
    not apply.
    """
    with console.reporting(path):
        project = open_project(Path(path))
        with live_source(console, project, target) as (reader, options):
            planned = make_plan(project, reader, options)
    plan = planned.plan
    # The warnings of a plan are about its writes, and nothing is written here.
    warnings = [one for one in planned.warnings if one not in plan.warnings]
    console.print_diagnostics(warnings, path)
    console.print_result(
        render.as_json(plan)
        if format_ == "json"
        else render.as_text(plan, color=color_on(sys.stdout))
    )
    return Exit.CHANGES if detailed_exitcode and has_drift(plan) else Exit.DONE
