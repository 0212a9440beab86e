"""The commits of a branch, as far as they concern a project.

Nothing is changed: no branch, no index, no file of the repository. What git prints is for programs
(`-z`, `--porcelain`).
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
"""The line that begins an entry of `git blame --porcelain`: commit, old line, new line."""


class GitHistory:
    """The commits of a branch since its base, as far as they concern a project.

    The base is the last commit that the branch and a ref have in common, as for what a pull
    request shows: what came to the ref since is not the branch's doing.

    Attributes:
        base: the id of that commit.
    """

    def __init__(self, project: Path, ref: str) -> None:
        """Look at the repository that a project lies in.

        Args:
            project: the project's folder.
            ref: what the branch is to be merged into, such as `origin/main`.

        Raises:
            ProvisionerError: there is no repository, or no such ref in it.
        """
        clone = find_clone(project)
        if clone is None:
            raise _no_history("the folder is not a git repository, and lies in none")
        self._clone = clone
        self._project = project
        try:
            self._head = clone.head
        except GitError as error:
            raise _no_history(str(error), error.hint) from error
        self.base = self._merge_base(ref)

    def write_base(self, folder: Path) -> Path:
        """Write the project as it was at the base; see `write_commit`.

        Args:
            folder: an empty one, where to.

        Returns:
            The project in it; it need not exist, since the branch may have begun it.

        Raises:
            ProvisionerError: it can't be written.
        """
        try:
            return write_commit(self._clone, self.base, folder)
        except (GitError, OSError) as error:
            raise _no_history(str(error)) from error

    def of_line(self, place: Span) -> Commit | None:
        """Return what last changed a line as it is now; None for one that is not committed."""
        return self._blame(place.file).get(place.line)

    def of_file(self, file: str) -> Commit | None:
        """Return the last commit of the branch that changed a file, or None."""
        return self._last("--", self._path(file))

    def of_removal(self, place: Span) -> Commit | None:
        """Return the commit of the branch that removed a line of the base, or None."""
        text = self._base_lines(place.file)[place.line - 1 : place.line]
        if not (text and text[0].strip()):
            return None
        return self._last(f"-S{text[0]}", "--", self._clone.prefix + place.file)

    def is_own(self, commit: Commit) -> bool:
        """Tell whether a commit is one of the branch's own."""
        return commit.id in self._own

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self._git("rev-list", f"{self.base}..{self._head}").split())

    @cache  # noqa: B019  a history lives as long as the run
    def _blame(self, file: str) -> Mapping[int, Commit]:
        """Return line number to the commit that last changed it, for what is committed."""
        content = self._content(file)
        if content is None:
            return {}
        arguments = ("--no-textconv", "--porcelain", "--contents", "-", "--", self._path(file))
        lines: dict[int, str] = {}
        summaries: dict[str, str] = {}
        commit = ""
        for line in self._git("blame", *arguments, given=content).split("\n"):
            if found := _HEAD.fullmatch(line):
                commit = found[1]
                lines[int(found[2])] = commit
            elif line.startswith("summary "):
                summaries[commit] = line.removeprefix("summary ")
        return {
            number: _commit(commit, summaries[commit])
            for number, commit in lines.items()
            if commit.strip("0") and commit not in self._clone.cut_off
        }

    def _content(self, file: str) -> bytes | None:
        """Return a file of the work tree with its committed line ends; None if git has it not."""
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
        """Return the branch's last commit of some kind."""
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
        """Return a file's path from the root of the repository, behind all links."""
        return os.path.relpath(os.path.realpath(self._project / file), self._clone.top)

    def _blob(self, commit: str, path: str) -> bytes | None:
        """Return a file as a commit has it, or None where the commit has no such file."""
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
    """Return a commit whose summary can be written as UTF-8, whatever somebody made it with."""
    return Commit(commit, summary.encode(errors="surrogateescape").decode(errors="replace"))


def _no_history(why: str, hint: str = "") -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="no-history",
            summary=f"the project's history can't be read: {why}",
            hint=hint or "run it in a clone of the repository, or leave --base out",
        )
    )
