"""Where a plan's live state comes from: the account, or a snapshot that stands in for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.cli.account.connection import connect, offline
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.documents.files.saved_json import read_saved
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot, load
from provisioner.model.settings import Settings
from provisioner.runs.store import RunStore


@contextmanager
def source(
    project: Project, target: str | None, snapshot: str | None, base: Settings | None = None
) -> Iterator[tuple[Reader, PlanOptions]]:
    """Yield what to read from, and what a plan is asked for but for the options of the run.

    Args:
        project: the project.
        target: the target's name; None for the default, which a snapshot names itself.
        snapshot: a file of `provisioner snapshot`; None to read the account.
        base: settings that the address and the source of the key are taken from; None for the
            project's own.

    Raises:
        TargetError: the account can't be reached, or the snapshot can't be used or is another's.
    """
    if snapshot is None:
        # Imported here: a plan from a snapshot makes no request.
        from provisioner.liveagent.account_reader import LiveAgentReader  # noqa: PLC0415

        with connect(project, target, base) as connection:
            unfinished = RunStore(existing_workspace(project.root)).unfinished(
                connection.name, connection.url
            )
            options = replace(connection.plan_options({}, (), ()), unfinished=unfinished)
            yield LiveAgentReader(connection.client), options
        return
    stored = _read(Path(snapshot))
    name = target or stored.target
    options = offline(project.settings, name, stored.url, base)
    if (name, options.url) != (stored.target, stored.url):
        raise TargetError(_other(stored, name, options.url))
    yield stored, replace(options, taken=stored.taken)


def _read(file: Path) -> Snapshot:
    try:
        content = read_saved(file)
    except OSError as error:
        raise TargetError(
            Diagnostic(
                code="snapshot-file",
                summary=f"{file} can't be read: {error.strerror}",
                hint="name a file that provisioner snapshot --out wrote",
            )
        ) from error
    return load(content)


def _other(stored: Snapshot, name: str, url: str) -> Diagnostic:
    taken_of, asked_for = (
        f'"{name}"' + (f" at {url}" if url else "")
        for name, url in ((stored.target, stored.url), (name, url))
    )
    return Diagnostic(
        code="snapshot-file",
        summary=f"the snapshot is one of the target {taken_of}, not of {asked_for}",
        hint="take one of this target: provisioner snapshot --out FILE -t TARGET",
    )
