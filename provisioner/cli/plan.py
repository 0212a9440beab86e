"""`provisioner plan`."""

from pathlib import Path

import click

from provisioner.app.planning import make_plan
from provisioner.app.project import open_project
from provisioner.cli.exits import Exit
from provisioner.cli.formats import FORMATS, put_plan
from provisioner.cli.options import (
    allow_option,
    format_option,
    path_argument,
    scope_options,
    target_option,
)
from provisioner.cli.output import reporting, show_findings
from provisioner.cli.planfiles import write_plan
from provisioner.cli.targets import connect
from provisioner.diagnostics import RefusedError
from provisioner.liveagent.reader import LiveAgentReader


@click.command()
@path_argument
@target_option
@format_option(*FORMATS)
@allow_option
@scope_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Save the plan for `apply FILE`.")
def plan(
    path: str,
    target: str | None,
    format_: str,
    allowed: dict[str, int],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    detailed_exitcode: bool,
    out: str | None,
) -> int:
    """Show what an apply of the project in PATH would change. Nothing is written.

    A plan that an apply would refuse ends with exit code 3.
    """
    with reporting(path):
        project = open_project(Path(path))
        with connect(project, target) as connection:
            planned = make_plan(
                project,
                LiveAgentReader(connection.client),
                connection.request(allowed, only, exclude),
            )
        show_findings(planned.warnings, path)
        if out is not None:
            write_plan(Path(out), planned, project.root)
        put_plan(planned.plan, format_)
        if planned.plan.refused:
            raise RefusedError(*planned.plan.refused)
    return Exit.CHANGES if detailed_exitcode and not planned.plan.empty else Exit.DONE
