"""A clone, and two ways to ask git about it.

`ask` runs git in the repository itself. Only commands that look at names of commits and files are
asked so, and none that looks at content: those could run filters, textconv or fsmonitor.

`read` runs git in a folder of our own that borrows nothing but the objects. Git finds no setting of
the repository there, so nothing that a repository says can name a program, also in ways that a
later version of git brings.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from provisioner.documents.files import regular
from provisioner.git.command import GitError, run, safe_directories

_SHALLOW_BYTES = 16 * 1024 * 1024

_OWN_CONFIG = """\
[core]
    repositoryformatversion = 1
    fileMode = false
[extensions]
    objectFormat = {}
"""


@dataclass(frozen=True)
class Clone:
    """The repository that a project lies in.

    Attributes:
        top: the root of the work tree, with all links resolved.
        prefix: the project's folder from there, with a slash at the end; "" for the root itself.
    """

    top: Path
    prefix: str

    def ask(self, *arguments: str) -> str:
        """Run a git command that looks at no content in the repository itself.

        Raises:
            GitError: git has no answer.
        """
        with tempfile.TemporaryDirectory() as home:
            settings = "".join(f"directory = {_quoted(one)}\n" for one in self._safe)
            Path(home, ".gitconfig").write_text(f"[safe]\n{settings}", errors="surrogateescape")
            more = {
                "HOME": home,
                "XDG_CONFIG_HOME": home,
                "GIT_WORK_TREE": str(self.top),
                "GIT_CEILING_DIRECTORIES": str(self.top.parent),
            }
            return _text(run(self.top, *arguments, more=more))

    def read(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run a git command that needs nothing but objects and the commit HEAD.

        Raises:
            GitError: git has no answer.
        """
        with self._own_folder() as more:
            return run(self.top, *arguments, more=more, given=given)

    def read_text(self, *arguments: str, given: bytes = b"") -> str:
        """Do the same as `read`, and return text; what is no UTF-8 becomes surrogates."""
        return _text(self.read(*arguments, given=given))

    def changed_files(self) -> list[str]:
        """Return the project's files that are not as in HEAD or not tracked, from `top`.

        Ends of lines make no difference. What `.gitignore` names is left out.

        Raises:
            GitError: git has no answer.
        """
        pathspec = ("--", self.prefix) if self.prefix else ()
        with self._own_folder() as own:
            more = {**own, "GIT_WORK_TREE": str(self.top)}
            run(self.top, "read-tree", "HEAD", more=more)
            listed = ("ls-files", "-z", "--modified", "--others", "--exclude-standard", *pathspec)
            return _names(run(self.top, "-c", "core.autocrlf=input", *listed, more=more))

    def tracked_files(self, folder: str = "") -> list[str]:
        """Return the files that git tracks, from `top`.

        Args:
            folder: only those in this folder.

        Raises:
            GitError: git has no answer.
        """
        pathspec = ("--", folder) if folder else ()
        return _names(self.ask("ls-files", "-z", *pathspec).encode(errors="surrogateescape"))

    def commit_of(self, ref: str) -> str | None:
        """Return the commit that a ref names, or None where there is none."""
        try:
            found = self.ask("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
        except GitError:
            return None
        return found.rstrip("\n")

    @cached_property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.ask("rev-parse", "--verify", "HEAD").rstrip("\n")

    @cached_property
    def cut_off(self) -> frozenset[str]:
        """Where the history of a shallow clone ends: these commits seem to have made every line."""
        return frozenset(self._shallow.decode("ascii", errors="replace").split())

    @cached_property
    def folder(self) -> Path:
        """The git directory, which all work trees of the repository share."""
        return self.top / self._facts[0]

    @cached_property
    def _facts(self) -> tuple[str, str]:
        facts = self.ask("rev-parse", "--git-common-dir", "--show-object-format")
        folder, _, object_format = facts.rstrip("\n").rpartition("\n")
        return folder, object_format

    @cached_property
    def _safe(self) -> tuple[str, ...]:
        return safe_directories(self.top)

    @cached_property
    def _shallow(self) -> bytes:
        try:
            return regular.read_regular(self.folder / "shallow", _SHALLOW_BYTES)
        except OSError:
            return b""

    @contextmanager
    def _own_folder(self) -> Iterator[dict[str, str]]:
        """Yield variables that make git use a folder of our own, with the clone's objects."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "refs").mkdir()
            (folder / "HEAD").write_text(self.head + "\n")
            (folder / "config").write_text(_OWN_CONFIG.format(self._facts[1]))
            if self._shallow:
                (folder / "shallow").write_bytes(self._shallow)
            yield {
                "HOME": name,
                "XDG_CONFIG_HOME": name,
                "GIT_DIR": name,
                "GIT_OBJECT_DIRECTORY": str(self.folder / "objects"),
            }


def find_clone(project: Path) -> Clone | None:
    """Return the clone that a project lies in, or None outside of any.

    Only a `.git` marks a repository. Git never commits one, so a branch can't bring it; a folder
    that merely looks like a bare repository is none here.
    """
    project = Path(os.path.realpath(project))
    top = next((up for up in (project, *project.parents) if (up / ".git").exists()), None)
    if top is None:
        return None
    prefix = project.relative_to(top).as_posix()
    return Clone(top, "" if prefix == "." else f"{prefix}/")


def _names(printed: bytes) -> list[str]:
    return _text(printed).split("\0")[:-1]


def _text(printed: bytes) -> str:
    return printed.decode(errors="surrogateescape")


def _quoted(value: str) -> str:
    """Return a value as git's configuration files spell it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
