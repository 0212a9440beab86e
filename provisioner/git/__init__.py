"""Reads a project's git repository: commits of a branch, and tracked files.

A branch from a stranger is treated as data. No program that a repository names is ever started:
`command` shows how git is started, and `clone` why no configuration of a repository is used.
"""

from provisioner.git.checkout import (
    author,
    has_revision,
    head,
    is_in_repository,
    shared_files,
    tracked_below,
)
from provisioner.git.command import GitError
from provisioner.git.head_revision import revision_of
from provisioner.git.history import GitHistory, LineHistory
from provisioner.git.lock_ref import LockRef

__all__ = [
    "GitError",
    "GitHistory",
    "LineHistory",
    "LockRef",
    "author",
    "has_revision",
    "head",
    "is_in_repository",
    "revision_of",
    "shared_files",
    "tracked_below",
]
