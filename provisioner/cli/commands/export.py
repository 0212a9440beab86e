"""`provisioner export`."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from provisioner.app import export_account
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import connect
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import Command, target_option
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.model.settings import Target
from provisioner.planning.roles import name_built_in_roles
from provisioner.render import readable
from provisioner.runs.store import RunStore


@click.command(cls=Command)
@click.argument("directory", type=click.Path(), metavar="DIR")
@target_option
@pass_console
def export(console: Console, directory: str, target: str | None) -> int:
    """Write the live account as a project into DIR, which must not exist or be empty.

    The target is one of the project in the current folder, if there is one. A plan of the written
    files is empty. Defaults are left out; comments list what can't be declared.
    """
    folder = Path(directory)
    with console.reporting("."):
        _refuse_existing(folder)
        project = open_project_root(Path())
        with connect(console, project, target) as connection:
            reader = LiveAgentReader(connection.client)
            store = RunStore(existing_workspace(project.root))
            recorded = store.facts(connection.name, connection.url)
            role_ids = {**recorded.role_ids, **project.settings.role_ids_of(connection.name)}
            live = name_built_in_roles(reader.read(hours_of=None), role_ids)
            declared_target = _target(project, connection.name, folder)
            exported = export_account.export_account(live, reader.photo, declared_target)
        _store(exported.files, folder)
    console.print_diagnostics(exported.warnings)
    counts = [readable.count(number, kind) for kind, number in exported.objects.items() if number]
    console.print_result(f"Exported {', '.join(counts)} to {directory}.\n")
    if exported.remarks:
        things = readable.count(exported.remarks, "thing")
        console.print_note(f"{things} can't be declared; comments in the files list it.")
    return Exit.DONE


def _refuse_existing(folder: Path) -> None:
    try:
        occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _unwritable(error, folder) from error
    if occupied:
        raise ProvisionerError(
            Diagnostic(
                code="file-exists",
                summary=f"{folder} is there already, and not an empty folder",
                hint="choose another folder; export starts new projects only",
            )
        )


def _target(project: ProjectRoot, name: str, folder: Path) -> Target | None:
    """Return the target for the settings of the new project, or None if no project declares it."""
    target = project.settings.targets.get(name)
    if target is None or target.api_key[0] != "file":
        return target
    file = os.path.relpath(project.root / target.api_key[1], folder)
    return replace(target, api_key=("file", Path(file).as_posix()))


def _store(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files in one step, so that nobody can take a part of them for the whole.

    Raises:
        ProvisionerError: the files can't be written.
    """
    try:
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=parent) as temporary:
            complete = Path(temporary, "project")
            for name, content in files.items():
                file = complete / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            if folder.exists():
                # Not replaced: it may be the current folder of a shell.
                for entry in complete.iterdir():
                    entry.rename(folder / entry.name)
            else:
                complete.rename(folder)
    except OSError as error:
        raise _unwritable(error, folder) from error


def _unwritable(error: OSError, folder: Path) -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="file-unwritable",
            summary=f"{error.filename or folder}: {error.strerror}",
            hint="choose a folder that can be written to",
        )
    )
