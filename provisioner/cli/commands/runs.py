"""`provisioner runs`."""

import sys
from pathlib import Path

import click

from provisioner.cli.console.output import color_on, put, reporting
from provisioner.cli.exits import Exit
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.options import format_option, path_argument
from provisioner.cli.single_options import Command
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs.store import RunStore


class _Runs(click.Group):
    """Lists where no subcommand is named: `runs`, `runs PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Runs)
def runs() -> None:
    """What runs have done: `runs [PATH]` lists them, `runs show ID` tells all about one."""


@runs.command(name="list", hidden=True, cls=Command)
@path_argument
@format_option("text", "json")
def list_runs(path: str, format_: str) -> int:
    """List the runs of the project in PATH, the latest first."""
    with reporting(path):
        found = RunStore(existing_workspace(Path(path))).all()
        if format_ == "json":
            put(runs_text.overview_data(found))
        else:
            put(runs_text.overview(found, color=color_on(sys.stdout)))
    return Exit.DONE


@runs.command(cls=Command)
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1))
@path_argument
@format_option("text", "json")
def show(run_id: int, path: str, format_: str) -> int:
    """Show every step of a run: what it was before, what it is since, and how it ended."""
    with reporting(path):
        run = RunStore(existing_workspace(Path(path))).load(run_id)
        if format_ == "json":
            put(runs_text.details_data(run))
        else:
            put(runs_text.details(run, color=color_on(sys.stdout)))
    return Exit.DONE
