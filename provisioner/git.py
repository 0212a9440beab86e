"""The history of a project's files, asked of git.

Nothing is changed: no branch, no index, no file of the repository. What git prints is for programs
(`-z`, `--porcelain`), and no message of its is parsed.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError, Span
from provisioner.planning.changes import Commit

_HEAD = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")
"""The line that begins an entry of `git blame --porcelain`: commit, old line, new line."""

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git sets for hooks: the repository is found by the project's folder instead."""


class History:
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
        self._project = project
        self._prefix = self._show_prefix()
        self.base = self._merge_base(ref)

    def write_base(self, folder: Path) -> Path:
        """Write the project as it was at the base.

        Git writes the files as it would check them out, with its filters and line ends.

        Args:
            folder: an empty one, where to.

        Returns:
            The project in it; it need not exist, since the branch may have begun it.
        """
        with tempfile.TemporaryDirectory() as temporary:
            index = {"GIT_INDEX_FILE": str(Path(temporary) / "index")}
            self._git("read-tree", self.base, more=index)
            files = self._git("ls-files", "-z", more=index)
            self._git(
                "checkout-index", "-z", "--stdin", f"--prefix={folder}/", more=index, given=files
            )
        return folder / self._prefix

    def of_line(self, place: Span) -> Commit | None:
        """Return what last changed a line as it is now; None for one that is not committed."""
        return self._blame(place.file).get(place.line)

    def of_file(self, file: str) -> Commit | None:
        """Return the last commit of the branch that changed a file, or None."""
        return self._last("--", file)

    def of_removal(self, place: Span) -> Commit | None:
        """Return the commit of the branch that removed a line of the base, or None."""
        text = self._base_lines(place.file)[place.line - 1 : place.line]
        return self._last(f"-S{text[0]}", "--", place.file) if text and text[0].strip() else None

    def is_own(self, commit: Commit) -> bool:
        """Tell whether a commit is one of the branch's own."""
        return commit.id in self._own

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self._git("rev-list", f"{self.base}..HEAD").split())

    @cached_property
    def _cut_off(self) -> frozenset[str]:
        """Where the history of a shallow clone ends: these commits seem to have made every line."""
        file = self._project / self._git("rev-parse", "--git-path", "shallow").rstrip("\n")
        return frozenset(file.read_text("ascii").split()) if file.exists() else frozenset()

    @cache  # noqa: B019  a history lives as long as the run
    def _blame(self, file: str) -> Mapping[int, Commit]:
        """Return line number to the commit that last changed it, for what is committed."""
        try:
            text = self._git("blame", "--porcelain", "--", file)
        except subprocess.CalledProcessError:
            return {}  # git does not have the file
        lines: dict[int, str] = {}
        summaries: dict[str, str] = {}
        commit = ""
        for line in text.split("\n"):
            if found := _HEAD.fullmatch(line):
                commit = found[1]
                lines[int(found[2])] = commit
            elif line.startswith("summary "):
                summaries[commit] = line.removeprefix("summary ")
        return {
            number: _commit(commit, summaries[commit])
            for number, commit in lines.items()
            if commit.strip("0") and commit not in self._cut_off
        }

    @cache  # noqa: B019
    def _last(self, *which: str) -> Commit | None:
        """Return the branch's last commit of some kind."""
        shown = self._git("log", "-1", "--format=%H %s", f"{self.base}..HEAD", *which)
        commit, _, summary = shown.rstrip("\n").partition(" ")
        return _commit(commit, summary) if commit else None

    @cache  # noqa: B019
    def _base_lines(self, file: str) -> list[str]:
        try:
            return self._git("cat-file", "blob", f"{self.base}:./{file}").split("\n")
        except subprocess.CalledProcessError:
            return []

    def _show_prefix(self) -> str:
        try:
            return self._git("rev-parse", "--show-prefix").rstrip("\n")
        except FileNotFoundError as error:
            raise _no_history("git is not installed, or not to be found") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip().split("\n")[0].removeprefix("fatal: ")
            raise _no_history(f"git says: {said}") from error

    def _merge_base(self, ref: str) -> str:
        try:
            tip = self._git("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
        except subprocess.CalledProcessError as error:
            raise self._unknown(f'there is no "{ref}" in the repository') from error
        try:
            return self._git("merge-base", tip.rstrip("\n"), "HEAD").rstrip("\n")
        except subprocess.CalledProcessError as error:
            raise self._unknown(f'the branch has no commit in common with "{ref}"') from error

    def _unknown(self, summary: str) -> ProvisionerError:
        shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        hint = (
            "the clone is shallow: fetch the whole history (fetch-depth: 0 of actions/checkout, "
            'GIT_DEPTH: "0" of GitLab, or git fetch --unshallow)'
            if shallow
            else "name a branch, tag or commit of this repository, such as origin/main"
        )
        return ProvisionerError(Diagnostic(code="unknown-base", summary=summary, hint=hint))

    def _git(self, *arguments: str, more: Mapping[str, str] | None = None, given: str = "") -> str:
        return _run(self._project, *arguments, more=more, given=given)


def head(project: Path) -> str:
    """Return the commit of a project's files, with `+` where they were changed since.

    Returns:
        "" where there is no repository, no commit or no git.
    """
    try:
        commit = _run(project, "rev-parse", "--verify", "HEAD").strip()
        changed = _run(project, "status", "--porcelain", "--", ".").strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + ("+" if changed else "")


def _run(
    project: Path, *arguments: str, more: Mapping[str, str] | None = None, given: str = ""
) -> str:
    """Run git in a project's folder and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    # The arguments are our own; a ref stands behind --end-of-options, a file behind --.
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(project), *arguments],  # noqa: S607  the user's own git
        env={**environment, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **(more or {})},
        input=given.encode(errors="surrogateescape"),
        capture_output=True,
        check=False,
    )
    output = done.stdout.decode(errors="surrogateescape")
    if done.returncode:
        raise subprocess.CalledProcessError(
            done.returncode, arguments[0], output, done.stderr.decode(errors="replace")
        )
    return output


def _commit(commit: str, summary: str) -> Commit:
    """Return a commit whose summary can be written as UTF-8, whatever somebody made it with."""
    return Commit(commit, summary.encode(errors="surrogateescape").decode(errors="replace"))


def _no_history(why: str) -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="no-history",
            summary=f"the project's history can't be read: {why}",
            hint="run it in a clone of the repository, or leave --base out",
        )
    )
