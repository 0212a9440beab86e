"""Tracked files of a project: as git shows them, and written as a checkout does, without filters.

For a file of git LFS, git contains a pointer with the digest of the content. The content is read
from the store of the clone, without the program git-lfs, because that program reads configuration
from the branch.
"""

import hashlib
import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from provisioner.documents.files import regular
from provisioner.documents.files.attachments import MAX_PHOTO_BYTES
from provisioner.documents.files.boundary import IsShared
from provisioner.documents.files.project_files import FLEET_NAME, MAX_BYTES
from provisioner.documents.files.regular import read_regular
from provisioner.documents.fleet_document import named_folders
from provisioner.git.clone import Clone, find_clone
from provisioner.git.command import GitError, user_email

_POINTER = (
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize [0-9]+\n"
)


def is_pointer_to(pointer: bytes, content: bytes) -> bool:
    """Return whether a pointer of git LFS points to a content."""
    match = re.fullmatch(_POINTER, pointer)
    return match is not None and hashlib.sha256(content).hexdigest().encode() == match[1]


def content_of(blob: bytes, git_folder: Path, limit: int) -> bytes:
    """Return the content of a file in a checkout.

    Returns:
        The content that a pointer points to, if the clone has it; otherwise the blob.
    """
    match = re.fullmatch(_POINTER, blob)
    if match is None:
        return blob
    digest = match[1].decode()
    file = git_folder / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    try:
        content = read_regular(file, limit)
    except OSError:
        return blob
    return content if is_pointer_to(blob, content) else blob


_FILES = ("100644", "100755")
_LINK = "120000"
_BATCH_BYTES = 32 * 1024 * 1024


class _Entry(NamedTuple):
    """A file or link of a commit. The path is relative to the root of the repository."""

    path: str
    mode: str
    id: str
    size: int


def write_commit(clone: Clone, commit: str, folder: Path) -> Path:
    """Write the files of a project at a commit.

    Files outside of the project are written if links of the project lead to them, or if the fleet
    of the project shares them. Files that are too large for a project are skipped.

    Returns:
        The folder of the project, which does not exist if the commit has no such project.

    Raises:
        GitError: git failed, or the clone lacks a file.
        OSError: a file can't be written.
    """
    above = (parent.as_posix() for parent in PurePosixPath(clone.prefix).parents)
    fleets = {FLEET_NAME if one == "." else f"{one}/{FLEET_NAME}" for one in above}
    _write_paths(clone, commit, folder, {clone.prefix, *fleets})
    if shared := named_folders(folder / clone.prefix):
        top = Path(os.path.realpath(folder))
        _write_paths(
            clone, commit, folder, {f"{one.relative_to(top).as_posix()}/" for one in shared}
        )
    return folder / clone.prefix


def _write_paths(clone: Clone, commit: str, folder: Path, paths: set[str]) -> None:
    """Write files and folders of a commit, and those that their links lead to."""
    entries, links = _collect(clone, commit, paths)
    for path in entries:
        # Folders come before links, so that no file is written through a link.
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    files = [one for one in entries.values() if one.mode in _FILES]
    for entry, content in _blobs(clone, files):
        with suppress(FileExistsError), (folder / entry.path).open("xb") as file:
            file.write(content_of(content, clone.folder, _limit(entry.path)))
    for path, target in links.items():
        with suppress(FileExistsError):
            (folder / path).symlink_to(target)


def _collect(
    clone: Clone, commit: str, paths: set[str]
) -> tuple[dict[str, _Entry], dict[str, str]]:
    """Return two mappings: path to entry, with the targets of links, and link to target."""
    entries: dict[str, _Entry] = {}
    links: dict[str, str] = {}
    wanted, visited = {*paths}, set[str]()
    while wanted:
        path = wanted.pop()
        visited.add(path)
        added = [one for one in _entries(clone, commit, path) if one.path not in entries]
        entries |= {one.path: one for one in added}
        new_links = {
            one.path: os.fsdecode(target)
            for one, target in _blobs(clone, [one for one in added if one.mode == _LINK])
        }
        links |= new_links
        wanted |= {inside for link in new_links.items() for inside in _inside(*link)} - visited
    return entries, links


