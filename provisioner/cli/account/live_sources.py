"""Sources of a plan's live state: the account, or a file of `provisioner snapshot`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.cli.account.connection import connect
from provisioner.cli.account.targets import described_target, offline_options
from provisioner.cli.console.output import Console
from provisioner.cli.console.progress import reading
from provisioner.cli.files.earlier_versions import applied_files
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.documents.files.saved_json import read_saved, unreadable_file
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot, load
from provisioner.model.settings import Settings
from provisioner.runs.store import RunStore


@contextmanager
def live_source(
    console: Console,
    project: Project,
    target: str | None,
    snapshot: str | None = None,
    base: Settings | None = None,
) -> Iterator[tuple[Reader, PlanOptions]]:
    """Yield a reader of the live state, and the options of a plan for its account.

    Args:
        console: the output of the run.
        project: the project.
        target: the target's name; None for the project's default, or that of the snapshot.
        snapshot: a file of `provisioner snapshot`; None to read the account.
        base: reviewed settings that replace the address and the source of the key; None if the
            project's own are reviewed.

    Raises:
        TargetError: the account can't be reached, or the snapshot is unusable or of another one.
    """
    if snapshot is None:
        # Imported here: a plan from a snapshot makes no request.
        from provisioner.liveagent.account_reader import LiveAgentReader  # noqa: PLC0415

        with (
            connect(console, project, target, base) as connection,
            reading(console, connection.notes),
        ):
            store = RunStore(existing_workspace(project.root))
            last = store.last(connection.name, connection.url, console.print_warning)
            options = replace(
                connection.plan_options(),
                applied=partial(store.applied, connection.name, connection.url),
                applied_files=applied_files(project.root, store.last_applied(last)),
            )
            if last:
                options = replace(options, unfinished=last.unfinished(), recorded=last.facts())
            yield LiveAgentReader(connection.client), options
        return
    stored = _read_snapshot(Path(snapshot))
    name = target or stored.target
    options = offline_options(project.settings, name, stored.url, base)
    if (name, options.url) != (stored.target, stored.url):
        raise TargetError(_other_account(stored, name, options.url))
    store = RunStore(existing_workspace(project.root))
    last = store.last(name, options.url, console.print_warning)
    files = applied_files(project.root, store.last_applied(last))
    yield stored, replace(options, snapshot_time=stored.taken, applied_files=files)


def _read_snapshot(file: Path) -> Snapshot:
    try:
        content = read_saved(file)
    except OSError as error:
        problem = unreadable_file(file, error, "snapshot-file", "provisioner snapshot --out")
        raise TargetError(problem) from error
    return load(content)


def _other_account(stored: Snapshot, name: str, url: str) -> Diagnostic:
    snapshot_target = described_target(stored.target, stored.url)
    named_target = described_target(name, url)
    return Diagnostic(
        code="snapshot-file",
        summary=f"the snapshot is one of the target {snapshot_target}, not of {named_target}",
        hint="take one of this target: provisioner snapshot --out FILE -t TARGET",
    )
