"""The document of a fleet's file, and the folders that it shares with the projects of a fleet.

A project of a fleet is the same whether it is used alone or in a run of the fleet: its shared
folders are those of the nearest `fleet.yaml` at or above its folder, inside of its git repository.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.documents.document import Document
from provisioner.documents.files.file_selection import matches
from provisioner.documents.files.project_files import FLEET_NAME, SourceFile
from provisioner.system import user_id

_WILD = "*?"
_ACCOUNTS = re.compile(rb"^accounts[ \t]*:", re.MULTILINE)


def is_pattern(project: str) -> bool:
    """Return whether the path of a project in a fleet's file is a pattern of folders."""
    return any(character in project for character in _WILD)


def normalized(path: str) -> str:
    """Return a path of a fleet's file without needless parts: `./a/` becomes `a`."""
    return posixpath.normpath(path)


def is_inside(path: str) -> bool:
    """Return whether a path of a fleet's file does not lead out of the fleet's folder."""
    return not posixpath.isabs(path) and normalized(path).split("/")[0] != ".."


@dataclass(frozen=True, slots=True)
class FleetDocument:
    """The content of a fleet's file.

    Attributes:
        folder: the folder of the file.
        document: the document; None if it can't be used.
        findings: errors of the file and violations of the schema.
    """

    folder: Path
    document: Document | None
    findings: tuple[Diagnostic, ...]

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """The entries of accounts; none if the file has errors."""
        usable = self.document is not None and not has_errors(self.findings)
        return [*self.document.data["accounts"]] if self.document and usable else []

    def entries_of(self, project: str) -> list[Mapping[str, Any]]:
        """Return the entries that a project is in: those that list it, or one with a pattern.

        `project` is the path of the project's folder, relative to the fleet's folder.
        """
        own = [one for one in self.entries if not is_pattern(one["project"])]
        exact = [one for one in own if normalized(one["project"]) == project]
        matching = (
            one
            for one in self.entries
            if is_pattern(one["project"]) and matches(normalized(one["project"]), project)
        )
        return exact or [*matching][:1]

    def shared_by(self, project: str) -> tuple[str, ...]:
        """Return the folders that a project shares, relative to the fleet's folder.

        `project` is the path of the project's folder, relative to the fleet's folder.
        """
        entries = self.entries_of(project)
        if not entries or self.document is None:
            return ()
        folders = [*(self.document.data.get("include") or ())]
        for entry in entries:
            folders += entry.get("include") or ()
        return tuple(dict.fromkeys(normalized(one) for one in folders if is_inside(one)))

    def lock_of(self, project: str) -> Mapping[str, Any] | None:
        """Return the section `lock` for a project, with paths relative to it; None without one.

        `project` is the path of the project's folder, relative to the fleet's folder.
        """
        if self.document is None or not self.entries_of(project):
            return None
        lock = self.document.data.get("lock")
        return lock and {
            key: posixpath.relpath(value, project)
            if key in {"folder", "sqlite"} and not posixpath.isabs(value)
            else value
            for key, value in lock.items()
        }


def read_fleet_document(file: Path) -> FleetDocument:
    """Return the content of a fleet's file.

    Places of the findings name the file without its folder.
    """
    # Imported here: most projects are of no fleet.
    from provisioner.documents.schema.json_schema import check  # noqa: PLC0415
    from provisioner.documents.yaml.unseen import check_characters  # noqa: PLC0415
    from provisioner.documents.yaml.yaml_reader import read_yaml  # noqa: PLC0415

    content = SourceFile(file, file.name).read()
    if isinstance(content, Diagnostic):
        return FleetDocument(file.parent, None, (content,))
    documents, findings = read_yaml(content, file.name)
    findings += check_characters(documents, content)
    filled = [document for document in documents if document.data is not None]
    if len(filled) != 1:
        if not findings:
            summary = f"{file.name} has {len(filled) or 'no'} documents"
            findings.append(Diagnostic(code="fleet-file", summary=summary, hint="write one"))
        return FleetDocument(file.parent, None, tuple(findings))
    document, violations = check(filled[0], "fleet")
    return FleetDocument(file.parent, document, (*findings, *violations))


@lru_cache(maxsize=4)
def _cached(file: Path, _version: tuple[int, int]) -> FleetDocument:
    return read_fleet_document(file)


def lists_accounts(file: Path) -> bool:
    """Return whether a file with another name than `fleet.yaml` seems to be one of a fleet."""
    content = SourceFile(file, file.name).read()
    return isinstance(content, bytes) and bool(_ACCOUNTS.search(content))


def shared_folders(root: Path) -> tuple[Path, ...]:
    """Return the existing folders that the fleet of a project shares with it, links resolved."""
    return tuple(folder for folder in named_folders(root) if folder.is_dir())


def named_folders(root: Path) -> tuple[Path, ...]:
    """Return the folders that the fleet of a project names as shared with it, links resolved.

    Neither those outside of the fleet's folder are among them, nor those of which the project is a
    part, or that are a part of it.
    """
    file = fleet_of(root)
    top = Path(os.path.realpath(root))
    paths = (Path(os.path.realpath(path)) for path in included_paths(root))
    return tuple(
        path
        for path in paths
        if (file is None or path.is_relative_to(file.parent))
        and not (top.is_relative_to(path) or path.is_relative_to(top))
    )


def included_paths(root: Path) -> tuple[Path, ...]:
    """Return the paths of all folders that the fleet of a project includes for it, with links.

    A fleet's file is used only if it belongs to the current user, or to the one of the project.
    One with errors includes nothing; `validate` of the fleet reports them.
    """
    found = _fleet_with(root)
    if found is None:
        return ()
    fleet, project = found
    return tuple(fleet.folder / name for name in fleet.shared_by(project))


def lock_of_fleet(root: Path) -> Mapping[str, Any] | None:
    """Return the section `lock` of the fleet that a project is in; see `FleetDocument.lock_of`."""
    found = _fleet_with(root)
    return found[0].lock_of(found[1]) if found else None


def _fleet_with(root: Path) -> tuple[FleetDocument, str] | None:
    """Return the fleet that a project is in, and the path of the project in it; None for none."""
    file = fleet_of(root)
    if file is None:
        return None
    try:
        status = file.stat()
        fleet = _cached(file, (status.st_mtime_ns, status.st_size))
    except OSError:
        return None
    return fleet, Path(os.path.realpath(root)).relative_to(file.parent).as_posix()


def fleet_of(root: Path) -> Path | None:
    """Return the file of the fleet that a project is in; None for none.

    It belongs to the current user, or to the one of the project.
    """
    top = Path(os.path.realpath(root))
    with suppress(OSError):
        for folder, status in _upwards(top):
            if status is not None and status.st_uid in {user_id(), top.stat().st_uid}:
                return folder / FLEET_NAME
    return None


def fleet_above(folder: Path) -> Path | None:
    """Return the nearest fleet's file of the current user, at or above a folder; None for none."""
    top = Path(os.path.realpath(folder))
    for at, status in _upwards(top):
        if status is not None:
            return at / FLEET_NAME if status.st_uid == user_id() else None
    return None


def _upwards(top: Path) -> Iterator[tuple[Path, os.stat_result | None]]:
    """Yield a folder and those above it in its repository, with the status of a fleet's file."""
    device = top.stat().st_dev
    for folder in (top, *top.parents):
        if folder.stat().st_dev != device:
            return
        try:
            yield folder, (folder / FLEET_NAME).stat()
        except FileNotFoundError:
            yield folder, None
        if os.path.lexists(folder / ".git"):
            return
