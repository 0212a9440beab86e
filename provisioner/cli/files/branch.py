"""Opens a project as it was at the base of its branch, for `plan --base`."""

import tempfile
from pathlib import Path

from provisioner.app.comparison import Branch, base_unusable
from provisioner.app.open_project import Project, validate
from provisioner.cli.console.output import Console
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.git import GitHistory
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings
from provisioner.planning.plans.plan_data import Base


def open_branch(console: Console, root: Path, ref: str) -> Branch:
    """Return the branch of a project: its files at the base, and the commits since then.

    If the files of the base have errors, a warning is printed and the result has no earlier state:
    the branch may be the one that corrects them.

    Args:
        console: for the warning.
        root: the project's folder.
        ref: the branch that this one is to be merged into.

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
    if all(_is_absent(diagnostic) for diagnostic in earlier.findings):
        nothing = Project(root, Settings(), DesiredState({}), {}, ())
        return Branch(base, nothing, nothing.settings, history)
    console.print_diagnostics((base_unusable(base, earlier.findings),))
    return Branch(base, None, earlier.settings, history)


def _is_absent(diagnostic: Diagnostic) -> bool:
    """Return whether an error only shows that the base has no project yet."""
    return diagnostic.code in {"path-missing", "empty-project"}
