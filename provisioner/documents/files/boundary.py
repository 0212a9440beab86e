"""Boundary of a project: which files may be read through links.

A link is part of a branch but its target is not: nobody reviewed the target, and diagnostics would
show its lines. Links are followed inside the project. A file elsewhere in the same repository is
read only if git tracks it, because a review shows it too.
"""

import os
from collections.abc import Callable
from pathlib import Path

IsShared = Callable[[Path], bool]
"""Returns whether a resolved path outside of the project belongs to the project's repository."""

WITHHELD = frozenset({".git", ".provisioner"})
"""Folders with credentials, records and databases; never read, even inside a project."""


def nothing_shared(_: Path) -> bool:
    """Return False: only the project's own folder is read."""
    return False


class Boundary:
    """Decides whether a project may read a path."""

    def __init__(self, root: Path, is_shared: IsShared = nothing_shared) -> None:
        """Resolve the project's folder.

        Args:
            root: the project's folder. The user names it, so it may itself be a link.
            is_shared: decides on paths outside the folder.
        """
        self._root = _resolved(root)
        self._is_shared = is_shared

    @property
    def shared_folders(self) -> tuple[Path, ...]:
        """The folders that the project's fleet shares with it, with links resolved."""
        # Imported here: a fleet's file is a document of its own.
        from provisioner.documents.fleet_document import shared_folders  # noqa: PLC0415

        return shared_folders(self._root)

    def contains(self, path: Path) -> bool:
        """Return whether a path, with links resolved, is in the project's folder.

        The folders that its fleet shares belong to it.
        """
        target = _resolved(path)
        if self._is_withheld(target):
            return False
        return target.is_relative_to(self._root) or any(
            target.is_relative_to(folder) for folder in self.shared_folders
        )

    def allows(self, path: Path) -> bool:
        """Return whether a path, with links resolved, is in the project or shared with it.

        A folder that contains the project is not.
        """
        if self.contains(path):
            return True
        target = _resolved(path)
        holds_project = self._root.is_relative_to(target)
        return not (holds_project or self._is_withheld(target)) and self._is_shared(target)

    def _is_withheld(self, target: Path) -> bool:
        relative = Path(os.path.relpath(target, self._root))
        return any(part.casefold() in WITHHELD for part in relative.parts)


def _resolved(path: Path) -> Path:
    """Resolve all links as far as possible; a circle of links is not an error."""
    return Path(os.path.realpath(path))
