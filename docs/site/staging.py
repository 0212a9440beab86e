"""Collects the pages of the site: docs/, and the files of the repository that pages link to.

A page in docs/ may link to any file of the repository, such as `../examples/acme`. Such a link
works where the repository is shown. In the site it leads to a page that shows the file, or all
files of the folder.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import yaml

from docs.site import FILES, STYLE

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^ *(```+|~~~+)")
CELL_CODE = re.compile(r"^\|.*`.*\|$")
"""A row of a table with code."""

REPOSITORY = PurePosixPath("repository")
"""Folder of the site for pages that are not in docs/."""

LANGUAGES = {".yml": "yaml", ".yaml": "yaml", ".json": "json", ".sh": "sh", ".py": "python"}
LANGUAGES |= {".toml": "toml", ".csv": "csv"}
PICTURES = frozenset({".png", ".svg", ".jpg"})
NOT_SHOWN = frozenset({".provisioner", "__pycache__"})


class DeadLinkError(Exception):
    """A page links to a file that does not exist."""


class Staging(NamedTuple):
    """A copy of the documentation in which every link leads to a page of the site.

    Attributes:
        root: the folder of the repository.
        pages: the folder of the copy.
    """

    root: Path
    pages: Path

    def stage(self) -> list[str]:
        """Write all pages, and return the paths of those that are not in docs/."""
        shutil.copytree(
            self.root / "docs",
            self.pages,
            ignore=shutil.ignore_patterns("*.md", "*.py", "__pycache__", FILES.name),
        )
        shutil.copy(FILES / STYLE, self.pages / STYLE)
        todo = sorted(path.relative_to(self.root) for path in (self.root / "docs").rglob("*.md"))
        done: set[Path] = set()
        while todo:
            source = todo.pop()
            if source in done:
                continue
            done.add(source)
            target = self.pages / page_of(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            text, linked = self._text(source)
            target.write_text(text, encoding="utf-8")
            todo += linked
        return sorted(str(page_of(path)) for path in done if path.parts[0] != "docs")

    def _text(self, source: Path) -> tuple[str, list[Path]]:
        """Return the Markdown of a file or folder, and the files to which it links."""
        path = self.root / source
        if path.is_dir():
            parts = [
                f"## {file.relative_to(path).as_posix()}\n\n{_shown(file)}"
                for file in sorted(path.rglob("*"))
                if file.is_file() and not NOT_SHOWN & {*file.parts}
            ]
            head = f"# {source.as_posix()}\n\nThe files of this folder of the repository.\n\n"
            return head + "\n".join(parts), []
        if path.suffix != ".md":
            return f"# {source.as_posix()}\n\n{_shown(path)}", []
        linked: list[Path] = []

        def moved(match: re.Match[str]) -> str:
            file = Path(os.path.normpath(source.parent / match[1]))
            if not (self.root / file).exists():
                raise DeadLinkError(f"{source}: {match[1]}")
            if file.parts[0] == "docs" and file.suffix != ".md":
                target = PurePosixPath(*file.parts[1:])
            else:
                linked.append(file)
                target = page_of(file)
            start = page_of(source).parent
            return os.path.relpath(target, start) + (match[2] or "")

        lines = [
            line if fenced else LINK.sub(moved, CELL_CODE.sub(_plain_pipes, line))
            for line, fenced in _lines(path.read_text(encoding="utf-8"))
        ]
        return "".join(lines), [file for file in linked if file != Path("README.md")]


def page_of(source: Path) -> PurePosixPath:
    """Return the page in the site of a file or folder of the repository."""
    parts = PurePosixPath(source.as_posix())
    if parts == PurePosixPath("README.md"):
        return PurePosixPath("index.md")
    if parts.parts[0] == "docs":
        return parts.relative_to("docs")
    # The generator skips names that begin with a dot.
    page = REPOSITORY.joinpath(*(part.lstrip(".") for part in parts.parts))
    return page if page.suffix == ".md" else page.with_name(f"{page.name}.md")


def settings(others: list[str]) -> dict[str, Any]:
    """Return the generator's settings, with sections for decisions and for pages not in docs/."""
    whole: dict[str, Any] = yaml.safe_load((FILES / "mkdocs.yml").read_text(encoding="utf-8"))
    decisions = sorted(f"adr/{path.name}" for path in (FILES.parent / "adr").glob("[0-9]*.md"))
    whole["nav"] += [{"Decisions": ["adr/README.md", *decisions]}, {"Repository": others}]
    return whole


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it is in a fenced block."""
    fence = ""
    for line in text.splitlines(keepends=True):
        match = FENCE.match(line)
        yield line, bool(fence or match)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""


def _plain_pipes(row: re.Match[str]) -> str:
    """Return a row of a table in which code has plain pipes, which the generator expects."""
    return re.sub(r"`[^`]+`", lambda code: code[0].replace(r"\|", "|"), row[0])


def _shown(file: Path) -> str:
    if file.suffix in PICTURES:
        return f"A picture of {file.stat().st_size} bytes.\n"
    text = file.read_text(encoding="utf-8")
    return f"``````{LANGUAGES.get(file.suffix, 'text')}\n{text.rstrip()}\n``````\n"
