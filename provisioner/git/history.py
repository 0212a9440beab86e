"""Finds the commits that changed lines and files of a project, of a branch or of all time.

The repository is only read. Git is called with its output for programs (`-z`, `--porcelain`).
"""

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError, Span
from provisioner.git.blame import (
    NOT_COMMITTED,
    Blame,
    blame_commit,
    blame_work_tree,
    blob,
    made_commit,
    path_in_clone,
)
from provisioner.git.checkout import write_commit
from provisioner.git.clone import Clone, find_clone
from provisioner.git.command import GitError
from provisioner.planning.changes import Commit


class GitHistory:
    """The commits of a branch since its base; a `History`.

    The base is the last commit that the branch and a ref have in common. Later commits of the ref
    are not part of the branch, in the same way as in a pull request.

    Attributes:
        base: id of the base commit.
    """

    def __init__(self, project: Path, ref: str) -> None:
        """Find the repository of a project and the base of its branch.

        `ref` is the target of the merge, such as `origin/main`.

        Raises:
            ProvisionerError: there is no repository, or it has no such ref.
        """
        self._clone = clone = clone_of(project)
        self._project = project
        try:
            self._head = clone.head
        except GitError as error:
            raise no_history(str(error), error.hint) from error
        self.base = self._merge_base(ref)

    def write_base(self, folder: Path) -> Path:
        """Write the files of the project at the base; see `write_commit`.

        Returns:
            The folder of the project, which does not exist if the branch adds the project.

        Raises:
            ProvisionerError: the files can't be written.
        """
        return _write(self._clone, self.base, folder)

    def of_line(self, span: Span) -> Commit | None:
        """Return the last commit that changed a line; None if its current text is not committed."""
        return self._blame(span.file).get(span.line)

    def of_file(self, file: str) -> Commit | None:
        """Return the last commit of the branch that changed a file, or None."""
        return self._last("--", self._path(file))

    def of_removal(self, span: Span) -> Commit | None:
        """Return the commit of the branch that removed a line of the base, or None."""
        text = self._base_lines(span.file)[span.line - 1 : span.line]
        if not (text and text[0].strip()):
            return None
        return self._last(f"-S{text[0]}", "--", self._clone.prefix + span.file)

    def is_own(self, commit: Commit) -> bool:
        """Return whether a commit belongs to the branch."""
        return commit.id in self._own

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self._git("rev-list", f"{self.base}..{self._head}").split())

    @cache  # noqa: B019  a history lives as long as the run
    def _blame(self, file: str) -> Mapping[int, Commit]:
        """Return line number to last commit, for committed lines of a file."""
        try:
            lines = blame_work_tree(self._clone, self._project, file) or {}
        except GitError as error:
            raise no_history(str(error)) from error
        return {
            number: commit
            for number, commit in lines.items()
            if commit.id and commit.id not in self._clone.cut_off
        }

    @cache  # noqa: B019
    def _last(self, *which: str) -> Commit | None:
        """Return the last commit of the branch that `git log` lists for some arguments."""
        commits = f"{self.base}..{self._head}"
        safe = ("--no-ext-diff", "--no-textconv", "--no-show-signature")
        shown = self._git("log", "-1", *safe, "--format=%H %s", commits, *which)
        commit, _, summary = shown.rstrip("\n").partition(" ")
        return made_commit(commit, summary) if commit else None

    @cache  # noqa: B019
    def _base_lines(self, file: str) -> list[str]:
        content = blob(self._clone, self.base, self._clone.prefix + file) or b""
        return content.decode(errors="surrogateescape").split("\n")

    def _path(self, file: str) -> str:
        return path_in_clone(self._clone, self._project, file)

    def _merge_base(self, ref: str) -> str:
        tip = self._clone.commit_of(ref)
        if tip is None:
            raise unknown_ref(self._clone, f'there is no "{ref}" in the repository')
        try:
            return self._clone.read_text("merge-base", tip, self._head).rstrip("\n")
        except GitError as error:
            summary = f'the branch has no commit in common with "{ref}"'
            raise unknown_ref(self._clone, summary) from error

    def _git(self, *arguments: str, given: bytes = b"") -> str:
        try:
            return self._clone.read_text(*arguments, given=given)
        except GitError as error:
            raise no_history(str(error)) from error


def unknown_ref(clone: Clone, summary: str) -> ProvisionerError:
    """Return the error for a ref that does not name a usable commit."""
    hint = (
        "the clone is shallow: fetch the whole history (fetch-depth: 0 of actions/checkout, "
        'GIT_DEPTH: "0" of GitLab, or git fetch --unshallow)'
        if clone.cut_off
        else "name a branch, tag or commit of this repository, such as origin/main"
    )
    return ProvisionerError(Diagnostic(code="unknown-base", summary=summary, hint=hint))


def no_history(why: str, hint: str = "") -> ProvisionerError:
    """Return the error for a history that can't be read."""
    return ProvisionerError(
        Diagnostic(
            code="no-history",
            summary=f"the project's history can't be read: {why}",
            hint=hint or "run it in a clone of the repository, or leave out the option with a ref",
        )
    )


def clone_of(project: Path) -> Clone:
    """Return the clone that contains a project.

    Raises:
        ProvisionerError: there is none.
    """
    clone = find_clone(project)
    if clone is None:
        raise no_history("the folder is not in a git repository")
    return clone


def _write(clone: Clone, commit: str, folder: Path) -> Path:
    try:
        return write_commit(clone, commit, folder)
    except (GitError, OSError) as error:
        raise no_history(str(error)) from error


class LineHistory:
    """The last commits of the lines of a project.

    Attributes:
        commit: id of the commit; that of HEAD for the files of the work tree.
        prefix: path of the project in the repository, with a slash at the end; "" for its root.
        unknown: why a line that was asked for has no known commit; "" if each one has.
    """

    def __init__(self, project: Path, ref: str | None = None) -> None:
        """Find the repository of a project.

        `ref` is None for the files of the work tree.

        Raises:
            ProvisionerError: there is no repository, or it has no such commit.
        """
        self._clone = clone = clone_of(project)
        self._project, self._at_commit = project, ref is not None
        try:
            commit = clone.head if ref is None else clone.commit_of(ref)
        except GitError as error:
            raise no_history(str(error), error.hint) from error
        if commit is None:
            raise unknown_ref(clone, f'there is no "{ref}" in the repository')
        self.commit, self.prefix, self.unknown = commit, clone.prefix, ""

    def write_files(self, folder: Path) -> Path:
        """Write the files of the project at the commit; see `write_commit`.

        Raises:
            ProvisionerError: the files can't be written.
        """
        return _write(self._clone, self.commit, folder)

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
