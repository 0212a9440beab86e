"""What git knows about a project: its history, and which files are tracked.

A branch of a stranger is data here. Nothing that a repository names is ever run: see `command` for
how git is started, and `clone` for why no configuration of a repository is used.
"""

from provisioner.git.command import GitError
from provisioner.git.history import GitHistory
from provisioner.git.tracking import head, shared_files, tracked_below

__all__ = ["GitError", "GitHistory", "head", "shared_files", "tracked_below"]
