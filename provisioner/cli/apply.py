"""`provisioner apply`."""

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import click

from provisioner.app.applying import carry_out
from provisioner.app.planning import check_still_true, make_plan
from provisioner.app.project import open_project
from provisioner.cli.exits import Exit, leave
from provisioner.cli.options import allow_option, path_argument, scope_options, target_option
from provisioner.cli.output import color_on, put, reporting, say, show_findings
from provisioner.cli.targets import connect
from provisioner.diagnostics import Diagnostic, RefusedError, TargetError, UsageError
from provisioner.documents.attachments import Photo, image_type
from provisioner.documents.attachments import digest as attachment_digest
from provisioner.liveagent.http import Upload
from provisioner.liveagent.reader import LiveAgentReader
from provisioner.liveagent.writer import LiveAgentWriter
from provisioner.planning.scope import Scope
from provisioner.render import report as report_text
from provisioner.render import text


@click.command()
@path_argument
@target_option
@click.option("-y", "--yes", is_flag=True, help="Don't ask before writing.")
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
                project,
                reader,
                target=connection.name,
                per_minute=connection.per_minute,
                allowed=allowed,
                scope=Scope(only, exclude),
            )
            show_findings(planned.warnings, path)
            put(text.plan(planned.plan, color=color_on(sys.stdout)))
            if planned.plan.refused:
                raise RefusedError(*planned.plan.refused)
            if not planned.plan.effective:
                return Exit.DONE
            role_ids = project.settings.role_ids_of(connection.name)
            if not yes:
                if not click.confirm(f"Apply this to {connection.name}?", err=True):
                    say("Not applied; nothing was written.")
                    return Exit.ERROR
                check_still_true(planned, reader)
            with _stop_on_signal(connection.client.stop) as stopping:
                photo = partial(_photo, project.root, planned.desired.photos)
                report = carry_out(
                    planned,
                    reader=reader,
                    writer=LiveAgentWriter(connection.client, planned.live, role_ids, photo),
                    role_ids=role_ids,
                    stopping=stopping,
                )
        put(report_text.report(report, planned.plan.open_steps, color=color_on(sys.stdout)))
    return Exit.DONE if report.complete else Exit.INCOMPLETE


def _photo(root: Path, photos: Mapping[str, Photo], digest: str) -> Upload:
    """Return the file of a photo, if it still is what the plan was made from.

    Raises:
        TargetError: it is not.
    """
    name = photos[digest].file
    try:
        content = (root / name).read_bytes()
    except OSError:
        content = b""
    kind = image_type(content)
    if kind is None or attachment_digest(content) != digest:
        raise TargetError(
            Diagnostic(
                code="attachment-changed",
                summary=f"{name} has changed since the plan was made",
                hint="run apply again",
            )
        )
    return Upload(Path(name).name, content, kind)


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
