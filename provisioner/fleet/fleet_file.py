"""The file of a fleet: its accounts, by list or by pattern of folders, their tags and waves."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Span,
    UsageError,
    has_errors,
    in_order,
)
from provisioner.documents.document import Document, DocumentPath
from provisioner.documents.files.project_files import CONFIG_NAME, FLEET_NAME
from provisioner.documents.fleet_document import (
    is_inside,
    is_pattern,
    normalized,
    read_fleet_document,
)
from provisioner.model.policy import check_lock
from provisioner.suggestions import did_you_mean

TAG, WAVE = "tag/", "wave/"
"""The beginnings of selectors that are no names."""


@dataclass(frozen=True, slots=True)
class FleetAccount:
    """One account of a fleet.

    Attributes:
        name: its name in the fleet.
        project: the folder of its project, relative to the fleet's folder, with forward slashes.
        target: the target of the project; "" for the project's default.
        wave: the wave of an apply, counted from 1.
        tags: the words that select it.
        span: the place of its entry.
    """

    name: str
    project: str
    target: str = ""
    wave: int = 1
    tags: tuple[str, ...] = ()
    span: Span | None = None

    def matches(self, selector: str) -> bool:
        """Return whether a selector means this account: NAME with * and ?, tag/TAG or wave/N."""
        if selector.startswith(TAG):
            return any(fnmatchcase(tag, selector.removeprefix(TAG)) for tag in self.tags)
        if selector.startswith(WAVE):
            return selector.removeprefix(WAVE) == str(self.wave)
        return fnmatchcase(self.name, selector)


@dataclass(frozen=True, slots=True)
class WaveSettings:
    """How an apply goes through the waves.

    Attributes:
        canary: the number of accounts of the first wave that go before all others.
        stop_after_failures: the number of failed accounts after which no further one begins.
    """

    canary: int = 0
    stop_after_failures: int = 1


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet.

    Attributes:
        folder: the folder of its file.
        file: the name of the file in that folder.
        accounts: its accounts, in the order of the file; those of a pattern by folder.
        waves: how an apply goes through the waves.
        findings: errors of the file.
    """

    folder: Path
    file: str
    accounts: tuple[FleetAccount, ...]
    waves: WaveSettings = field(default_factory=WaveSettings)
    findings: tuple[Diagnostic, ...] = ()

    def selected(self, only: Iterable[str]) -> tuple[FleetAccount, ...]:
        """Return the accounts that any of the selectors means; all without selectors.

        Raises:
            UsageError: a selector means no account.
        """
        selectors = [*only]
        for selector in selectors:
            if not any(account.matches(selector) for account in self.accounts):
                names = [account.name for account in self.accounts]
                hint = did_you_mean(selector, names)
                summary = f'--only: "{selector}" is no account of {self.file}'
                raise UsageError(Diagnostic(code="usage", summary=summary, hint=hint))
        return tuple(
            account
            for account in self.accounts
            if not selectors or any(account.matches(one) for one in selectors)
        )


def fleet_file(path: Path) -> Path:
    """Return the file of a fleet that a command line names: the file, or its folder."""
    return path / FLEET_NAME if path.is_dir() else path


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
    reading = _Reading(file.parent, document)
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

    def __init__(self, folder: Path, document: Document) -> None:
        self._folder = folder
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
                self._report("an entry with a pattern can't have one name", path, "name")
            else:
                folders = self._matching(project)
                if not folders:
                    text = f'no folder with a {CONFIG_NAME} matches "{project}"'
                    self._report(text, path, "project")
                for folder in sorted({*folders} - listed - matched):
                    matched.add(folder)
                    yield self._account(entry, folder, path)
        self._check_folders(self._document.data.get("include"), ("include",))

    def check(self, accounts: tuple[FleetAccount, ...]) -> None:
        """Report accounts with an equal name, or an equal project and target."""
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
        if names and self._document.file != FLEET_NAME:
            # A project that is used alone looks for the file with this name only.
            self._report(f"only {FLEET_NAME} can include folders", path[:-1], "include")
        for index, name in enumerate(names or ()):
            if not is_inside(name) or not self._is_below(name):
                self._report(f'"{name}" is not below the folder of the fleet', path, index)
            elif not (self._folder / name).is_dir():
                self._report(f'the folder "{name}" does not exist', path, index)

    def _report(self, summary: str, path: DocumentPath, key: str | int) -> None:
        hint = f"write a folder below that of {self._document.file}"
        if key == "include":
            hint = f"rename the file to {FLEET_NAME}"
        if key == "name":
            hint = "leave the name out: each account has the name of its folder"
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
