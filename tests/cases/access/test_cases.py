"""Golden renderings of access and of a difference, in every format.

The style and the script of the HTML are masked: they are files of their own.
"""

import re
from pathlib import Path

import pytest

from provisioner.render.access import access_csv, access_table
from provisioner.render.html import access_page
from provisioner.render.json_text import json_text
from tests import access_lists

FOLDER = Path(__file__).parent
ASSET = re.compile(r"(?s)(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|sha256-[\w+/=]+")
HOSTILE = "=1+1\u202e<b>x</b>\x1b[31m"

LISTS = {
    "typical": access_lists.typical,
    "hostile": lambda: access_lists.hostile(HOSTILE),
}


def check(name: str, text: str, *, update_golden: bool) -> None:
    file = FOLDER / name
    if update_golden:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_shown_as_reviewed(name: str, *, update_golden: bool) -> None:
    report = LISTS[name]()
    for ending, text in {
        ".txt": access_table.as_text(report, color=False, width=80),
        "-wide.txt": access_table.as_text(report, color=False),
        ".csv": access_csv.as_csv(report),
        ".json": json_text(report.as_data()),
        ".html": ASSET.sub("…", access_page.draw(report)),
    }.items():
        check(f"{name}{ending}", text, update_golden=update_golden)


def test_a_difference_is_shown_as_reviewed(*, update_golden: bool) -> None:
    report = access_lists.difference()
    for ending, text in {
        ".txt": access_table.difference_as_text(report, color=False, width=80),
        ".csv": access_csv.difference_as_csv(report),
        ".json": json_text(report.as_data()),
        ".html": ASSET.sub("…", access_page.draw_difference(report)),
    }.items():
        check(f"difference{ending}", text, update_golden=update_golden)


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for report in (access_lists.typical(), access_lists.many(3)):
        lines = access_table.as_text(report, color=False, width=width).splitlines()
        assert max(map(len, lines)) <= width
