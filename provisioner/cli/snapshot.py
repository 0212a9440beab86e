"""`provisioner snapshot`."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioner.app.snapshots import take
from provisioner.cli.commands import Command
from provisioner.cli.exits import Exit
from provisioner.cli.opening import open_project
from provisioner.cli.options import path_argument, target_option
from provisioner.cli.output import put, reporting
from provisioner.cli.private import write_private
from provisioner.cli.targets import connect
from provisioner.live.snapshot import save
from provisioner.liveagent.reader import LiveAgentReader
from provisioner.render import words


@click.command(cls=Command)
@path_argument
@target_option
@click.option(
    "--out", metavar="FILE", type=click.Path(), required=True, help="Where to write the snapshot."
)
@click.option(
    "--all-hours",
    is_flag=True,
    help="Read the hours of agents that declare none, too: on API v3 a request for each device.",
)
def snapshot(path: str, target: str | None, out: str, all_hours: bool) -> int:
    """Write the live account into FILE, for `plan --snapshot FILE` without account and key.

    The file holds what a plan needs: people's names, emails and settings, and no key.
    """
    with reporting(path):
        project = open_project(Path(path))
        with connect(project, target) as connection:
            request = connection.request({}, (), ())
            reader = LiveAgentReader(connection.client)
            taken = take(project, reader, request, datetime.now(UTC), all_hours=all_hours)
        write_private(Path(out), save(taken))
    numbers = Counter(kind for kind, _ in taken.live.objects)
    told = ", ".join(words.count(number, kind) for kind, number in sorted(numbers.items()))
    requests = words.count(taken.live.requests, "request")
    put(f"Snapshot of {taken.target} in {out}: {told}; read with {requests}.\n")
    return Exit.DONE
