"""Opens a project as it is in the work tree or at a commit, with the commits of its lines."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from provisioner.app.open_project import Project, validate
from provisioner.cli.files.opening import open_project
from provisioner.diagnostics import Diagnostic, ProvisionerError, Severity
from provisioner.git import LineHistory
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings
from provisioner.planning.access.access_list import LineCommits, NoCommits, Version

_NO_PROJECT = frozenset({"path-missing", "empty-project"})
"""Errors of a version from before the project existed."""


class ProjectVersion(NamedTuple):
    """A project at a version.

    Attributes:
        project: the project.
        version: the version.
        commits: finds the commits of its lines.
    """

    project: Project
    version: Version
    commits: LineCommits


def open_version(root: Path, ref: str | None = None) -> ProjectVersion:
    """Return a project without errors.

    Args:
        root: the folder of the project.
        ref: a commit, branch or tag; None for the files of the work tree.

    Raises:
        ProvisionerError: the project has errors, or there is no such commit.
    """
    if ref is not None:
        history = LineHistory(root, ref)
        version = Version(ref, history.commit)
        return ProjectVersion(_at(root, history, ref), version, history)
    project = open_project(root)
    try:
        history = LineHistory(root)
    except ProvisionerError as error:
        return ProjectVersion(project, Version(), NoCommits(error.diagnostics[0].summary))
    return ProjectVersion(project, Version("", history.commit), history)


def _at(root: Path, history: LineHistory, ref: str) -> Project:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        project = validate(history.write_files(top), lambda path: path.is_relative_to(top))
    errors = [
        one
        for one in project.findings
        if one.severity is Severity.ERROR and one not in project.unusable
    ]
    if errors and all(one.code in _NO_PROJECT for one in errors):
        return Project(root, Settings(), DesiredState({}), {}, ())
    if errors:
        place = f" ({errors[0].span})" if errors[0].span else ""
        raise ProvisionerError(
            Diagnostic(
                code="version-unusable",
                summary=f"the project at {ref} has errors: {errors[0].summary}{place}",
                hint="name a version without errors; provisioner validate shows them all",
            )
        )
    return project
