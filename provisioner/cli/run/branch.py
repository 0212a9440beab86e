"""What `plan --base` needs: the project as it was at the base, and the history since."""

import tempfile
from pathlib import Path

from provisioner.app.comparison import Branch, base_unusable
from provisioner.app.open_project import Project, validate
from provisioner.cli.console.output import show_findings
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.git import GitHistory
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings
from provisioner.planning.plans.plan_data import Base


def open_branch(root: Path, ref: str) -> Branch:
    """Look at a project's branch from its base.

    A base whose files can't be used is told, and is no obstacle: the branch may be what mends it.

    Args:
        root: the project's folder.
        ref: what the branch is to be merged into.

    Raises:
        ProvisionerError: there is no repository, or no such ref in it.
    """
    history = GitHistory(root, ref)
    base = Base(ref, history.base)
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        earlier = validate(history.write_base(top), lambda path: path.is_relative_to(top))
    if not has_errors(earlier.findings):
        return Branch(base, earlier, earlier.settings, history)
    if all(_nothing_there(finding) for finding in earlier.findings):
        nothing = Project(root, Settings(), DesiredState({}), {}, ())
        return Branch(base, nothing, nothing.settings, history)
    show_findings((base_unusable(base, earlier.findings),))
    return Branch(base, None, earlier.settings, history)


def _nothing_there(finding: Diagnostic) -> bool:
    """Tell whether a project is invalid only because the branch is what begins it."""
    return finding.code in {"path-missing", "empty-project"}
