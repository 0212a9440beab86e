"""The accounts of a fleet that changed files can touch.

What is not understood touches every account that could read it, so that no account is left out by
mistake: for any change, an account is touched if its files declare something else than before.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from provisioner.app.open_project import validate
from provisioner.cli.account.targets import overlay_target
from provisioner.diagnostics import ProvisionerError, has_errors
from provisioner.documents.files.file_selection import FileSelection
from provisioner.documents.files.project_files import FLEET_NAME, discover
from provisioner.documents.fleet_document import (
    FleetDocument,
    included_paths,
    named_folders,
    read_fleet_document,
)
from provisioner.documents.schema.json_schema import check
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.fleet_reading import name_of
from provisioner.fleet.project_content import is_named, words_of
from provisioner.fleet.readable_paths import ReadablePaths, steps
from provisioner.git.changed_files import changed_since
from provisioner.git.checkout import shared_files
from provisioner.model.build import overlay_of

_YAML = (".yaml", ".yml")


class Changes(Protocol):
    """The changed files of a repository; see `ChangedFiles`."""

    @property
    def top(self) -> Path:
        """The root of the work tree."""

    @property
    def files(self) -> frozenset[Path]:
        """The paths of the changed files."""

    def at_base(self, path: Path) -> bytes | None:
        """Return the content of a file before the change; None without such a file."""


def touched_since(
    fleet: Fleet, accounts: Sequence[FleetAccount], ref: str | None
) -> tuple[Sequence[FleetAccount], Sequence[FleetAccount]]:
    """Return the accounts that the changes since a ref can touch, and the others.

    Without a ref, all accounts are among the first.

    Raises:
        ProvisionerError: what has changed is not known.
    """
    if ref is None:
        return accounts, ()
    selection = TouchedAccounts(fleet, changed_since(fleet.folder, ref))
    touched, others = list[FleetAccount](), list[FleetAccount]()
    for account in accounts:
        (touched if selection.is_touched(account) else others).append(account)
    return touched, others


class TouchedAccounts:
    """Decides which accounts a change of files can touch."""

    def __init__(self, fleet: Fleet, changes: Changes) -> None:
        """Sort the changed files by folder."""
        self._fleet = fleet
        self._changes = changes
        self._paths = ReadablePaths(changes.top)
        self._below: dict[Path, set[Path]] = defaultdict(set)
        for file in changes.files:
            for path in (file, *file.parents):
                self._below[path].add(file)
        self._documents: dict[Path, tuple[FleetDocument, FleetDocument | None]] = {}

    def is_touched(self, account: FleetAccount) -> bool:
        """Return whether the changed files can change what is declared for an account."""
        named = self._fleet.folder / account.project
        root = Path(os.path.realpath(named))
        own = self._paths.of(named)
        if own is None or self._changed(own) or self._has_other_entry(account, root):
            return True
        if any(self._changes.files.intersection(steps(path)) for path in included_paths(root)):
            return True
        overlays: set[tuple[str, Path]] = set()
        for folder in named_folders(root):
            paths = self._paths.of(folder)
            if paths is None or self._changed(paths - {folder}):
                return True
            for file in self._changed({folder}):
                target = overlay_of(Path(os.path.relpath(file, root)).as_posix())
                if target is None:
                    return True
                overlays.add((target, file))
        return bool(overlays) and self._is_concerned(account, root, overlays)

    def _changed(self, paths: Collection[Path]) -> set[Path]:
        """Return the changed files that are at or below any of some paths."""
        return {file for path in paths for file in self._below.get(path, ())}

    def _has_other_entry(self, account: FleetAccount, root: Path) -> bool:
        """Return whether the file of a fleet has another entry for an account, or may have one."""
        folder, top = self._fleet.folder, self._changes.top
        paths = self._paths.of(folder / self._fleet.file) or frozenset()
        file = Path(os.path.realpath(folder / self._fleet.file))
        if self._changed(paths - {file}) or not file.is_relative_to(top):
            return True
        above = (up / FLEET_NAME for up in (root, *root.parents) if up.is_relative_to(top))
        for one in {file, *above} & self._changes.files:
            now, before = self._versions(one)
            project = Path(os.path.relpath(root, one.parent)).as_posix()
            if before is None or now.shared_by(project) != before.shared_by(project):
                return True
            if now.lock_of(project) != before.lock_of(project):
                return True
            if one == file and (account.name, account.target) not in self._entries(account, before):
                return True
        return False

    def _versions(self, file: Path) -> tuple[FleetDocument, FleetDocument | None]:
        """Return a changed file of a fleet as it is, and as it was; None for a new one."""
        if file not in self._documents:
            content = self._changes.at_base(file)
            before = None if content is None else _document(content)
            self._documents[file] = (read_fleet_document(file), before)
        return self._documents[file]

    def _entries(self, account: FleetAccount, document: FleetDocument) -> set[tuple[str, str]]:
        """Return the names and targets that a version of the file has for the same project."""
        return {
            (name_of(entry, account.project, self._fleet.folder), entry.get("target", ""))
            for entry in document.entries_of(account.project)
        }

    def _is_concerned(
        self, account: FleetAccount, root: Path, overlays: Collection[tuple[str, Path]]
    ) -> bool:
        """Return whether changed files of overlays in shared folders concern an account.

        Those of another target do if they make, or have made, the project invalid, and if other
        files of the account name them.
        """
        project = validate(root, shared_files(root))
        if has_errors(project.findings):
            return True
        try:
            target = overlay_target(project.settings, account.target or None)
        except ProvisionerError:
            return True
        reading = _Reading(root, project.settings.selection)
        for overlay, file in overlays:
            if overlay == target:
                return True
            if is_named(file.name, reading.words_without(overlay)):
                return True
            if file.suffix.lower() in _YAML and _is_unusable(self._changes.at_base(file) or b""):
                return True
        return False


class _Reading:
    """The YAML files that a project reads."""

    def __init__(self, root: Path, selection: FileSelection) -> None:
        self._root = root
        self._selection = selection

    @cached_property
    def _files(self) -> list[tuple[str | None, set[bytes]]]:
        """The overlay and the words of each file."""
        files, _ = discover(self._root, shared_files(self._root), selection=self._selection)
        return [(overlay_of(file.name), words_of(_contents(file.read()))) for file in files]

    def words_without(self, overlay: str) -> set[bytes]:
        """Return the words of all files but those of an overlay."""
        return {word for target, words in self._files if target != overlay for word in words}


def _contents(content: object) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content


def _is_unusable(content: bytes) -> bool:
    documents, findings = read_yaml(content, "file.yaml")
    filled = (document for document in documents if document.data is not None)
    return has_errors(findings) or any(has_errors(check(one, "file")[1]) for one in filled)


def _document(content: bytes) -> FleetDocument:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, FLEET_NAME)
        file.write_bytes(content)
        return read_fleet_document(file)
