"""`provisioner snapshot`."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioner.app.account_reading import declared_hours, take_snapshot
from provisioner.cli.account.connection import connect
from provisioner.cli.account.opening import open_project_root, validate
from provisioner.cli.console.output import put, reporting, say, show_findings
from provisioner.cli.exits import Exit
from provisioner.cli.files.private_files import is_standard_output, write_private
from provisioner.cli.options import path_argument, target_option
from provisioner.cli.single_options import Command
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.snapshot_file import save
from provisioner.live.state import Surface
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.render import readable


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

    The file holds what a plan needs: people's names, emails and settings, and no key. Of the files
    in PATH only the targets are needed; where they declare hours, these are read, too.
    """
    with reporting(path):
        root = Path(path)
        with connect(open_project_root(root), target) as connection:
            declared = None if all_hours else declared_hours(validate(root), connection.name)
            hours_of = None if all_hours else declared or frozenset()
            reader = LiveAgentReader(connection.client)
            taken = take_snapshot(
                reader,
                datetime.now(UTC),
                hours_of,
                target=connection.name,
                url=connection.url,
            )
        write_private(Path(out), save(taken))
    if declared is None and not all_hours and taken.live.surface is Surface.V3:
        show_findings((_NO_HOURS,))
    numbers = Counter(kind for kind, _ in taken.live.objects)
    told = ", ".join(readable.count(number, kind) for kind, number in sorted(numbers.items()))
    requests = readable.count(taken.live.requests, "request")
    summary = f"Snapshot of {taken.target} in {out}: {told}; read with {requests}."
    if is_standard_output(Path(out)):
        say(summary)  # behind the snapshot, it would damage it
    else:
        put(f"{summary}\n")
    return Exit.DONE


_NO_HOURS = Diagnostic(
    code="snapshot-file",
    summary="nobody's planned hours were read, since the files of the project have errors",
    hint="mend them and take the snapshot again, or take it with --all-hours",
    severity=Severity.WARNING,
)
