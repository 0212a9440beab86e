"""Reads which files of a project git tracks, and whether they have changed since the commit."""

from functools import cache
from pathlib import Path

from provisioner.documents.files import regular
from provisioner.documents.files.boundary import IsShared
from provisioner.documents.files.project_files import MAX_BYTES
from provisioner.git.checkout import is_pointer_to
from provisioner.git.clone import Clone, find_clone
from provisioner.git.command import GitError


def head(project: Path) -> str:
    """Return the commit of a project, with `+` if its files have changed since.

    Returns:
        The commit; "" without repository, commit or git.
    """
    clone = find_clone(project)
    if clone is None:
        return ""
    try:
        is_changed = any(_differs(clone, name) for name in clone.changed_files())
        return clone.head + ("+" if is_changed else "")
    except GitError:
        return ""


def is_in_repository(project: Path) -> bool:
    """Return whether a folder is in a git repository."""
    return find_clone(project) is not None


def tracked_below(project: Path, folder: str) -> tuple[str, ...]:
    """Return the files that git tracks in a folder of a project, relative to the project.

    Raises:
        GitError: git failed; without a repository nothing is tracked.
    """
    clone = find_clone(project)
    if clone is None:
        return ()
    tracked = clone.tracked_files(f"{clone.prefix}{folder}")
    return tuple(name.removeprefix(clone.prefix) for name in tracked)


def shared_files(project: Path) -> IsShared:
    """Return a function that accepts the files that git tracks in the project's repository.

    Git runs when the first link leads out of the project. A folder is accepted if it contains
    tracked files.
    """

    @cache
    def accepted() -> frozenset[Path]:
        clone = find_clone(project)
        try:
            files = {clone.top / name for name in clone.tracked_files()} if clone else set()
        except GitError:
            return frozenset()
        return frozenset(files.union(*(file.parents for file in files)))

    return lambda path: path in accepted()


def _differs(clone: Clone, name: str) -> bool:
    """Return whether a changed file differs from its content in git LFS."""
    try:
        pointer = clone.read("cat-file", "blob", f"HEAD:{name}")
        content = regular.read_regular(clone.top / name, MAX_BYTES)
    except (GitError, OSError):
        return True
    return not is_pointer_to(pointer, content)
