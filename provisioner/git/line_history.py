"""Finds the commit that last changed a line of a project, in the work tree or at a commit."""

from functools import cache
from pathlib import Path

from provisioner.diagnostics import Span
from provisioner.git.blame import NOT_COMMITTED, Blame, blame_commit, blame_work_tree
from provisioner.git.checkout import write_commit
from provisioner.git.clone import find_clone
from provisioner.git.command import GitError
from provisioner.git.history import no_history, unknown_ref
from provisioner.planning.changes import Commit


class LineHistory:
    """The last commits of the lines of a project.

    Attributes:
        commit: id of the commit; that of HEAD for the files of the work tree.
        unknown: why a line that was asked for has no known commit; "" if each one has.
    """

    def __init__(self, project: Path, ref: str | None = None) -> None:
        """Find the repository of a project.

        Args:
            project: the folder of the project.
            ref: the commit, branch or tag to look at; None for the files of the work tree.

        Raises:
            ProvisionerError: there is no repository, or it has no such commit.
        """
        clone = find_clone(project)
        if clone is None:
            raise no_history("the folder is not in a git repository")
        self._clone, self._project, self._at_commit = clone, project, ref is not None
        try:
            commit = clone.head if ref is None else clone.commit_of(ref)
        except GitError as error:
            raise no_history(str(error), error.hint) from error
        if commit is None:
            raise unknown_ref(clone, f'there is no "{ref}" in the repository')
        self.commit, self.unknown = commit, ""

    def write_files(self, folder: Path) -> Path:
        """Write the files of the project at the commit; see `write_commit`.

        Raises:
            ProvisionerError: the files can't be written.
        """
        try:
            return write_commit(self._clone, self.commit, folder)
        except (GitError, OSError) as error:
            raise no_history(str(error)) from error

    def of_line(self, span: Span) -> Commit | None:
        """Return the last commit that changed a line.

        Returns:
            The commit, without an id if the line is not committed; None if it is not known, and
            `unknown` has the reason.
        """
        lines = self._blame(span.file)
        commit = NOT_COMMITTED if lines is None else lines.get(span.line)
        if commit is not None and commit.id in self._clone.cut_off:
            self.unknown = self.unknown or "the clone is shallow, so older commits are not known"
            return None
        return commit

    @cache  # noqa: B019  a history lives as long as the run
    def _blame(self, file: str) -> Blame | None:
        try:
            if self._at_commit:
                return blame_commit(self._clone, self.commit, file)
            return blame_work_tree(self._clone, self._project, file)
        except GitError as error:  # a list of access is useful without the commits, too
            self.unknown = str(error)
            return {}
