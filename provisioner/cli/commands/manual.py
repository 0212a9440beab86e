"""`provisioner manual`."""

from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import ListingGroup, format_option, path_argument, target_option
from provisioner.cli.parsing import Command
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import work_files
from provisioner.render.markdown import manual_steps
from provisioner.render.terminal import work_text


@click.group(cls=ListingGroup, examples=["provisioner manual"])
def manual() -> None:
    """Work in the panel: `manual [PATH]` lists what is to do."""


@manual.command(
    name="list",
    hidden=True,
    cls=Command,
    examples=["provisioner manual", "provisioner manual -t production --format markdown"],
)
@path_argument
@target_option
@format_option("text", "markdown", "html", "csv", "json")
@pass_console
def list_steps(console: Console, path: str, target: str | None, format_: str) -> int:
    """List the open manual steps of a plan of the project in PATH; write nothing."""
    with console.reporting(path):
        project = open_project(Path(path))
        with live_source(console, project, target) as (reader, options):
            planned = make_plan(project, reader, options)
        console.print_diagnostics(planned.warnings, path)
    console.print_result(_text(console, planned.plan, format_))
    return Exit.DONE


def _text(console: Console, plan: Plan, format_: str) -> str:
    match format_:
        case "json":
            return work_files.as_json(plan)
        case "csv":
            return work_files.as_csv(plan)
        case "html":
            # Imported here: only this format needs the template engine, which loads slowly.
            from provisioner.render.html import manual_page  # noqa: PLC0415

            return manual_page.draw(plan)
        case "markdown":
            return manual_steps.draw(plan)
        case _:
            return work_text.draw(plan, color=console.color, width=console.width)
