"""Names that the files of a project declare, for the completion of a shell: quick and tolerant.

A person waits for the answer while typing, perhaps in the middle of an edit that leaves a file
invalid. So the lines are searched, and nothing is parsed or checked. Names that are written in an
unusual way are missing, and no other part of the program may use the result.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from provisioner.documents.files.file_selection import FileSelection
from provisioner.documents.loading import load_config

MOST_ENTRIES = 20_000
"""Maximum number of files and folders to look at: the folder may be no project but a whole disk."""

MOST_BYTES = 16 * 1024 * 1024
"""Maximum size of a file to search."""

KINDS = ("agents", "roles", "departments", "profiles")

_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'"
_SECTION = re.compile(r"^([A-Za-z_]\w*)[ \t]*:", re.MULTILINE)
_IN_BLOCK = re.compile(
    r"^[ \t]*(?:-[ \t]+)*(name|email):[ \t]+"
    rf"({_QUOTED}|[^\s\"'\[{{&*!|>%@`#].*?)[ \t]*(?:[ \t]#.*)?$",
    re.MULTILINE,
)
_IN_FLOW = re.compile(rf"[{{,]\s*(name|email):[ \t]*({_QUOTED}|[^\"'\s,}}\]][^,}}\]\n]*)")


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """Names in the files of a project, sorted.

    Attributes:
        targets: names of the targets.
        objects: mapping from each of `KINDS` to names; agents have emails.
    """

    targets: list[str] = field(default_factory=list)
    objects: dict[str, list[str]] = field(default_factory=dict)


def declared_names(root: Path) -> DeclaredNames:
    """Return the names in the files of a project; files that can't be read are skipped."""
    config = load_config(root).config
    data = config.data if config else None
    targets = data.get("targets") if isinstance(data, dict) else None
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for text in _texts(root, FileSelection.of(data)):
        for kind, section in _sections(text):
            found[kind].update(_names(section, "email" if kind == "agents" else "name"))
    return DeclaredNames(
        sorted(map(str, targets)) if isinstance(targets, dict) else [],
        {kind: sorted(names) for kind, names in found.items()},
    )


def _texts(root: Path, selection: FileSelection) -> Iterator[str]:
    top = root.resolve()
    for path in islice(_files(root), MOST_ENTRIES):
        if path.resolve().is_relative_to(top) and selection.selects(
            path.relative_to(root).as_posix()
        ):
            try:
                if path.is_file() and path.stat().st_size <= MOST_BYTES:
                    yield path.read_text("utf-8", errors="replace")
            except OSError:
                continue


def _files(root: Path) -> Iterator[Path]:
    """Yield the YAML files below a folder; links to folders are not followed."""
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(folders) + len(files)
        if seen > MOST_ENTRIES:
            return
        for name in sorted(files):
            if not name.startswith(".") and name.lower().endswith((".yaml", ".yml")):
                yield Path(folder, name)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text below each top-level key of `KINDS`."""
    keys = [*_SECTION.finditer(text)]
    ends = [key.start() for key in keys[1:]] + [len(text)]
    for key, end in zip(keys, ends, strict=False):
        if key[1] in KINDS:
            yield key[1], text[key.end() : end]


def _names(section: str, key: str) -> Iterator[str]:
    for pattern in (_IN_BLOCK, _IN_FLOW):
        for match in pattern.finditer(section):
            name = _unquoted(match[2].strip())
            if match[1] == key and name.isprintable() and (key == "name" or "@" in name):
                yield name


def _unquoted(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
