"""`provisioner apply`."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from provisioner.app.applying import carry_out
from provisioner.app.planning import make_plan
from provisioner.app.project import open_project
from provisioner.cli.exits import Exit
from provisioner.cli.options import path_argument, target_option
from provisioner.cli.output import color_on, put, reporting, say, show_findings
from provisioner.cli.targets import connect
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.liveagent.reader import LiveAgentReader
from provisioner.liveagent.writer import LiveAgentWriter
from provisioner.render import text


@click.command()
@path_argument
@target_option
@click.option("-y", "--yes", is_flag=True, help="Don't ask before writing.")
def apply(path: str, target: str | None, yes: bool) -> int:
    """Make the account as the files of the project in PATH declare it.

    The plan is shown first. Without --yes it is asked before the first write; without a terminal
    there is nobody to ask, and --yes is needed.
    """
    with reporting(path):
        if not yes and not sys.stdin.isatty():
            raise UsageError(
                Diagnostic(
                    code="confirmation-needed",
                    summary="apply needs --yes where there is no terminal to ask at",
                    hint="look at the plan first: provisioner plan",
                )
            )
        project = open_project(Path(path))
        with connect(project, target) as connection:
            reader = LiveAgentReader(connection.client)
            planned = make_plan(
                project, reader, target=connection.name, per_minute=connection.per_minute
            )
            show_findings(planned.warnings, path)
            put(text.plan(planned.plan, color=color_on(sys.stdout)))
            if not planned.plan.effective:
                return Exit.DONE
            role_ids = project.settings.role_ids_of(connection.name)
            if not yes and not click.confirm(f"Apply this to {connection.name}?", err=True):
                say("Not applied; nothing was written.")
                return Exit.ERROR
            with _stop_on_signal() as stopping:
                report = carry_out(
                    project,
                    planned,
                    reader=reader,
                    writer=LiveAgentWriter(connection.client, planned.live, role_ids),
                    stopping=stopping,
                )
        put(text.report(report, planned.plan.open_steps, color=color_on(sys.stdout)))
    return Exit.DONE if report.complete else Exit.INCOMPLETE


@contextmanager
def _stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether the run was asked to stop.

    The first Ctrl-C or SIGTERM asks; the second ends the run at once.
    """
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say("Stopping: what is under way is finished, nothing new is started.")

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield lambda: asked
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
