"""The pictures on the pages exist, come from `make pictures`, and are small.

What they show is not compared, because fonts differ between machines.
"""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.pictures import PICTURES, terminal
from docs.pictures.terminal import Frame
from tests.docs.test_docs import PAGES, ROOT

FOLDER = ROOT / "docs" / "pictures"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)|<img[^>]* src=\"([^\"]+)\"")
NOT_PICTURED = {ROOT / "docs" / name for name in ("performance.svg", "minutes.svg")}
"""Drawn by `make bench`."""


def shown() -> set[Path]:
    """Return the pictures that pages show."""
    return {
        (page.parent / (markdown or html)).resolve()
        for page in PAGES
        for _, markdown, html in PICTURE.findall(page.read_text("utf-8"))
    }


def test_pages_show_each_picture_and_no_other() -> None:
    assert shown() - NOT_PICTURED == {FOLDER / name for name in PICTURES}


def test_the_folder_has_only_pictures_of_the_script() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in {".svg", ".png", ".gif"}}
    assert files == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small(name: str) -> None:
    assert 0 < (FOLDER / name).stat().st_size <= PICTURES[name]


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith(".svg")])
def test_a_drawing_is_well_formed_and_loads_nothing(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    root = ET.fromstring(text)  # noqa: S314 - our own file
    assert root.tag.endswith("svg")
    assert set(re.findall(r"https?://[^\"\s<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<script|<image|url\(|@import", text)


def test_a_drawing_keeps_foreign_text_as_text() -> None:
    drawn = terminal.still("\x1b[1;31m<b>&\x1b[0m ok", "a < b")
    texts = [*ET.fromstring(drawn).itertext()]  # noqa: S314
    assert texts[0] == "a < b"
    assert "<b>&" in texts


def test_a_recording_shows_one_frame_at_a_time_and_the_last_one_without_motion() -> None:
    drawn = terminal.recording([Frame("one", 1), Frame("two", 3)], "Two frames")
    assert "0%{opacity:1}0.00%{opacity:1}25.00%,100%{opacity:0}" in drawn
    assert "0%{opacity:0}25.00%{opacity:1}100.00%,100%{opacity:0}" in drawn
    assert "prefers-reduced-motion:reduce){.f{animation:none!important}#f1{opacity:1}}" in drawn


@pytest.mark.slow
def test_erased_progress_and_hashes_are_not_shown(tmp_path: Path) -> None:
    progress = r"printf 'busy\n\033[?25h\r\033[1A\033[2Kdone %s\n' " + "0123456789abcdef" * 4
    assert terminal.run(progress, tmp_path, {"PATH": "/usr/bin:/bin"}) == "done …"
