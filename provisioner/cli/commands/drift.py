"""`provisioner drift`."""

import sys
from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import source
from provisioner.cli.account.opening import open_project
from provisioner.cli.console.output import color_on, put, reporting, show_findings
from provisioner.cli.exits import Exit
from provisioner.cli.options import format_option, path_argument, target_option
from provisioner.cli.single_options import Command
from provisioner.render.terminal import drift_report as render


@click.command(cls=Command)
@path_argument
@target_option
@format_option("text", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
def drift(path: str, target: str | None, format_: str, detailed_exitcode: bool) -> int:
    """Show where the account is not as the files of the project in PATH declare it.

    A check for a schedule, on the branch that was applied last. Nothing is written. What an apply
    would be refused for does not matter here.
    """
    with reporting(path):
        project = open_project(Path(path))
        with source(project, target, None) as (reader, options):
            planned = make_plan(project, reader, options)
        show_findings(planned.warnings, path)
    found = planned.plan
    put(
        render.as_json(found)
        if format_ == "json"
        else render.as_text(found, color=color_on(sys.stdout))
    )
    return Exit.CHANGES if detailed_exitcode and not found.empty else Exit.DONE
