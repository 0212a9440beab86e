"""The files that a task of another machine needs: those of a project and of its shared folders.

A file of a key is never among them, nor is another file with its name. Other files than YAML are
sent only if a YAML file names them.
"""

import os
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from provisioner.diagnostics import Diagnostic, InvalidProjectError, has_errors
from provisioner.documents.files.boundary import Boundary, IsShared
from provisioner.documents.files.data_files import MAX_DATA_BYTES
from provisioner.documents.files.file_selection import FileSelection
from provisioner.documents.files.project_files import MAX_BYTES, discover
from provisioner.documents.files.regular import read_regular
from provisioner.documents.fleet_document import fleet_of

MOST_BYTES = 64 * 1024 * 1024
"""The most that the files of one task may have: an account of over 10,000 agents."""

_WORD = re.compile(rb"[\w.+@=~-]+")
_ENDINGS = (".csv", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".json", ".md", ".png", ".txt")
_YAML = (".yaml", ".yml")
_SNAPSHOT = ".snapshot"


@dataclass(frozen=True, slots=True)
class ProjectContent:
    """The files of a project, and their places in a folder that has the fleet and all of them.

    Attributes:
        files: place to compressed content.
        fleet: the place of the fleet's folder.
        project: the place of the project.
    """

    files: Mapping[str, bytes] = field(repr=False)
    fleet: str
    project: str

    @property
    def size(self) -> int:
        """The bytes of the compressed files."""
        return sum(map(len, self.files.values()))


NO_CONTENT = ProjectContent({}, "", "")
"""The content of a task that is not sent."""


@dataclass(frozen=True, slots=True)
class PackingRules:
    """The files of a project that are sent.

    Attributes:
        selection: the YAML files that the project reads.
        is_shared: decides on files of the repository outside of the project.
        key_files: the files of keys, with links resolved.
    """

    selection: FileSelection
    is_shared: IsShared
    key_files: Collection[Path]


def packed(folder: Path, project: str, rules: PackingRules, snapshot: str = "") -> ProjectContent:
    """Return the files of a project.

    Args:
        folder: the folder of the fleet.
        project: the folder of the project, relative to it.
        rules: the files that are sent.
        snapshot: a file that replaces the account; "" for none.

    Raises:
        InvalidProjectError: a file can't be read, or all are too large.
    """
    root, fleet_folder = _resolved(folder / project), _resolved(folder)
    fleet = fleet_of(root)
    base = Path(os.path.commonpath([fleet_folder, *([fleet.parent] if fleet else [])]))
    packing = _Packing(base, rules.key_files)
    files, findings = discover(root, rules.is_shared, selection=rules.selection)
    if has_errors(findings):
        raise InvalidProjectError(*findings)
    # Files that are not read, but of which the plan warns.
    warned = (root / one.span.file for one in findings if one.span)
    for path in (*(file.path for file in files), *warned, *([fleet] if fleet else [])):
        packing.add(path, MAX_BYTES)
    boundary = Boundary(root, rules.is_shared)
    others = [
        path for top in (root, *boundary.shared_folders) for path in _other_files(top, boundary)
    ]
    if others:
        words = packing.words()
        key_names = {file.name for file in rules.key_files}
        for path in others:
            if path.name not in key_names and is_named(path.name, words):
                with suppress(OSError):  # the worker reports it as missing
                    packing.add(path, MAX_DATA_BYTES)
    if snapshot:
        packing.add(Path(snapshot), MAX_BYTES, place=_SNAPSHOT)
    compressed = {place: zlib.compress(content, 1) for place, content in packing.files.items()}
    return ProjectContent(compressed, _place(fleet_folder, base), _place(root, base))


@contextmanager
def unpacked(content: ProjectContent, project: str) -> Iterator[tuple[Path, str]]:
    """Write the files into a private temporary folder, which is removed at the end.

    `project` is the project's folder, relative to that of the fleet; it may be a link.

    Yields:
        The folder of the fleet, and the file of the snapshot or "".
    """
    with TemporaryDirectory(prefix="provisioner-task-") as folder:
        top = _resolved(Path(folder))
        # Ends the search for the file of a fleet; a link to nothing is no repository.
        (top / ".git").symlink_to("nothing")
        for place, compressed in content.files.items():
            file = Path(os.path.normpath(top / place))
            if not file.is_relative_to(top):
                raise ValueError(f"{place} is outside of the folder")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(zlib.decompress(compressed))
        fleet, root = top / content.fleet, top / content.project
        root.mkdir(parents=True, exist_ok=True)
        named = Path(os.path.normpath(fleet / project))
        if not named.exists():
            named.parent.mkdir(parents=True, exist_ok=True)
            named.symlink_to(root)
        snapshot = top / _SNAPSHOT
        yield fleet, str(snapshot) if snapshot.exists() else ""


class _Packing:
    """Files by place, while their sum is counted."""

    def __init__(self, base: Path, key_files: Collection[Path]) -> None:
        self._base = base
        self._key_files = key_files
        self._bytes = 0
        self.files: dict[str, bytes] = {}

    def add(self, path: Path, limit: int, place: str = "") -> None:
        if _resolved(path) in self._key_files:
            return
        content = read_regular(path, limit)
        self._bytes += len(content)
        if self._bytes > MOST_BYTES:
            summary = f"its files have more than {MOST_BYTES // 1024**2} MiB"
            hint = "work on this account with --engine local"
            raise InvalidProjectError(Diagnostic(code="task-too-large", summary=summary, hint=hint))
        self.files[place or _place(path, self._base)] = content

    def words(self) -> set[bytes]:
        """Return the words of all files, of which some are names of files."""
        return words_of(self.files.values())


def _other_files(folder: Path, boundary: Boundary, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield the files of a folder that are not YAML; links are followed inside the project."""
    resolved = _resolved(folder)
    if resolved in above or not boundary.contains(folder):
        return
    for entry in _entries(folder):
        path = folder / entry.name
        if entry.name.startswith(".") or entry.name.lower().endswith(_YAML):
            continue
        if path.is_dir():
            yield from _other_files(path, boundary, (*above, resolved))
        elif not entry.is_symlink() or boundary.contains(path):
            yield path


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as scan:
            return [*scan]
    except OSError:  # reported where its YAML files are read
        return ()


def words_of(contents: Iterable[bytes]) -> set[bytes]:
    """Return the words of files, for `is_named`."""
    return {word for content in contents for word in _WORD.findall(content)}


def is_named(name: str, words: Collection[bytes]) -> bool:
    """Return whether a YAML file may name a file.

    A name with other characters than those of words may be spelled in several ways in YAML.
    """
    encoded = os.fsencode(name)
    return encoded in words if _WORD.fullmatch(encoded) else name.lower().endswith(_ENDINGS)


def _place(path: Path, base: Path) -> str:
    """Return the place of a file; links of its folders are not resolved inside the project."""
    return Path(os.path.relpath(path, base)).as_posix()


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))
