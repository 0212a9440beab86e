"""Opening a project together with what git tracks elsewhere in its repository."""

from pathlib import Path

from provisioner.app import open_project as projects
from provisioner.app.open_project import Project, ProjectRoot
from provisioner.git import shared_files


def validate(root: Path) -> Project:
    """Open a project for looking at its findings."""
    return projects.validate(root, shared_files(root))


def open_project(root: Path) -> Project:
    """Open a project for working with it.

    Raises:
        InvalidProjectError: with all findings, if there is an error among them.
    """
    return projects.open_project(root, shared_files(root))


def open_project_root(root: Path) -> ProjectRoot:
    """Open a folder for working with one of its targets.

    Raises:
        InvalidProjectError: the folder is none, or its settings have errors.
    """
    return projects.open_project_root(root, shared_files(root))
