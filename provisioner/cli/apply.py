"""`provisioner apply`."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from provisioner.address import fold
from provisioner.app.applying import carry_out
from provisioner.app.planning import check_still_true, make_plan
from provisioner.app.project import open_project
from provisioner.cli.asking import need_yes, yes_option
from provisioner.cli.exits import Exit, leave
from provisioner.cli.formats import put_plan
from provisioner.cli.options import allow_option, path_argument, scope_options, target_option
from provisioner.cli.output import color_on, put, reporting, say, show_findings
from provisioner.cli.planfiles import read_plan
from provisioner.cli.targets import Connection, connect
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.live.state import LiveState
from provisioner.liveagent.reader import LiveAgentReader
from provisioner.liveagent.writer import LiveAgentWriter
from provisioner.planning.plan import Plan
from provisioner.planning.planfile import Basis
from provisioner.render import report as report_text


@click.command()
@path_argument
@target_option
@yes_option
@allow_option
@scope_options
def apply(
    path: str,
    target: str | None,
    yes: bool,
    allowed: dict[str, int],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
) -> int:
    """Make the account as the files of the project in PATH declare it.

    PATH may also be a file of `plan --out`: then exactly that plan is applied, if all that it
    relies on is still so. The plan is shown first. Without --yes it is asked before the first
    write; without a terminal there is nobody to ask, and --yes is needed.
    """
    if Path(path).is_file():
        if allowed or only or exclude:
            raise click.UsageError("a saved plan is applied as it is, without these options")
        return _apply_saved(Path(path), target, yes=yes)
    with reporting(path):
        need_yes("apply", yes=yes, first="provisioner plan")
        project = open_project(Path(path))
        with connect(project, target) as connection:
            reader = LiveAgentReader(connection.client)
            planned = make_plan(
                project,
                reader,
                connection.request(allowed, only, exclude),
            )
            show_findings(planned.warnings, path)
            if not _approved(planned.plan, connection, yes=yes):
                return Exit.ERROR
            live = planned.live
            if not yes and planned.plan.effective:
                live = check_still_true(planned.plan, planned.basis, reader)
            return _carry_out(planned.plan, planned.basis, live, connection)


def _apply_saved(file: Path, target: str | None, *, yes: bool) -> int:
    with reporting("."):
        need_yes("apply", yes=yes, first=f"provisioner show {file}")
        plan, basis, project = read_plan(file)
        with connect(project, target or plan.target) as connection:
            if (connection.name, connection.url) != (plan.target, basis.url):
                raise RefusedError(_other_target(plan, basis, connection))
            if not _approved(plan, connection, yes=yes):
                return Exit.ERROR
            live = check_still_true(plan, basis, LiveAgentReader(connection.client))
            return _carry_out(plan, basis, live, connection)


def _approved(plan: Plan, connection: Connection, *, yes: bool) -> bool:
    """Show a plan and ask, where there is something to ask about.

    Raises:
        RefusedError: the plan may not be applied.
    """
    put_plan(plan, "text")
    if plan.refused:
        raise RefusedError(*plan.refused)
    if yes or not plan.effective:
        return True
    if click.confirm(f"Apply this to {connection.name}?", err=True):
        return True
    say("Not applied; nothing was written.")
    return False


def _carry_out(plan: Plan, basis: Basis, live: LiveState, connection: Connection) -> int:
    if not plan.effective:
        return Exit.DONE
    role_ids = {fold(name): role_id for role_id, name in basis.roles.items()}
    writer = LiveAgentWriter(connection.client, live, role_ids, basis.attachments)
    with _stop_on_signal(connection.client.stop) as stopping:
        report = carry_out(
            plan,
            basis,
            reader=LiveAgentReader(connection.client),
            writer=writer,
            stopping=stopping,
        )
    put(report_text.report(report, plan.open_steps, color=color_on(sys.stdout)))
    return Exit.DONE if report.complete else Exit.INCOMPLETE


def _other_target(plan: Plan, basis: Basis, connection: Connection) -> Diagnostic:
    made_for, this = (
        f'"{name}"' + (f" at {url}" if url else "")
        for name, url in ((plan.target, basis.url), (connection.name, connection.url))
    )
    return Diagnostic(
        code="plan-file",
        summary=f"the plan was made for the target {made_for}, not for {this}",
        hint="apply it there, or make a plan for this target",
    )


@contextmanager
def _stop_on_signal(stop: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether the run was asked to stop.

    The first Ctrl-C or SIGTERM asks: what is under way is finished and nothing new is started.
    The second ends the process at once.

    Args:
        stop: ends all waiting for the account's limit.
    """
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            say("Stopped at once. Running apply again does the rest.")
            leave(Exit.INCOMPLETE)
        asked = True
        say("Stopping: what is under way is finished, nothing new is started.")
        stop()

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield lambda: asked
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
