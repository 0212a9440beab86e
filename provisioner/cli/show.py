"""`provisioner show`: what is there, in words."""

import sys
from datetime import datetime
from pathlib import Path

import click

from provisioner.app.facts import look_at
from provisioner.app.project import open_place
from provisioner.cli.exits import Exit
from provisioner.cli.options import format_option, path_argument, target_option
from provisioner.cli.output import color_on, put, reporting
from provisioner.cli.targets import connect
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.live.facts import Period
from provisioner.liveagent.facts import LiveAgentFacts
from provisioner.liveagent.reader import LiveAgentReader
from provisioner.render import facts as render

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def show() -> None:
    """Show what is there, in words."""


@show.command()
@click.argument("email")
@path_argument
@target_option
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="First day of the report.")
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", help="Last day of the report.")
@format_option("text", "json")
def agent(
    email: str,
    path: str,
    target: str | None,
    since: datetime | None,
    until: datetime | None,
    format_: str,
) -> int:
    """Show the live account of the agent with this EMAIL.

    Every section of it, the performance report of a period, and the applications that are logged
    in. What the target can't tell is said. The target is one of the project in PATH.
    """
    if since and until and since > until:
        raise UsageError(
            Diagnostic(
                code="usage",
                summary="--since is after --until",
                hint="the period goes from the first day to the last",
            )
        )
    period = Period(since and since.date(), until and until.date())
    with reporting(path):
        place = open_place(Path(path))
        with connect(place, target) as connection:
            role_ids = place.settings.role_ids_of(connection.name)
            found = look_at(
                email,
                period,
                LiveAgentReader(connection.client),
                LiveAgentFacts(connection.client),
                target=connection.name,
                roles={role_id: name for name, role_id in role_ids.items()},
            )
    put(
        render.as_json(found)
        if format_ == "json"
        else render.as_text(found, color=color_on(sys.stdout))
    )
    return Exit.DONE
