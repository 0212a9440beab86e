"""`provisioner guards`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.app.proving.guard_proof import prove as prove_guards
from provisioner.app.proving.project_copy import NotApplicableError
from provisioner.cli.account.connection import not_installed
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.account.offline_options import offline_options
from provisioner.cli.account.targets import default_target
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import at_option, format_option, path_argument, target_option
from provisioner.cli.parsing import Command, Group
from provisioner.diagnostics import TargetError
from provisioner.git.checkout import shared_files
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot
from provisioner.model.settings import SANDBOX
from provisioner.render.json_text import json_text
from provisioner.render.terminal.proof_text import proof_text


@click.group(cls=Group, examples=["provisioner guards prove"])
def guards() -> None:
    """Work with the guards of the project (guards prove)."""


@guards.command(
    cls=Command,
    examples=[
        "provisioner guards prove",
        "provisioner guards prove --snapshot account.snapshot --format json",
    ],
)
@path_argument
@target_option
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(),
    help="The account: a file of `provisioner snapshot`, instead of one seeded from the project.",
)
@at_option
@format_option("text", "json")
@pass_invocation
def prove(
    invocation: Invocation,
    path: str,
    target: str | None,
    snapshot: str | None,
    at: date | None,
    format_: str,
) -> int:
    """Inject known mistakes into a copy of the project in PATH, and show what stops each.

    No key is needed, nothing leaves this machine, and nothing is written into the project. The
    exit code is 1 if a mistake slips through that the project demands to be stopped: those of
    prove.must_stop in provisioner.yaml.
    """
    console = invocation.console
    with console.reporting(path):
        if snapshot is None:
            project = open_project(Path(path), at)
            name = target or _default(project)
            options = offline_options(project.settings, name, "")
            stored = _seeded(project, options, invocation)
        else:
            with live_project(console, path, target, snapshot, None, at) as opened:
                project, _, reader, options = opened
            if not isinstance(reader, Snapshot):
                raise TypeError(reader)
            stored = reader

        @contextmanager
        def failing(fault: str) -> Iterator[Reader]:
            try:
                from provisioner.cli.offline.project_account import (  # noqa: PLC0415
                    failing_reader,
                )
            except ImportError:
                raise NotApplicableError(
                    "it needs pip install -U 'liveagent-provisioner[sandbox]'"
                ) from None
            with failing_reader(project, stored, options, fault) as reader:
                yield reader

        content = prove_guards(project, stored, options, shared_files(project.root), failing)
    if format_ == "json":
        console.print_result(json_text(content.as_data()))
    else:
        console.print_result(proof_text(content, color=console.color))
    return Exit.ERROR if content.failed else Exit.DONE


def _default(project: Project) -> str:
    """Return the target without `-t`; no account is needed, so a project without one has one."""
    try:
        return default_target(project.settings)
    except TargetError:
        return SANDBOX


def _seeded(project: Project, options: PlanOptions, invocation: Invocation) -> Snapshot:
    """Return the account that the project leaves.

    Raises:
        TargetError: the packages of the extra are missing, or it can't be applied.
    """
    try:
        # Imported here: only this command needs the packages of the extra.
        from provisioner.cli.offline.project_account import account_of_project  # noqa: PLC0415
    except ImportError as error:
        raise TargetError(not_installed(error)) from error
    return account_of_project(project, options, invocation.clock())
