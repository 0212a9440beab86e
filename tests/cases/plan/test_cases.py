"""Golden plans, as reviewers and as machines read them.

A case is a folder with `before*/`, which are applied to a fresh account in turn, and `after/`,
which is then planned. The JSON has only values that change. Ids and what depends on them are
masked, since they are drawn anew each time.
A file `surface` with the word v3 plans on the documented API.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import account

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/after"))
MASKED = re.compile(r'"(id|snapshot|checksum)": "(?!agent/|role/|department/)[^"]*"')

ROLE_ID = re.compile(r"\(role id [a-z0-9]+\)")
"""A role that API v3 shows only as an id."""

ADDRESS = "https://acme.example"
"""Replaces the account's address, since its port changes."""


def golden(file: Path, text: str, *, update: bool) -> None:
    text = ROLE_ID.sub("(role id …)", text)
    if update:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def differing(old: Any, new: Any) -> tuple[Any, Any]:
    """Return two values without the keys that have the same value in both; ids stay."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return old, new
    pairs = {
        key: differing(old.get(key), new.get(key))
        for key in {**old, **new}
        if key == "id" or key not in old or key not in new or old[key] != new[key]
    }
    return (
        {key: before for key, (before, _) in pairs.items() if key in old},
        {key: after for key, (_, after) in pairs.items() if key in new},
    )


def check_terraform_keys(data: dict[str, Any]) -> None:
    """Check the keys that repeat the changes for readers of Terraform's plans, and remove them."""
    planned = data.pop("planned_values")["root_module"]["resources"]
    configured = data.pop("configuration")["root_module"]["resources"]
    after = {one["address"]: one["change"]["after"] for one in data["resource_changes"]}
    assert {one["address"]: one["values"] for one in planned} == {
        address: values for address, values in after.items() if values is not None
    }
    identity = ("address", "mode", "type", "name")
    for one, other in zip(planned, configured, strict=True):
        assert [one[key] for key in identity] == [other[key] for key in identity]
        assert one["mode"] == "managed"


def shortened(text: str) -> str:
    """Return a plan's JSON with the values that change only; what is created stays whole."""
    data = json.loads(text)
    check_terraform_keys(data)
    cells = data["coverage"]["cells"]
    data["coverage"]["cells"] = [cell for cell in cells if cell["before"] != cell["after"]]
    for entry in data["resource_changes"]:
        change = entry["change"]
        change["before"], change["after"] = differing(change["before"], change["after"])
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_plan_is_as_reviewed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "case"))  # outside of any repository
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
    masked = MASKED.sub(r'"\1": "…"', shortened(data))
    golden(folder / "expected.json", masked, update=update_golden)
