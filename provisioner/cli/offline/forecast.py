"""`provisioner forecast`."""

from datetime import date, timedelta
from pathlib import Path

import click

from provisioner.cli.console.output import Console, path_prefix
from provisioner.cli.files.opening import desired_for, open_permanent, today
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_argument, target_option
from provisioner.cli.parsing import Command
from provisioner.model.dates.declared import DayRange
from provisioner.planning.dates.upcoming import forecast as forecast_of
from provisioner.render.json_text import json_text
from provisioner.render.terminal.forecast_text import as_text

MOST_DAYS = 3650


@click.command(
    cls=Command, examples=["provisioner forecast", "provisioner forecast --days 90 --format json"]
)
@path_argument
@target_option
@click.option(
    "--days",
    type=click.IntRange(0, MOST_DAYS),
    default=30,
    show_default=True,
    metavar="N",
    help="Look this many days ahead.",
)
@at_option
@format_option("text", "json")
@pass_console
def forecast(
    console: Console, path: str, target: str | None, days: int, at: date | None, format_: str
) -> int:
    """List what begins and lapses by the dates of agents in PATH, with the effect on cover.

    Only the files are read: agents whom no file declares do not count. With -t, the target's
    overlay is included.
    """
    with console.reporting(path):
        project = open_permanent(Path(path))
        state = desired_for(project, target)
        first = at or today(project)
        last = min(first, date.max - timedelta(days=days)) + timedelta(days=days)
        content = forecast_of(state, DayRange(first, last), project.settings.dates_zone)
    if format_ == "json":
        console.print_result(json_text(content.as_data()))
    else:
        console.print_result(as_text(content, path_prefix(path), color=console.color))
    return Exit.DONE
