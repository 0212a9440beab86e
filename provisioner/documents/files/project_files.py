"""Discovery of the YAML files of a project."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.files.boundary import Boundary, IsShared, nothing_shared
from provisioner.documents.files.file_selection import EVERYTHING, FileSelection
from provisioner.documents.files.regular import (
    FileTooLargeError,
    NotRegularError,
    excluded_objects,
    leads_outside,
    not_a_file,
    read_regular,
    system_reason,
    too_large,
    unreadable,
)

CONFIG_NAME = "provisioner.yaml"
CAPABILITIES_NAME = "capabilities.yaml"
ACKNOWLEDGED_NAME = "acknowledged.yaml"
FLEET_NAME = "fleet.yaml"
"""The file of a fleet; it holds no objects."""

MAX_BYTES = 128 * 1024 * 1024  # over ten times the largest account that the tool is measured with

Unsaved: TypeAlias = Mapping[str, bytes | None]
"""Contents of files that are not written yet, by their path relative to the root; None for a file
that is to be removed."""

NOTHING_UNSAVED: Unsaved = {}

_DECLARATION = re.compile(rb"^(agents|roles|departments|profiles)[ \t]*:", re.MULTILINE)
"""A top-level key of declared objects. The file may be one of another tool, so it is not parsed."""

_ENDINGS = (".yaml", ".yml")
_READ = (CONFIG_NAME, CAPABILITIES_NAME, ACKNOWLEDGED_NAME)
_ROOT_NAMES = (*_READ, FLEET_NAME)


class SourceFile(NamedTuple):
    """A YAML file of a project.

    Attributes:
        path: its path on this machine.
        name: its name in diagnostics: relative to the root, with forward slashes, printable.
        unsaved: the content that replaces the one on the disk; None for the one on the disk.
    """

    path: Path
    name: str
    unsaved: bytes | None = None

    @property
    def is_config(self) -> bool:
        """Whether it is the file of targets and policy."""
        return self.name == CONFIG_NAME

    @property
    def is_capabilities(self) -> bool:
        """Whether it is the file of facts about the accounts."""
        return self.name == CAPABILITIES_NAME

    @property
    def is_acknowledged(self) -> bool:
        """Whether it is the file of manual steps that are done."""
        return self.name == ACKNOWLEDGED_NAME

    @property
    def seems_to_declare(self) -> bool:
        """Whether it has a key of declared objects; a file that can't be read has none."""
        content = self.read()
        return isinstance(content, bytes) and bool(_DECLARATION.search(content))

    def read(self) -> bytes | Diagnostic:
        """Return the content, or the reason why it can't be read."""
        if self.unsaved is not None:
            return self.unsaved
        try:
            return read_regular(self.path, MAX_BYTES)
        except NotRegularError as error:
            return not_a_file(self.name, is_folder=error.is_folder)
        except FileTooLargeError as error:
            return too_large(self.name, error.size, MAX_BYTES)
        except OSError as error:
            return unreadable(self.name, error, is_link=self.path.is_symlink())


def discover(
    root: Path,
    is_shared: IsShared = nothing_shared,
    unsaved: Unsaved = NOTHING_UNSAVED,
    selection: FileSelection = EVERYTHING,
) -> tuple[list[SourceFile], list[Diagnostic]]:
    """Find the YAML files of a project.

    Files and folders that begin with a dot are skipped: they belong to other tools. Links are
    followed as far as the boundary allows. No folder is read twice, so circles of links end.

    `selection` decides which files are read; those with a name of their own in the root always are.

    Returns:
        The files sorted by name, and the diagnostics of the root, folders, links and misplaced
        configurations, and of files that declare objects but are not selected.
    """
    missing = check_root(root)
    if missing:
        return [], [missing]
    findings: list[Diagnostic] = []
    boundary = Boundary(root, is_shared)
    walked = [*_walk(root, boundary, selection, findings)]
    for folder in boundary.shared_folders:
        walked += _walk(root, boundary, EVERYTHING, findings, folder)
    everything = sorted(_with_unsaved(root, walked, unsaved), key=lambda file: file.name)
    files = [file for file in everything if _is_read(file.name, selection)]
    findings += [
        excluded_objects(file.name)
        for file in everything
        if not _is_read(file.name, selection) and file.seems_to_declare
    ]
    findings += filter(None, map(_misplaced, files))
    return [file for file in files if file.name in _READ or not _meant_as(file)], findings


def _with_unsaved(
    root: Path, files: Iterable[SourceFile], unsaved: Unsaved
) -> Iterator[SourceFile]:
    known = {file.name: file for file in files}
    yield from (file for name, file in known.items() if name not in unsaved)
    for name, content in unsaved.items():
        if content is not None and name.lower().endswith(_ENDINGS):
            yield SourceFile(root / name, name, content)


