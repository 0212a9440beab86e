"""`provisioner snapshot`."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioner.app.account_reading import declared_hours, lists_of_names, take_snapshot
from provisioner.cli.account.connection import connect
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project_root, validate_project
from provisioner.cli.files.private_files import is_standard_output, write_private
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import account_path_argument, target_option
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.snapshot_file import save
from provisioner.live.state import Surface
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.render import readable


@click.command(cls=Command, examples=["provisioner snapshot -t production --out account.snapshot"])
@account_path_argument
@target_option
@click.option(
    "--out", metavar="FILE", type=click.Path(), required=True, help="Where to write the snapshot."
)
@click.option(
    "--all-hours",
    is_flag=True,
    help="Read the hours of all agents, also of those that declare none: on API v3 this takes a "
    "request for each device.",
)
@pass_console
def snapshot(console: Console, path: str, target: str | None, out: str, all_hours: bool) -> int:
    """Write the live account into FILE, for `plan --snapshot FILE` without account and key.

    The file holds what a plan needs: names, emails and settings of people, but no key. The
    project in PATH defines the targets. It also decides the agents for which planned hours are
    read: those with declared hours.
    """
    with console.reporting(path):
        root = Path(path)
        with connect(console, open_project_root(root), target) as connection:
            project = validate_project(root)
            declared = None if all_hours else declared_hours(project, connection.name)
            hours_of = None if all_hours else declared or frozenset()
            reader = LiveAgentReader(connection.client)
            content = take_snapshot(
                reader,
                datetime.now(UTC),
                hours_of,
                lists_of_names(project, connection.name),
                target=connection.name,
                url=connection.url,
            )
        write_private(Path(out), [save(content)])
    if declared is None and not all_hours and content.live.surface is Surface.V3:
        console.print_diagnostics((_NO_HOURS,))
    numbers = Counter(kind for kind, _ in content.live.objects)
    counts = ", ".join(readable.count(number, kind) for kind, number in sorted(numbers.items()))
    number = content.live.requests + content.names.total_requests
    requests = readable.count(number, "request")
    summary = f"Snapshot of {content.target} in {out}: {counts}; read with {requests}."
    if is_standard_output(Path(out)):
        console.print_tip(summary)  # text after the snapshot would damage it
    else:
        console.print_summary(f"{summary}\n")
    return Exit.DONE


_NO_HOURS = Diagnostic(
    code="snapshot-file",
    summary="no planned hours were read, because the files of the project have errors",
    hint="correct them and take the snapshot again, or take it with --all-hours",
    severity=Severity.WARNING,
)
