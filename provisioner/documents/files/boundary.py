"""Which files a project may read, wherever links lead.

A link is part of a branch, and its target is not: what it leads to was not reviewed, and its lines
would be shown in findings. So links are followed inside the project. A file elsewhere in the same
repository is read where git tracks it, since a review shows it too.
"""

import os
from collections.abc import Callable
from pathlib import Path

IsShared = Callable[[Path], bool]
"""Returns whether a resolved path outside of the project belongs to the project's repository."""

WITHHELD = frozenset({".git", ".provisioner"})
"""Folders of programs. They hold credentials, records and databases, also inside of a project."""


def nothing_shared(_: Path) -> bool:
    """Return False: only the project's own folder is read."""
    return False


class Boundary:
    """Decides whether a path may be read for a project."""

    def __init__(self, root: Path, is_shared: IsShared = nothing_shared) -> None:
        """Resolve the project's folder.

        Args:
            root: the project's folder. The user names it, so it may itself be behind a link.
            is_shared: decides on paths outside of it.
        """
        self._root = _resolved(root)
        self._is_shared = is_shared

    def contains(self, path: Path) -> bool:
        """Return whether a path, with all links resolved, lies in the project's folder."""
        target = _resolved(path)
        return target.is_relative_to(self._root) and not self._is_withheld(target)

    def allows(self, path: Path) -> bool:
        """Return whether a path, with all links resolved, is the project's or shared with it.

        A folder that the project itself lies in is not.
        """
        if self.contains(path):
            return True
        target = _resolved(path)
        holds_project = self._root.is_relative_to(target)
        return not (holds_project or self._is_withheld(target)) and self._is_shared(target)

    def _is_withheld(self, target: Path) -> bool:
        way = Path(os.path.relpath(target, self._root))
        return any(part.casefold() in WITHHELD for part in way.parts)


def _resolved(path: Path) -> Path:
    """Resolve all links, as far as that is possible: a circle of links is no error here."""
    return Path(os.path.realpath(path))
