"""The folder `.provisioner` of a project: records, locks and the embedded sandbox's database.

Its content decides what a run does: records list values that are still to be set, and an undo
writes the values in them. So nothing in it may come from a branch or lead out of the folder.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.documents.files.project_files import FLEET_NAME
from provisioner.documents.fleet_document import fleet_above
from provisioner.git.checkout import tracked_below
from provisioner.git.command import GitError
from provisioner.runs.owner_only import (
    FILE_MODE,
    FOLDER_MODE,
    make_own_folder,
    restrict_to_owner,
    write_own_file,
)

FOLDER = ".provisioner"

RECORDS = "PROVISIONER_RECORDS"
"""The variable with the folder for the records of all accounts of a fleet. It is no key of a file:
a branch must not choose where records are read from."""


LEASES = ".leases"
"""The folder in which runs on the accounts of a fleet hold their locks, if no file names a place:
in that of all records, or else in the folder `.provisioner` beside the fleet's file."""


def fleet_leases(root: Path) -> tuple[Path, str] | None:
    """Return the folder `LEASES` of a project's fleet and the path of the project in the fleet.

    None for a project of no fleet.

    Raises:
        ProvisionerError: the folder can't be created, or its content can't be trusted.
    """
    fleet = fleet_above(root)
    if fleet is None:
        return None
    base = os.environ.get(RECORDS, "")
    folder = (Path(base).absolute() if base else workspace(fleet.parent)) / LEASES
    try:
        make_own_folder(folder)
    except OSError as error:
        raise _unwritable(error, folder) from error
    return folder, Path(os.path.relpath(os.path.realpath(root), fleet.parent)).as_posix()


def _place(root: Path) -> Path:
    """Return the folder of a project: its own, or for one of a fleet that below `RECORDS`.

    Its content is not checked.
    """
    base = os.environ.get(RECORDS, "")
    fleet = fleet_above(root) if base and root.is_dir() else None
    if fleet is None:
        return root / FOLDER
    return Path(base) / os.path.relpath(os.path.realpath(root), fleet.parent) / FOLDER


def check_shared_records(root: Path) -> Diagnostic | None:
    """Return an error if records of a project would not outlive its folder, or None.

    The folder must exist: where a shared disk is not mounted, records would be lost, too.
    """
    base = Path(os.environ.get(RECORDS, ""))
    summary = ""
    if not os.environ.get(RECORDS):
        summary = f"the worker has no folder for records: {RECORDS} is not set"
    elif not (base.is_absolute() and base.is_dir()):
        summary = f"{RECORDS} names no absolute path of a folder that exists on the worker: {base}"
    elif fleet_above(root) is None:
        summary = f"{RECORDS} is not used, because the file of the fleet is not {FLEET_NAME}"
    if not summary:
        return None
    hint = f"set {RECORDS} for all workers, to one folder that they and later runs reach"
    return Diagnostic(code="records-not-shared", summary=summary, hint=hint)


def workspace(root: Path) -> Path:
    """Return the folder for writing; create it if it is missing.

    Raises:
        ProvisionerError: it can't be created, or its content can't be trusted.
    """
    folder = existing_workspace(root)
    try:
        make_own_folder(folder)
        for path, status in _contents(folder):
            restrict_to_owner(path, FOLDER_MODE if stat.S_ISDIR(status.st_mode) else FILE_MODE)
        if not (folder / ".gitignore").exists():
            write_own_file(folder / ".gitignore", "*\n")
    except OSError as error:
        raise _unwritable(error, folder) from error
    return folder


def _unwritable(error: OSError, folder: Path) -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="file-unwritable",
            summary=f"{error.filename or folder} can't be written: {error.strerror}",
            hint="runs keep their records and locks there; allow writing to "
            + (f"the folder of {RECORDS}" if os.environ.get(RECORDS) else "the folder above it"),
        )
    )


def existing_workspace(root: Path) -> Path:
    """Return the folder for reading; it may be missing.

    Raises:
        ProvisionerError: its content can't be trusted.
    """
    if problem := check_workspace(root):
        raise ProvisionerError(problem)
    return _place(root)


def check_workspace(root: Path) -> Diagnostic | None:
    """Return an error if the content of the folder can't be trusted, or None."""
    folder = _place(root)
    if not os.path.lexists(folder):
        return None
    try:
        kind = stat.S_IFMT(folder.lstat().st_mode)
        contents = list(_contents(folder)) if kind == stat.S_IFDIR else []
    except OSError as error:
        return _untrusted(f"{folder} can't be read: {error.strerror}", "allow reading it")
    if kind == stat.S_IFREG:
        return None  # `workspace` reports it: the folder can't be created
    if kind != stat.S_IFDIR:
        return _untrusted(f"{folder} is a link, a pipe or a device", "remove it")
    for path, status in contents:
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return _untrusted(f"{path} is a link, a pipe or a device", "remove it")
    return _from_branch(folder.parent, folder, contents)


def _from_branch(
    root: Path, folder: Path, contents: list[tuple[Path, os.stat_result]]
) -> Diagnostic | None:
    """Return an error if files in the folder come from a branch, or may do so."""
    try:
        tracked = tracked_below(root, FOLDER)
    except GitError as error:
        # Runs create files that only the owner can read; git never does.
        readable = [path for path, status in contents if status.st_mode & 0o077]
        if not readable:
            return None
        hint = error.hint or f"make git work here, or if you made it: chmod -R go= {folder}"
        return _untrusted(f"{readable[0]} may come from a branch; git reports: {error}", hint)
    if not tracked:
        return None
    return _untrusted(
        f"git tracks {root / tracked[0]}",
        f"no branch may bring records, locks or databases: git rm -r --cached {folder}",
    )


def _contents(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield each path in a folder, at any depth, with its status; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # another run has removed it
            yield Path(entry.path), status
            if stat.S_ISDIR(status.st_mode):
                yield from _contents(Path(entry.path))


def _untrusted(summary: str, hint: str) -> Diagnostic:
    return Diagnostic(code="workspace-untrusted", summary=summary, hint=hint)
