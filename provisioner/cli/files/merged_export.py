"""`export --merge`: writes what differs into the files of a project."""

import shlex
from pathlib import Path

from provisioner.app.exporting.account_export import ExportOptions, export_account
from provisioner.app.exporting.merging import Merged, MergeOptions, merge_account
from provisioner.app.file_edits.project_edits import edit_project
from provisioner.app.open_project import Project
from provisioner.cli.account.connection import connect
from provisioner.cli.account.export_reading import (
    read_for_export,
    recorded_facts,
    spelled_role_ids,
)
from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import carry_out
from provisioner.cli.files.opening import open_project, validate_project
from provisioner.diagnostics import Severity
from provisioner.documents import IsShared
from provisioner.documents.files.project_files import CONFIG_NAME
from provisioner.git.checkout import shared_files
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.roles import with_known_roles


def merged_export(
    console: Console, folder: Path, target: str | None, only: tuple[str, ...]
) -> tuple[str, Merged]:
    """Return the target, and a project with what differs in the account; nothing is written yet.

    `target` is None for the project's default, and `only` is empty for all objects.

    Raises:
        ProvisionerError: the project has errors, or the account can't be read.
    """
    project = validate_project(folder)
    errors = [one.code for one in project.findings if one.severity is Severity.ERROR]
    is_empty = errors == ["empty-project"]
    if not is_empty:
        project = open_project(folder)
    with connect(console, project, target) as connection:
        reader = LiveAgentReader(connection.client)
        recorded = recorded_facts(project, connection.name, connection.url)
        role_ids = spelled_role_ids(project, connection.name, recorded)
        live = read_for_export(reader, only)
        is_shared = shared_files(project.root)
        if is_empty:
            merged = _new_files(project, with_known_roles(live, role_ids), reader, only, is_shared)
        else:
            options = MergeOptions(connection.name, recorded, only, role_ids, is_shared)
            merged = merge_account(project, live, reader.photo, options)
    return connection.name, merged


def print_merged(console: Console, folder: Path, merged: Merged, *, dry_run: bool) -> None:
    """Print the difference that a merged export makes, and write the files unless it is a dry run.

    Raises:
        ProvisionerError: a file can't be written; no file is changed.
    """
    carry_out(console, folder, merged.edited, (), dry_run=dry_run)
    for note in merged.notes:
        console.print_note(f"Note: {note}")
    if merged.edited.changes and not dry_run:
        where = "" if folder == Path() else f" {shlex.quote(str(folder))}"
        console.print_tip(f"Next: provisioner plan{where}; then commit the files.")


def _new_files(
    project: Project,
    live: LiveState,
    reader: LiveAgentReader,
    only: tuple[str, ...],
    is_shared: IsShared,
) -> Merged:
    """Return the files of a new project for a folder that has other files, such as settings."""
    exported = export_account(live, reader.photo, ExportOptions(only=only))
    files = {
        name: content
        for name, content in exported.files.items()
        if name != CONFIG_NAME or not (project.root / name).exists()
    }
    return Merged(edit_project(project.root, (), is_shared, files), ())
