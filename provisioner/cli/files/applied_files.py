"""The files of the last complete apply: from its record, or from the commit that it names."""

import tempfile
from pathlib import Path

from provisioner.app.earlier_files import files_of_project
from provisioner.app.open_project import validate
from provisioner.diagnostics import has_errors
from provisioner.git import write_project_at
from provisioner.planning.access.managed import EarlierFiles, files_of_record
from provisioner.runs.record import Run


def applied_files(root: Path, run: Run | None) -> EarlierFiles | None:
    """Return the files of the last complete apply; None if they are unknown.

    Records of older versions lack what the files set. For them the files are read from the commit
    of the run, if it had no other changes and the repository still has it.

    Args:
        root: the project's folder.
        run: the last complete apply, if any.
    """
    if run is None:
        return None
    commit = run.actor.commit
    is_clean = bool(commit) and not commit.endswith("+")
    if run.managed is not None:
        return files_of_record(run.managed, commit if is_clean else f"run {run.id}")
    return _files_at(root, commit, run.target) if is_clean else None


def _files_at(root: Path, commit: str, target: str) -> EarlierFiles | None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        written = write_project_at(root, commit, top)
        if written is None:
            return None
        project = validate(written, lambda path: path.is_relative_to(top))
    return None if has_errors(project.findings) else files_of_project(project, target, commit)
