"""`provisioner manual`."""

from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import ListingGroup, path_argument, target_option
from provisioner.cli.parsing import Command


@click.group(cls=ListingGroup, examples=["provisioner manual"])
def manual() -> None:
    """Work in the panel: `manual [PATH]` lists what is to do."""


@manual.command(
    name="list",
    hidden=True,
    cls=Command,
    examples=["provisioner manual", "provisioner manual -t production"],
)
@path_argument
@target_option
@pass_console
def list_steps(console: Console, path: str, target: str | None) -> int:
    """List the open manual steps of a plan of the project in PATH; write nothing."""
    with console.reporting(path):
        project = open_project(Path(path))
        with live_source(console, project, target) as (reader, options):
            planned = make_plan(project, reader, options)
        console.print_diagnostics(planned.warnings, path)
        for step in planned.plan.manual_steps:
            if step.open:
                console.print_result(f"{step.panel}: {'; '.join(step.todo)}\n")
    return Exit.DONE
