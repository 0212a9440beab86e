"""Sources of a plan's live state: the account, or a file of `provisioner snapshot`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from provisioner.app.comparison import Branch
from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Configured, Project, ProjectRoot
from provisioner.cli.account.offline_options import offline_options
from provisioner.cli.account.targets import (
    default_target,
    described_target,
    find_target,
)
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project, open_project_root, today
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import Diagnostic, ProvisionerError, TargetError
from provisioner.documents.files.saved_json import read_saved, unreadable_file
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot, load
from provisioner.model.settings import SANDBOX, Settings

if TYPE_CHECKING:
    from provisioner.planning.access.managed import EarlierFiles
    from provisioner.runs.record import Run
    from provisioner.runs.store import RunStore


class LiveProject(NamedTuple):
    """A project with the source of its live state.

    Attributes:
        project: the project.
        branch: its branch, for `plan --base`.
        reader: reads the live state.
        options: the options of a plan.
    """

    project: Project
    branch: Branch | None
    reader: Reader
    options: PlanOptions


@contextmanager
def live_project(
    console: Console,
    path: str,
    target: str | None,
    snapshot: str | None = None,
    base: str | None = None,
    at: date | None = None,
) -> Iterator[LiveProject]:
    """Open a project while its account is read, and yield both.

    Errors of the files come before those of the account.

    Args:
        console: the output of the run.
        path: the project's folder.
        target: the target's name; see `live_source`.
        snapshot: a file of `provisioner snapshot`; see `live_source`.
        base: the branch that this one is to be merged into; None for none.
        at: the day of the values; None for today.

    Raises:
        InvalidProjectError: the project has errors.
        ProvisionerError: there is no such branch, or `live_source` failed.
    """
    root = Path(path)
    opened = open_project(root, at) if snapshot is not None else _open(root, target, at)
    day = at or today(opened)
    with ExitStack() as stack:
        try:
            branch = None
            if base is not None:
                # Imported here: only `--base` needs it.
                from provisioner.cli.files.earlier_versions import open_branch  # noqa: PLC0415

                branch = open_branch(console, opened.root, base, day)
            reviewed = branch.settings if branch else None
            source = live_source(console, opened, target, snapshot, reviewed)
            reader, options = stack.enter_context(source)
        except ProvisionerError:
            _whole(opened, day)
            raise
        yield LiveProject(_whole(opened, day), branch, reader, options)


def _open(root: Path, name: str | None, at: date | None) -> Project | ProjectRoot:
    """Return the settings to read an account with, before the other files are read.

    The files are read first if the settings have errors, the target is the embedded sandbox, or the
    key comes from a command, which may ask for a password.
    """
    try:
        opened = open_project_root(root, acknowledged=False)
        chosen = name or default_target(opened.settings)
        if chosen != SANDBOX and find_target(opened.settings, chosen).api_key[0] != "command":
            return opened
    except ProvisionerError:
        pass
    return open_project(root, at)


def _whole(opened: Project | ProjectRoot, day: date) -> Project:
    return opened if isinstance(opened, Project) else open_project(opened.root, day)


@contextmanager
def live_source(
    console: Console,
    project: Configured,
    target: str | None,
    snapshot: str | None = None,
    base: Settings | None = None,
) -> Iterator[tuple[Reader, PlanOptions]]:
    """Yield a reader of the live state, and the options of a plan for its account.

    The reading of an account is started at once.

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
        from provisioner.cli.account.connection import connect  # noqa: PLC0415
        from provisioner.cli.console.progress import reading  # noqa: PLC0415
        from provisioner.liveagent.account_reader import LiveAgentReader  # noqa: PLC0415

        with (
            connect(console, project, target, base) as connection,
            reading(console, connection.notes),
        ):
            reader = LiveAgentReader(connection.client)
            reader.start()
            options = connection.plan_options()
            if records := _records(console, project, connection.name, connection.url):
                store, last, files = records
                applied = partial(store.applied, connection.name, connection.url)
                options = replace(options, applied=applied, applied_files=files)
                if last:
                    options = replace(options, unfinished=last.unfinished(), recorded=last.facts())
            yield reader, options
        return
    stored = _read_snapshot(Path(snapshot))
    name = target or stored.target
    options = offline_options(project.settings, name, stored.url, base)
    if (name, options.url) != (stored.target, stored.url):
        raise TargetError(_other_account(stored, name, options.url))
    records = _records(console, project, name, options.url)
    files = records[2] if records else None
    yield stored, replace(options, snapshot_time=stored.taken, applied_files=files)


def _records(
    console: Console, project: Configured, target: str, url: str
) -> "tuple[RunStore, Run | None, EarlierFiles | None] | None":
    """Return the records of a project, the last run on an account, and the files of its last apply.

    The result is None if the project has no folder for records.
    """
    folder = existing_workspace(project.root)
    if not folder.exists():
        return None
    # Imported here: a fresh clone, such as in a pipeline, has no records.
    from provisioner.cli.files.earlier_versions import applied_files  # noqa: PLC0415
    from provisioner.runs.store import RunStore  # noqa: PLC0415

    store = RunStore(folder)
    last = store.last(target, url, console.print_warning)
    return store, last, applied_files(project.root, store.last_applied(last))


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
