"""Which files belong to a project."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from provisioner.diagnostics import Diagnostic, Span

CONFIG_NAME = "provisioner.yaml"
MAX_BYTES = 128 * 1024 * 1024  # over ten times the largest account that the tool is measured with

_ENDINGS = (".yaml", ".yml")
_CONFIG_NAMES = {"provisioner.yaml", "provisioner.yml"}


class SourceFile(NamedTuple):
    """A YAML file of a project.

    Attributes:
        path: where to read it.
        name: what findings call it: relative to the root, with forward slashes, always printable.
    """

    path: Path
    name: str

    @property
    def is_config(self) -> bool:
        """Whether it holds the targets and policy."""
        return self.name == CONFIG_NAME

    def read(self) -> bytes | Diagnostic:
        """Return the content, or the finding why it can't be read."""
        try:
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):
                return _not_a_file(self.name, is_folder=stat.S_ISDIR(status.st_mode))
            if status.st_size > MAX_BYTES:
                return _too_large(self.name, status.st_size)
            return self.path.read_bytes()
        except OSError as error:
            return _unreadable(self.name, error, is_link=self.path.is_symlink())


def discover(root: Path) -> tuple[list[SourceFile], list[Diagnostic]]:
    """Find the YAML files of a project.

    Files and folders that begin with a dot are left out: they belong to other tools. Links are
    followed, but no folder is read twice, so that links in a circle end.

    Args:
        root: the project's folder.

    Returns:
        The files in the order of their names, and what is wrong with the root, with folders or
        with the place of `provisioner.yaml`.
    """
    missing = check_root(root)
    if missing:
        return [], [missing]
    findings: list[Diagnostic] = []
    files = sorted(_walk(root, findings), key=lambda file: file.name)
    findings += filter(None, map(_misplaced, files))
    return [file for file in files if file.is_config or not _is_config_like(file)], findings


def file_names(root: Path) -> list[str]:
    """Return what findings call the YAML files of a project, sorted."""
    return [file.name for file in discover(root)[0]]


def source_texts(root: Path) -> Callable[[str], str | None]:
    """Return a function that gives the text of a project's file, to show lines of it.

    It gives None for what `SourceFile.read` would not read: a pipe or a huge file must not stop
    the report that says so.

    Args:
        root: the project's folder.
    """

    @lru_cache(maxsize=1)
    def text(file: str) -> str | None:
        content = SourceFile(root / file, file).read()
        return None if isinstance(content, Diagnostic) else content.decode("utf-8-sig", "replace")

    return text


def check_root(root: Path) -> Diagnostic | None:
    """Return the finding that a project's folder is none, or None."""
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
            code="file-unreadable", summary=f'the folder "{root}" can\'t be read: {_reason(error)}'
        )
    return Diagnostic(
        code="not-a-directory",
        summary=f'"{root}" is a file, not the folder of a project',
        hint="name the folder that holds it",
    )


def _walk(root: Path, findings: list[Diagnostic]) -> Iterator[SourceFile]:
    """Yield the YAML files below a folder; real folders first, so that a link gives way to them."""
    seen: set[tuple[int, int]] = set()
    folders, links = [root], list[Path]()
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
            findings.append(_unreadable(_name(folder, root), error))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if entry.name.lower().endswith(_ENDINGS):
                yield SourceFile(path, _name(path, root))
            elif _is_folder(entry):
                (links if entry.is_symlink() else folders).append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _name(path: Path, root: Path) -> str:
    """Return the path relative to the root in characters that can be printed."""
    name = os.fsencode(path.relative_to(root).as_posix()).decode(errors="backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found.group()):02x}", name)


def _is_config_like(file: SourceFile) -> bool:
    return file.name.rpartition("/")[2].lower() in _CONFIG_NAMES


def _misplaced(file: SourceFile) -> Diagnostic | None:
    if file.is_config or not _is_config_like(file):
        return None
    in_root = "/" not in file.name
    return Diagnostic(
        code="misplaced-config",
        summary=f"{file.name} is not read: the configuration is {CONFIG_NAME} in the root",
        span=Span(file.name, 1, 1),
        hint=f"rename it to {CONFIG_NAME}, or merge it into that file"
        if in_root
        else f"move what it holds into {CONFIG_NAME} in the root, or rename it",
    )


def _not_a_file(name: str, *, is_folder: bool) -> Diagnostic:
    return Diagnostic(
        code="file-unreadable",
        summary=f"{name} is a folder, though its name ends like a YAML file's"
        if is_folder
        else f"{name} is not a regular file",
        span=Span(name, 1, 1),
        hint="rename it" if is_folder else "remove it from the project",
    )


def _too_large(name: str, size: int) -> Diagnostic:
    mebibyte = 1024 * 1024
    return Diagnostic(
        code="file-too-large",
        summary=f"{name} has {size // mebibyte} MiB, at most {MAX_BYTES // mebibyte} are allowed",
        span=Span(name, 1, 1),
        hint="split it into several files, or move it out of the project",
    )


def _unreadable(name: str, error: OSError, *, is_link: bool = False) -> Diagnostic:
    if is_link and isinstance(error, FileNotFoundError):
        reason, hint = "it is a link to nothing", "correct the link, or remove it"
    else:
        reason, hint = _reason(error), "check who may read it"
    return Diagnostic(
        code="file-unreadable",
        summary=f"{name} can't be read: {reason}",
        span=Span(name, 1, 1),
        hint=hint,
    )


def _reason(error: OSError) -> str:
    return (error.strerror or "the system does not say why").lower()