def _is_read(name: str, selection: FileSelection) -> bool:
    return name in _ROOT_NAMES or is_shared_file(name) or selection.selects(name)


def is_shared_file(name: str) -> bool:
    """Return whether a file is in a folder that the fleet shares, by its name in diagnostics."""
    return name.startswith("../")


def root_file(
    root: Path, name: str, boundary: Boundary, unsaved: Unsaved = NOTHING_UNSAVED
) -> SourceFile | Diagnostic | None:
    """Return a file in the root of a folder, or an error; None if there is none."""
    if name in unsaved:
        content = unsaved[name]
        return None if content is None else SourceFile(root / name, name, content)
    file = SourceFile(root / name, name)
    if not os.path.lexists(file.path):
        return None
    return file if boundary.allows(file.path) else leads_outside(file.name)


def source_texts(root: Path, is_shared: IsShared = nothing_shared) -> Callable[[str], str | None]:
    """Return a function that returns the text of a project's file, to show its lines.

    The function returns None for a file outside the boundary or one that `SourceFile.read` refuses:
    a pipe or a huge file must not block the report of that error.
    """
    boundary = Boundary(root, is_shared)

    @lru_cache(maxsize=4)
    def text(file: str) -> str | None:
        if not boundary.allows(root / file):
            return None
        content = SourceFile(root / file, file).read()
        return None if isinstance(content, Diagnostic) else content.decode("utf-8-sig", "replace")

    return text


def check_root(root: Path) -> Diagnostic | None:
    """Return the error of a missing or unreadable project folder, or None."""
    try:
        if stat.S_ISDIR(root.stat().st_mode):
            return None
    except FileNotFoundError:
        return Diagnostic(
            code="path-missing",
            summary=f'the folder "{root}" does not exist',
            hint="check the path; 'provisioner init' makes a new project",
        )
    except OSError as error:
        return Diagnostic(
            code="file-unreadable",
            summary=f'the folder "{root}" can\'t be read: {system_reason(error)}',
        )
    return Diagnostic(
        code="not-a-directory",
        summary=f'"{root}" is a file, not the folder of a project',
        hint="name the folder of the file",
    )


def _walk(
    root: Path,
    boundary: Boundary,
    selection: FileSelection,
    findings: list[Diagnostic],
    start: Path | None = None,
) -> Iterator[SourceFile]:
    """Yield the YAML files below a folder; real folders have priority over links to them.

    `start` is a folder that the fleet shares; None for the project's own.

    No link out of the project is followed; only one that would be read is an error.
    """
    seen: set[tuple[int, int]] = set()
    folders, links = [start or root], list[Path]()
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            findings.append(unreadable(_name(folder, root), error))
            continue
        is_inside = boundary.contains(folder)
        for entry in entries:
            is_yaml = entry.name.lower().endswith(_ENDINGS)
            if entry.name.startswith(".") or not (is_yaml or _is_folder(entry)):
                continue
            path, name = folder / entry.name, _name(folder / entry.name, root)
            # Only a link can lead from a folder of the project out of it.
            if (entry.is_symlink() or not is_inside) and not boundary.allows(path):
                if _is_read(name, selection) or (not is_yaml and selection.selects_below(name)):
                    findings.append(leads_outside(name))
            elif is_yaml:
                yield SourceFile(path, name)
            else:
                (links if entry.is_symlink() else folders).append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _name(path: Path, root: Path) -> str:
    """Return the path relative to the root in printable characters."""
    if path.is_relative_to(root):
        relative = path.relative_to(root).as_posix()
    else:
        relative = Path(os.path.relpath(path, os.path.realpath(root))).as_posix()
    name = os.fsencode(relative).decode(errors="backslashreplace")
    if name.isprintable():
        return name
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda match: f"\\x{ord(match.group()):02x}", name)


def _meant_as(file: SourceFile) -> str:
    """Return the reserved name that a file has or nearly has, or ""."""
    folder, _, name = file.name.lower().rpartition("/")
    exact = f"{name.rpartition('.')[0]}.yaml"
    return exact if exact == CONFIG_NAME or (not folder and exact in _ROOT_NAMES) else ""


def _misplaced(file: SourceFile) -> Diagnostic | None:
    name = _meant_as(file)
    if not name or file.name in _ROOT_NAMES:
        return None
    in_root = "/" not in file.name
    what = "the configuration" if name == CONFIG_NAME else "this file"
    return Diagnostic(
        code="misplaced-config",
        summary=f"{file.name} is not read: {what} is {name} in the root",
        span=Span(file.name, 1, 1),
        hint=f"rename it to {name}, or merge it into that file"
        if in_root
        else f"move its content into {name} in the root, or rename it",
    )
