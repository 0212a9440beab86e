"""`provisioner rehearse`."""

from dataclasses import replace
from datetime import date

import click

from provisioner.cli.account.connection import not_installed
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import (
    at_option,
    format_option,
    path_argument,
    target_option,
)
from provisioner.cli.parsing import Command
from provisioner.cli.run.allowing import allow_option
from provisioner.cli.run.freeze_check import Allowances, warn_of_freeze
from provisioner.diagnostics import TargetError
from provisioner.live.snapshot_file import Snapshot
from provisioner.render.json_text import json_text
from provisioner.render.terminal.proof_text import rehearsal_text

MOST_FAULTS = 1000


@click.command(
    cls=Command,
    examples=[
        "provisioner rehearse --snapshot account.snapshot",
        "provisioner rehearse --snapshot account.snapshot --faults 20 --format json",
    ],
)
@path_argument
@target_option
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(),
    required=True,
    help="The account to begin with: a file of `provisioner snapshot`.",
)
@click.option(
    "--faults",
    type=click.IntRange(0, MOST_FAULTS),
    default=4,
    show_default=True,
    metavar="N",
    help="Repeat the apply with N failures, each in an apply of its own: a kill, a lost answer, "
    "429 and 500 in turn.",
)
@allow_option
@at_option
@format_option("text", "json")
@pass_invocation
def rehearse(
    invocation: Invocation,
    path: str,
    target: str | None,
    snapshot: str,
    faults: int,
    allowed: Allowances,
    at: date | None,
    format_: str,
) -> int:
    """Apply the project in PATH to an account in this process, made from a snapshot.

    No key is needed, nothing leaves this machine, and nothing is written into the project. The
    exit code is 0 if every apply ends with an empty plan, 1 if one does not, and 3 if an apply
    would be refused.
    """
    console = invocation.console
    with console.reporting(path):
        try:
            # Imported here: only this command needs the packages of the extra.
            from provisioner.cli.offline.rehearsing import Rehearser  # noqa: PLC0415
        except ImportError as error:
            raise TargetError(not_installed(error)) from error
        with live_project(console, path, target, snapshot, None, at) as opened:
            project, _, reader, defaults = opened
        if not isinstance(reader, Snapshot):
            raise TypeError(reader)
        options = replace(defaults, allowed=allowed.numbers)
        content = Rehearser(project, reader, options).rehearse(faults)
        warn_of_freeze(invocation, project.settings, content.plan, path, at)
    if format_ == "json":
        console.print_result(json_text(content.as_data()))
    else:
        console.print_result(rehearsal_text(content, color=console.color))
    return Exit.DONE if content.converged else Exit.ERROR
