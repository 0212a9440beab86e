"""Finds and opens projects; git decides which files outside of a project it may link to.

As git does, a command looks for `provisioner.yaml` in the current folder and then in the folders
above. It stops at the top of a git repository, at another file system, and at the folders in
`GIT_CEILING_DIRECTORIES`. Settings decide which program prints a key and which host gets it, so
settings above the current folder are used only if they belong to the current user.
"""

import os
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from provisioner.app import open_project as projects
from provisioner.app.open_project import Configured, Project, ProjectRoot
from provisioner.cli import invocation
from provisioner.cli.account.targets import URL_VARIABLE, find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.workspace import FOLDER
from provisioner.diagnostics import Diagnostic, ProvisionerError, Severity
from provisioner.documents.files.project_files import CONFIG_NAME
from provisioner.git.checkout import shared_files
from provisioner.model.dates.declared import day_in
from provisioner.model.desired import DesiredState
from provisioner.model.settings import SANDBOX
from provisioner.suggestions import LISTED
from provisioner.system import user_id


def validate_project(root: Path, at: date | None = None) -> Project:
    """Return a project with its errors and warnings; with errors, the rest of it is unusable.

    `at` is the day of its values; None for today.
    """
    project = projects.validate(root, shared_files(root))
    return project.on(at or today(project))


def open_project(root: Path, at: date | None = None) -> Project:
    """Return a project that has no errors, with the values of a day.

    Args:
        root: the folder of the project.
        at: the day; None for today.

    Raises:
        InvalidProjectError: it has errors; the exception holds all errors and warnings.
    """
    project = open_permanent(root)
    return project.on(at or today(project))


def open_permanent(root: Path) -> Project:
    """Return a project that has no errors, with its permanent values; see `open_project`."""
    return projects.open_project(root, shared_files(root))


def today(project: Configured) -> date:
    """Return the day in the zone of a project's account."""
    return day_in(project.settings.dates_zone, invocation.utc_now())


def open_project_root(root: Path, *, acknowledged: bool = True) -> ProjectRoot:
    """Return only the settings of a project, for work with one of its targets.

    `acknowledged` is whether they include the acknowledged manual steps.

    Raises:
        InvalidProjectError: there is no such folder, or the settings have errors.
    """
    return projects.open_project_root(root, shared_files(root), acknowledged=acknowledged)


def desired_for(project: Project, target: str | None) -> DesiredState:
    """Return the declared objects, with the overlay of a target if one is named.

    Raises:
        TargetError: there is no such target.
    """
    if target is None:
        return project.desired
    return project.desired_for(
        target if target == SANDBOX else find_target(project.settings, target).name
    )


CEILINGS_VARIABLE = "GIT_CEILING_DIRECTORIES"
"""Folders that a search upwards does not enter, with the path separator between them."""

DEPTH = 3
"""Levels of folders below the current one in which projects are looked for."""

MOST_FOLDERS = 1_000
"""Maximum number of folders to look into, so that a command in a large folder does not hang."""


def project_above(console: Console) -> str:
    """Return the folder of the project that the current folder belongs to.

    A note names the project, unless it is in the current folder.

    Returns:
        The path from the current folder; "." if the current folder has the settings, or none of
        the folders above has.
    """
    try:
        here = Path.cwd()
        folder = _with_settings(here)
    except OSError:
        return "."
    if folder is None or folder == here:
        return "."
    if not _is_own(folder):
        console.print_diagnostics((_not_used(folder),))
        return "."
    path = os.path.relpath(folder, here)
    console.print_tip(f"Using the project in {path} ({folder}).")
    return path


def nearest_project(console: Console, usage: str, *, needs_objects: bool) -> str:
    """Return the folder of the project for a command without PATH, as a path from here.

    Args:
        console: for the note that names the project.
        usage: the command as it is typed, without PATH.
        needs_objects: whether the command needs declared objects; the others need only a target.

    Raises:
        ProvisionerError: there is no project here, but there are projects below.
    """
    path = project_above(console)
    here = Path(path)
    if path != "." or os.path.lexists(here / CONFIG_NAME):
        return path
    if not needs_objects and (os.environ.get(URL_VARIABLE) or (here / FOLDER).is_dir()):
        return path
    if below := [*_projects_below(here)]:
        raise ProvisionerError(_names_below(below, usage))
    return path


def _with_settings(here: Path) -> Path | None:
    """Return the nearest folder with settings, at or above a folder, or None."""
    ceilings = {Path(one) for one in os.environ.get(CEILINGS_VARIABLE, "").split(os.pathsep) if one}
    device = here.stat().st_dev
    for folder in (here, *here.parents):
        if folder != here and (folder in ceilings or folder.stat().st_dev != device):
            return None
        if os.path.lexists(folder / CONFIG_NAME):
            return folder
        if os.path.lexists(folder / ".git"):
            return None
    return None


def _is_own(folder: Path) -> bool:
    """Return whether a folder and the settings in it belong to the current user."""
    return {folder.stat().st_uid, (folder / CONFIG_NAME).lstat().st_uid} == {user_id()}


def _projects_below(here: Path) -> Iterator[str]:
    """Yield the folders with settings below a folder; links are not followed."""
    level, seen = [here], 0
    for _ in range(DEPTH):
        folders = [folder for parent in level for folder in _folders(parent)]
        level = []
        for folder in folders:
            if os.path.lexists(folder / CONFIG_NAME):
                yield f"{folder.relative_to(here)}/"
            else:
                level.append(folder)
        seen += len(folders)
        if seen > MOST_FOLDERS:
            return


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [parent / name for name in sorted(names)]


def _names_below(below: list[str], usage: str) -> Diagnostic:
    more = f" and {len(below) - LISTED} more" if len(below) > LISTED else ""
    return Diagnostic(
        code="no-project",
        summary=f"no project here; projects below: {', '.join(below[:LISTED])}{more}",
        hint=f"run: {usage} {shlex.quote(below[0])}",
    )


def _not_used(folder: Path) -> Diagnostic:
    return Diagnostic(
        code="project-of-another-user",
        summary=f"{folder / CONFIG_NAME} is not used: it belongs to another user",
        hint="if you trust it, name its folder in the command",
        severity=Severity.WARNING,
    )
