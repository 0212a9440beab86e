"""Finds the commits of a branch that changed lines and files of a project.

The repository is only read. Git is called with its output for programs (`-z`, `--porcelain`).
"""

import os
import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError, Span
from provisioner.documents.files.project_files import MAX_BYTES
from provisioner.documents.files.regular import read_regular
from provisioner.git.checkout import write_commit
from provisioner.git.clone import find_clone
from provisioner.git.command import GitError
from provisioner.planning.changes import Commit

_HEAD = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")
"""First line of an entry of `git blame --porcelain`: commit, old line, new line."""


class GitHistory:
    """The commits of a branch since its base; a `History`.

    The base is the last commit that the branch and a ref have in common. Later commits of the ref
    are not part of the branch, in the same way as in a pull request.

    Attributes:
        base: id of the base commit.
    """

    def __init__(self, project: Path, ref: str) -> None:
        """Find the repository of a project and the base of its branch.

        Args:
            project: the folder of the project.
            ref: target of the merge, such as `origin/main`.

        Raises:
            ProvisionerError: there is no repository, or it has no such ref.
        """
        clone = find_clone(project)
        if clone is None:
            raise _no_history("the folder is not in a git repository")
        self._clone = clone
        self._project = project
        try:
            self._head = clone.head
        except GitError as error:
            raise _no_history(str(error), error.hint) from error
        self.base = self._merge_base(ref)

    def write_base(self, folder: Path) -> Path:
        """Write the files of the project at the base; see `write_commit`.

        Args:
            folder: an empty folder to write to.

        Returns:
            The folder of the project, which does not exist if the branch adds the project.

        Raises:
            ProvisionerError: the files can't be written.
        """
        try:
            return write_commit(self._clone, self.base, folder)
        except (GitError, OSError) as error:
            raise _no_history(str(error)) from error

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
        content = self._content(file)
        if content is None:
            return {}
        arguments = ("--no-textconv", "--porcelain", "--contents", "-", "--", self._path(file))
        lines: dict[int, str] = {}
        summaries: dict[str, str] = {}
        commit = ""
        for line in self._git("blame", *arguments, given=content).split("\n"):
            if head := _HEAD.fullmatch(line):
                commit = head[1]
                lines[int(head[2])] = commit
            elif line.startswith("summary "):
                summaries[commit] = line.removeprefix("summary ")
        return {
            number: _commit(commit, summaries[commit])
            for number, commit in lines.items()
            if commit.strip("0") and commit not in self._clone.cut_off
        }

    def _content(self, file: str) -> bytes | None:
        """Return a file of the work tree with its committed line ends; None if not committed."""
        committed = self._blob(self._head, self._path(file))
        try:
            content = read_regular(self._project / file, MAX_BYTES)
        except OSError:
            return None
        if committed is None or b"\r\n" in committed:
            return content if committed else None
        return content.replace(b"\r\n", b"\n")

    @cache  # noqa: B019
    def _last(self, *which: str) -> Commit | None:
        """Return the last commit of the branch that `git log` lists for some arguments."""
        commits = f"{self.base}..{self._head}"
        safe = ("--no-ext-diff", "--no-textconv", "--no-show-signature")
        shown = self._git("log", "-1", *safe, "--format=%H %s", commits, *which)
        commit, _, summary = shown.rstrip("\n").partition(" ")
        return _commit(commit, summary) if commit else None

    @cache  # noqa: B019
    def _base_lines(self, file: str) -> list[str]:
        blob = self._blob(self.base, self._clone.prefix + file) or b""
        return blob.decode(errors="surrogateescape").split("\n")

    def _path(self, file: str) -> str:
        """Return the path of a file in the repository, with all links resolved."""
        return os.path.relpath(os.path.realpath(self._project / file), self._clone.top)

    def _blob(self, commit: str, path: str) -> bytes | None:
        """Return the content of a file at a commit, or None if it has no such file."""
        try:
            return self._clone.read("cat-file", "blob", f"{commit}:{path}")
        except GitError:
            return None

    def _merge_base(self, ref: str) -> str:
        tip = self._clone.commit_of(ref)
        if tip is None:
            raise self._unknown(f'there is no "{ref}" in the repository')
        try:
            return self._clone.read_text("merge-base", tip, self._head).rstrip("\n")
        except GitError as error:
            summary = f'the branch has no commit in common with "{ref}"'
            raise self._unknown(summary) from error

    def _unknown(self, summary: str) -> ProvisionerError:
        hint = (
            "the clone is shallow: fetch the whole history (fetch-depth: 0 of actions/checkout, "
            'GIT_DEPTH: "0" of GitLab, or git fetch --unshallow)'
            if self._clone.cut_off
            else "name a branch, tag or commit of this repository, such as origin/main"
        )
        return ProvisionerError(Diagnostic(code="unknown-base", summary=summary, hint=hint))

    def _git(self, *arguments: str, given: bytes = b"") -> str:
        try:
            return self._clone.read_text(*arguments, given=given)
        except GitError as error:
            raise _no_history(str(error)) from error


def _commit(commit: str, summary: str) -> Commit:
    """Return a commit with a summary that can be written as UTF-8."""
    return Commit(commit, summary.encode(errors="surrogateescape").decode(errors="replace"))


def _no_history(why: str, hint: str = "") -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="no-history",
            summary=f"the project's history can't be read: {why}",
            hint=hint or "run it in a clone of the repository, or leave --base out",
        )
    )
