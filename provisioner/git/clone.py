"""A clone of a repository, with two ways to run git on it.

`ask` runs git in the repository itself, only for commands that look at names of commits and files.
Commands that look at contents could start filters, textconv or fsmonitor.

`read` runs git in a temporary folder that shares only the objects of the repository. Git finds no
configuration of the repository there, so the repository can't name a program to start, not even
through a setting that only a later version of git has.
"""

import os
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
    """The repository that contains a project.

    Attributes:
        top: root of the work tree, with all links resolved.
        prefix: path of the project in it, with a slash at the end; "" for the root itself.
    """

    top: Path
    prefix: str

    def ask(self, *arguments: str) -> str:
        """Run a git command in the repository; it must not look at contents of files.

        Raises:
            GitError: git failed.
        """
        # Imported here, as below: most commands start no git.
        from tempfile import TemporaryDirectory  # noqa: PLC0415

        with TemporaryDirectory() as home:
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
        """Run a git command that needs only objects and HEAD.

        Raises:
            GitError: git failed.
        """
        with self._own_folder() as more:
            return run(self.top, *arguments, more=more, given=given)

    def read_text(self, *arguments: str, given: bytes = b"") -> str:
        """Return the output of `read` as text; bytes that are not UTF-8 become surrogates."""
        return _text(self.read(*arguments, given=given))

    def changed_files(self, since: str = "HEAD", *, ignored: bool = False) -> list[str]:
        """Return the project's files that differ from a commit or are not in it, from `top`.

        Line ends are not compared.

        Args:
            since: the commit.
            ignored: whether files that git ignores are among them.

        Raises:
            GitError: git failed.
        """
        pathspec = ("--", self.prefix) if self.prefix else ()
        with self._own_folder() as own:
            more = {**own, "GIT_WORK_TREE": str(self.top)}
            run(self.top, "read-tree", since, more=more)
            excluded = () if ignored else ("--exclude-standard",)
            listed = ("ls-files", "-z", "--modified", "--others", *excluded, *pathspec)
            return _names(run(self.top, "-c", "core.autocrlf=input", *listed, more=more))

    def tracked_files(self, folder: str = "") -> list[str]:
        """Return the files that git tracks, from `top`.

        Args:
            folder: return only files in this folder.

        Raises:
            GitError: git failed.
        """
        pathspec = ("--", folder) if folder else ()
        return _names(self.ask("ls-files", "-z", *pathspec).encode(errors="surrogateescape"))

    def commit_of(self, ref: str) -> str | None:
        """Return the commit that a ref names, or None if there is no such ref."""
        try:
            commit = self.ask("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
        except GitError:
            return None
        return commit.rstrip("\n")

    @cached_property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.ask("rev-parse", "--verify", "HEAD").rstrip("\n")

    @cached_property
    def cut_off(self) -> frozenset[str]:
        """The oldest commits of a shallow clone. Git attributes all older lines to them."""
        return frozenset(self._shallow.decode("ascii", errors="replace").split())

    @cached_property
    def folder(self) -> Path:
        """The git directory that all work trees of the repository share."""
        return self.top / self._layout[0]

    @cached_property
    def _layout(self) -> tuple[str, str]:
        printed = self.ask("rev-parse", "--git-common-dir", "--show-object-format")
        folder, _, object_format = printed.rstrip("\n").rpartition("\n")
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
        """Yield environment variables for a temporary git folder with the clone's objects."""
        from tempfile import TemporaryDirectory  # noqa: PLC0415

        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "refs").mkdir()
            (folder / "HEAD").write_text(self.head + "\n")
            (folder / "config").write_text(_OWN_CONFIG.format(self._layout[1]))
            if self._shallow:
                (folder / "shallow").write_bytes(self._shallow)
            yield {
                "HOME": name,
                "XDG_CONFIG_HOME": name,
                "GIT_DIR": name,
                "GIT_OBJECT_DIRECTORY": str(self.folder / "objects"),
            }


def find_clone(project: Path) -> Clone | None:
    """Return the clone that contains a project, or None.

    Only a `.git` marks a repository: git never commits one, so a branch can't add it. A folder
    that looks like a bare repository is not accepted.
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
    """Return a value quoted for a configuration file of git."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
