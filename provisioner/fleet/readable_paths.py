"""The paths that a project can read: its folder, and what the links in it lead to."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.documents.files.boundary import WITHHELD

_MOST_LINKS = 40
"""Links of one path that are followed, as by the system."""


@dataclass(frozen=True, slots=True)
class _Below:
    """What is below a folder, without the folders that links lead to."""

    links: tuple[Path, ...]
    has_repository: bool


@dataclass(frozen=True, slots=True)
class ReadablePaths:
    """Finds readable paths; each folder is read once for all projects.

    Attributes:
        top: the root of the repository.
    """

    top: Path
    _folders: dict[Path, _Below] = field(default_factory=dict)

    def of(self, folder: Path) -> frozenset[Path] | None:
        """Return the paths that decide on the content of a folder.

        They are the folder itself with its links resolved, the places that links below it lead to,
        and all links on these ways.

        Returns:
            The paths; None if a part of the content belongs to another repository.
        """
        paths, pending, entered = set[Path](), [folder], set[Path]()
        while pending:
            way = [*steps(pending.pop())]
            paths.update(way)
            found = way[-1]
            # A project can't read what is outside of its repository.
            if found in entered or not (found.is_relative_to(self.top) and found.is_dir()):
                continue
            entered.add(found)
            below = self._folders.get(found) or _below(found)
            self._folders[found] = below
            if below.has_repository or self._is_in_another_repository(found):
                return None
            pending += below.links
        return frozenset(paths)

    def _is_in_another_repository(self, folder: Path) -> bool:
        above = (folder, *folder.parents)
        return next(up for up in above if up == self.top or (up / ".git").exists()) != self.top


def _below(folder: Path) -> _Below:
    links, has_repository = list[Path](), False
    for at, folders, files in os.walk(folder):
        links += [Path(at, name) for name in (*folders, *files) if Path(at, name).is_symlink()]
        has_repository |= ".git" in (*folders, *files) and Path(at) != folder
        folders[:] = [name for name in folders if name not in WITHHELD]
    return _Below(tuple(links), has_repository)


def steps(path: Path) -> Iterator[Path]:
    """Yield each link on the way of a path, and at the end the path with all links resolved."""
    at, links = Path("/"), 0
    todo = [*reversed(Path(os.path.abspath(path)).parts[1:])]  # noqa: PTH100  keeps links
    while todo:
        part = todo.pop()
        if part == "..":
            at = at.parent
            continue
        at /= part
        if at.is_symlink() and links < _MOST_LINKS:
            links += 1
            yield at
            target = at.readlink()
            todo += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            at = Path("/") if target.is_absolute() else at.parent
    yield at
