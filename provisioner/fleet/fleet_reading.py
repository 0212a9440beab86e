"""Reads the file of a fleet: its accounts, by list or by pattern of folders, and its mistakes."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, InvalidProjectError, has_errors, in_order
from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.files.project_files import CONFIG_NAME, FLEET_NAME
from provisioner.documents.fleet_document import (
    FleetDocument,
    fleet_of,
    is_inside,
    is_pattern,
    normalized,
    read_fleet_document,
)
from provisioner.fleet.fleet_file import Fleet, FleetAccount, WaveSettings, fleet_file
from provisioner.model.policy import check_lock


def open_fleet(path: Path) -> Fleet:
    """Return a fleet without errors; see `read_fleet`.

    Raises:
        InvalidProjectError: the file has errors.
    """
    fleet = read_fleet(path)
    if has_errors(fleet.findings):
        raise InvalidProjectError(*fleet.findings)
    return fleet


def read_fleet(path: Path) -> Fleet:
    """Return a fleet with all errors of its file; with errors, accounts may be missing.

    `path` is the file or its folder. No project is opened.
    """
    file = fleet_file(path)
    if not os.path.lexists(file):
        missing = Diagnostic(
            code="path-missing",
            summary=f'the fleet\'s file "{file}" does not exist',
            hint=f"write {FLEET_NAME} with the accounts, or name the file",
        )
        return Fleet(file.parent, file.name, (), findings=(missing,))
    read = read_fleet_document(file)
    document = read.document
    if document is None or has_errors(read.findings):
        return Fleet(file.parent, file.name, (), findings=tuple(in_order(read.findings)))
    reading = _Reading(read, document)
    accounts = tuple(reading.accounts())
    reading.check(accounts)
    return Fleet(
        file.parent,
        file.name,
        accounts,
        WaveSettings(**(document.data.get("waves") or {})),
        tuple(in_order([*read.findings, *reading.findings, *check_lock(document)])),
    )


def name_of(entry: Mapping[str, Any], project: str, folder: Path) -> str:
    """Return the name of an account: that of its entry, or of the folder of its project.

    `project` is relative to `folder`, the one of the fleet.
    """
    own = project.rpartition("/")[2]
    name: str = entry.get("name", folder.resolve().name if own == "." else own)
    return name


class _Reading:
    """The file while its entries become accounts."""

    def __init__(self, read: FleetDocument, document: Document) -> None:
        self._read = read
        self._folder = read.folder
        self._document = document
        self._entries: list[Mapping[str, Any]] = document.data["accounts"]
        self.findings: list[Diagnostic] = []

    def accounts(self) -> Iterator[FleetAccount]:
        listed = {
            normalized(entry["project"])
            for entry in self._entries
            if not is_pattern(entry["project"])
        }
        matched: set[str] = set()
        for index, entry in enumerate(self._entries):
            path: DocumentPath = ("accounts", index)
            project: str = entry["project"]
            self._check_folders(entry.get("include"), (*path, "include"))
            if not is_inside(project):
                self._report(f'"{project}" is not below the folder of the fleet', path, "project")
            elif not is_pattern(project):
                if self._is_folder(normalized(project), path):
                    yield self._account(entry, normalized(project), path)
            elif "name" in entry:
                text = "an entry with a pattern can't have one name"
                hint = "leave the name out: each account has the name of its folder"
                self._report(text, path, "name", hint)
            else:
                folders = self._matching(project)
                if not folders:
                    text = f'no folder with a {CONFIG_NAME} matches "{project}"'
                    self._report(text, path, "project", "name folders of projects: accounts/*")
                for folder in sorted({*folders} - listed - matched):
                    matched.add(folder)
                    yield self._account(entry, folder, path)
        self._check_folders(self._document.data.get("include"), ("include",))
        if "lock" in self._document.data:
            self._check_file_name("lock", f"only {FLEET_NAME} can have a lock for its projects")

    def check(self, accounts: tuple[FleetAccount, ...]) -> None:
        """Report equal names, equal projects and targets, and projects of another fleet."""
        names: dict[str, FleetAccount] = {}
        places: dict[tuple[str, str], FleetAccount] = {}
        for account in accounts:
            first = names.setdefault(account.name.casefold(), account)
            other = places.setdefault((account.project, account.target), account)
            if first is not account:
                summary = f'the name "{account.name}" is that of two accounts'
                hint = "give one of them a name of its own"
                self._duplicate(summary, hint, account, first)
            elif other is not account:
                summary = f'"{account.name}" is the same project and target as "{other.name}"'
                self._duplicate(summary, "keep one of the entries", account, other)
            self._check_nearest(account)

    def _check_nearest(self, account: FleetAccount) -> None:
        """Report a project that would silently be without what this file shares with it."""
        folder = os.path.realpath(self._folder)
        nearest = fleet_of(self._folder / account.project)
        if self._document.file != FLEET_NAME or nearest == Path(folder, FLEET_NAME):
            return
        if not (self._read.shared_by(account.project) or self._read.lock_of(account.project)):
            return
        why = "it is in another git repository or file system, or belongs to another user"
        if nearest is not None:
            why = f"{Path(os.path.relpath(nearest, folder)).as_posix()} is nearer"
        self.findings.append(
            Diagnostic(
                code="fleet-account",
                summary=f'"{account.project}" can\'t use what this file shares: {why}',
                span=account.span,
                hint=f"a project uses the nearest {FLEET_NAME} of its git repository, if its owner "
                "or you own that file: move or remove one of the files",
            )
        )

    def _account(self, entry: Mapping[str, Any], project: str, path: DocumentPath) -> FleetAccount:
        return FleetAccount(
            name=name_of(entry, project, self._folder),
            project=project,
            target=entry.get("target", ""),
            wave=entry.get("wave", 1),
            tags=tuple(entry.get("tags") or ()),
            span=self._document.span((*path, "project")),
        )

    def _matching(self, pattern: str) -> list[str]:
        """Return the folders of projects that a pattern matches; those with a dot are hidden."""
        escaped = normalized(pattern).replace("[", "[[]")
        found = (path.relative_to(self._folder) for path in self._folder.glob(escaped))
        return [
            path.as_posix()
            for path in found
            if not any(part.startswith(".") for part in path.parts)
            and (self._folder / path / CONFIG_NAME).is_file()
            and self._is_below(path)
        ]

    def _is_below(self, path: str | Path) -> bool:
        return (self._folder / path).resolve().is_relative_to(self._folder.resolve())

    def _is_folder(self, project: str, path: DocumentPath) -> bool:
        if not (self._folder / project).is_dir():
            self._report(f'the folder "{project}" does not exist', path, "project")
            return False
        if not self._is_below(project):
            text = f'"{project}" is a link that leads out of the folder of the fleet'
            self._report(text, path, "project")
            return False
        return True

    def _check_folders(self, names: Iterable[str] | None, path: DocumentPath) -> None:
        if names:
            self._check_file_name("include", f"only {FLEET_NAME} can include folders", path[:-1])
        for index, name in enumerate(names or ()):
            if not is_inside(name) or not self._is_below(name):
                self._report(f'"{name}" is not below the folder of the fleet', path, index)
            elif not (self._folder / name).is_dir():
                self._report(f'the folder "{name}" does not exist', path, index)

    def _check_file_name(self, key: str, summary: str, path: DocumentPath = ()) -> None:
        """Report a key that projects use: one that is used alone looks for the usual name only."""
        if self._document.file != FLEET_NAME:
            self._report(summary, path, key, f"rename the file to {FLEET_NAME}")

    def _report(self, summary: str, path: DocumentPath, key: str | int, hint: str = "") -> None:
        hint = hint or f"write a folder below that of {self._document.file}"
        span = self._document.span((*path, key))
        self.findings.append(
            Diagnostic(code="fleet-account", summary=summary, span=span, hint=hint)
        )

    def _duplicate(
        self, summary: str, hint: str, account: FleetAccount, first: FleetAccount
    ) -> None:
        related = (("the first", first.span),) if first.span else ()
        self.findings.append(
            Diagnostic(
                code="fleet-account",
                summary=summary,
                span=account.span,
                hint=hint,
                related=related,
            )
        )
