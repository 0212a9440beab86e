"""Golden plans: what reviewers read, and what machines do.

A case is a folder with `before*/`, which are applied to a fresh account in turn, and `after/`,
which is then planned. Ids and what depends on them are masked in the JSON, since they are drawn
anew each time.
A file `surface` with the word v3 plans on the documented API.
"""

import json
import re
from pathlib import Path

import pytest

from tests.support import account

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/after"))
MASKED = re.compile(r'"(id|snapshot|checksum)": "(?!agent/|role/|department/)[^"]*"')

ADDRESS = "https://acme.example"
"""Stands for the account's address, whose port changes."""


def golden(file: Path, text: str, *, update: bool) -> None:
    if update:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_plan_is_as_reviewed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    monkeypatch.chdir(folder)
    surface = (folder / "surface").read_text().strip() if (folder / "surface").exists() else "full"
    for before in sorted(folder.glob("before*")):
        with account(tmp_path) as live:
            live.apply(before)
    with account(tmp_path, surface=surface) as live:
        url = live.server.url
        text = live.run("plan", "after").output.replace(url, ADDRESS)
        data = live.run("plan", "after", "--format", "json").stdout.replace(url, ADDRESS)
        comment = live.run("plan", "after", "--format", "markdown").stdout.replace(url, ADDRESS)
    golden(folder / "expected.txt", text, update=update_golden)
    golden(folder / "expected.md", comment, update=update_golden)
    masked = MASKED.sub(r'"\1": "…"', data)
    golden(folder / "expected.json", masked, update=update_golden)
    assert json.loads(masked)["format_version"] == "1.0"