def _inside(link: str, target: str) -> tuple[str, ...]:
    """Return the path that a link leads to; nothing if it is outside of the repository."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
    if path == ".":
        return ("",)
    return () if path.startswith(("/", "../")) or path == ".." else (path,)


def _entries(clone: Clone, commit: str, path: str) -> Iterator[_Entry]:
    """Yield the files and links of a commit at or below a path; "" means all of them."""
    pathspec = (path,) if path else ()
    listed = clone.read_text("ls-tree", "-r", "-l", "-z", "--full-tree", "--", commit, *pathspec)
    for line in listed.split("\0")[:-1]:
        facts, _, name = line.partition("\t")
        mode, _, blob, size = facts.split()
        # A tree that was made by hand can contain any name.
        is_plain = not {"", ".", ".."} & set(name.split("/"))
        if mode in {*_FILES, _LINK} and is_plain:
            if not size.isdecimal():
                raise _lacking(name)
            if int(size) <= _limit(name):
                yield _Entry(name, mode, blob, int(size))


def _lacking(name: str) -> GitError:
    return GitError(f"the clone lacks {name}; it may be a partial clone")


def _limit(name: str) -> int:
    return MAX_BYTES if name.lower().endswith((".yaml", ".yml")) else MAX_PHOTO_BYTES


def _blobs(clone: Clone, entries: Iterable[_Entry]) -> Iterator[tuple[_Entry, bytes]]:
    """Yield entries with their contents, read in batches to limit memory."""
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += entry.size
        if size > _BATCH_BYTES:
            yield from _read_batch(clone, batch)
            batch, size = [], 0
    if batch:
        yield from _read_batch(clone, batch)


def _read_batch(clone: Clone, entries: list[_Entry]) -> Iterator[tuple[_Entry, bytes]]:
    """Yield entries with contents. Git prints `ID blob SIZE`, content and line break for each."""
    asked_for = "".join(f"{entry.id}\n" for entry in entries)
    printed = clone.read("cat-file", "--batch", given=asked_for.encode())
    position = 0
    for entry in entries:
        header, _, _ = printed[position : position + 200].partition(b"\n")
        if not header.endswith(f" {entry.size}".encode()):
            raise _lacking(entry.path)
        start = position + len(header) + 1
        position = start + entry.size + 1
        yield entry, printed[start : position - 1]


def head(project: Path) -> str:
    """Return the commit of a project, with `+` if its files have changed since.

    Returns:
        The commit; "" without repository, commit or git.
    """
    clone = find_clone(project)
    if clone is None:
        return ""
    try:
        is_changed = any(differs(clone, name) for name in clone.changed_files())
        return clone.head + ("+" if is_changed else "")
    except GitError:
        return ""


def author(project: Path) -> str:
    """Return the email that git would write into a commit of a project, or "" if none is set."""
    clone = find_clone(project)
    named = os.environ.get("GIT_AUTHOR_EMAIL", "").strip()
    return named or user_email(clone.top if clone else project.resolve())


def is_in_repository(project: Path) -> bool:
    """Return whether a folder is in a git repository."""
    return find_clone(project) is not None


def has_revision(project: Path, ref: str) -> bool:
    """Return whether a word names a commit of a project's repository."""
    clone = find_clone(project)
    return clone is not None and clone.commit_of(ref) is not None


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


def differs(clone: Clone, name: str, since: str = "HEAD") -> bool:
    """Return whether a file that has changed since a commit differs from its content in git LFS."""
    try:
        pointer = clone.read("cat-file", "blob", f"{since}:{name}")
        content = regular.read_regular(clone.top / name, MAX_BYTES)
    except (GitError, OSError):
        return True
    return not is_pointer_to(pointer, content)
