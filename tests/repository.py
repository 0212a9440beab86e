"""A git repository for tests, independent of the user's git configuration."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support import write_project

SETTINGS = {
    "GIT_AUTHOR_NAME": "Team",
    "GIT_AUTHOR_EMAIL": "team@acme.example",
    "GIT_COMMITTER_NAME": "Team",
    "GIT_COMMITTER_EMAIL": "team@acme.example",
    "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Repository:
    """A clone."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> "Repository":
        """Make an empty repository with the branch main."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    @classmethod
    def copied(cls, fill: Callable[["Repository"], None], folder: Path) -> "Repository":
        """Make a repository as `fill` fills an empty one, which it does once in a process."""
        shutil.copytree(_filled(fill), folder)
        return cls(folder)

    def git(self, *arguments: str) -> str:
        """Run git in the clone and return what it prints."""
        return subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env={**os.environ, **SETTINGS},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def commit(self, message: str, project: str = ".", **files: str) -> str:
        """Write YAML files into a project's folder, commit everything and return the id."""
        write_project(self.folder / project, **files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """Create and check out a branch."""
        self.git("checkout", "--quiet", "-b", name)


@cache
def _filled(fill: Callable[[Repository], None]) -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    fill(Repository.new(folder))
    return folder
