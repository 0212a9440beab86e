"""Opens projects from disk; git decides which files outside of a project it may link to."""

from pathlib import Path

from provisioner.app import open_project as projects
from provisioner.app.open_project import Project, ProjectRoot
from provisioner.git import shared_files


def validate_project(root: Path) -> Project:
    """Return a project with its errors and warnings; with errors, the rest of it is unusable."""
    return projects.validate(root, shared_files(root))


def open_project(root: Path) -> Project:
    """Return a project that has no errors.

    Raises:
        InvalidProjectError: it has errors; the exception holds all errors and warnings.
    """
    return projects.open_project(root, shared_files(root))


def open_project_root(root: Path) -> ProjectRoot:
    """Return only the settings of a project, for work with one of its targets.

    Raises:
        InvalidProjectError: there is no such folder, or the settings have errors.
    """
    return projects.open_project_root(root, shared_files(root))
