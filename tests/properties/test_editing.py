"""Edits of files with comments: only the edited entry changes, byte for byte.

The files are generated together with the lines of each entry, so the tests know without the editor
which bytes an edit may touch.
"""

import json
import re
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from provisioner.documents.editing import (
    AppendItem,
    Edit,
    RemoveEntry,
    RenameKey,
    SetValue,
    edited,
)
from provisioner.documents.yaml.yaml_reader import read_yaml
from tests.effort import examples
from tests.properties.edited_files import File, Path

EDITS = examples(250)
"""10,000 in `make soak`."""

PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_bytes_outside_of_the_edit_do_not_change(part: int) -> None:
    for seed in range(part, EDITS, PARTS):
        check(File(seed))


def check(file: File) -> None:
    edit, wanted = random_edit(file)
    after = edited(file.text, [edit])
    about = f"seed {file.seed}\n{edit}\n--- before\n{file.text}\n--- after\n{after}"
    assert same(read(after), wanted), about
    start, end = allowed(file, edit)
    assert after.startswith(file.text[:start]), about
    assert after[start:].endswith(file.text[end:]), about
    assert not lost_comments(file, edit, after), about
    if "\r\n" in file.text:
        assert "\n" not in after.replace("\r\n", ""), about
    if isinstance(edit, SetValue) and edit.path in file.inline and is_line(edit.value):
        assert replaced_characters(file.text, after) <= len(file.inline[edit.path]), about


def random_edit(file: File) -> tuple[Edit, Any]:
    """Return an edit, and the content that the file must have after it."""
    choose, wanted = file.random, deepcopy(file.data)
    paths = file.paths()
    path = choose.choice(paths)
    kind = choose.choice(["set", "set", "insert", "append", "remove", "remove", "rename"])
    parent = at(wanted, path[:-1])
    value = file.value(2)
    if kind == "remove":
        del parent[path[-1]]
        return RemoveEntry(path), wanted
    if kind == "rename" and isinstance(parent, dict):
        renamed = {("New name" if key == path[-1] else key): one for key, one in parent.items()}
        return RenameKey(path, "New name"), replaced(wanted, path[:-1], renamed)
    if kind == "append":
        lists = [one for one in paths if isinstance(at(wanted, one), list)]
        if lists:
            path = choose.choice(lists)
            items = at(wanted, path)
            before = choose.choice([None, *range(len(items))])
            items.insert(len(items) if before is None else before, value)
            return AppendItem(path, value, before), wanted
    if kind == "insert":
        maps = [(), *(one for one in paths if isinstance(at(wanted, one), dict))]
        path = (*choose.choice(maps), "new_key")
    return SetValue(path, value), replaced(wanted, path, value)


def allowed(file: File, edit: Edit) -> tuple[int, int]:
    """Return the offsets of the lines that an edit may change."""
    path = edit.path
    exists = path[-1:] and path in file.paths()
    if not exists:  # an insertion: at or below the last line of the mapping
        path = path[:-1]
    first, last = file.region(path) if path else (0, len(file.lines))
    if isinstance(edit, RemoveEntry):
        siblings = at(file.data, path[:-1])
        if len(siblings) == 1:  # the collection becomes empty brackets
            first, last = file.region(path[:-1]) if path[:-1] else (0, len(file.lines))
        elif first == file.region(path[:-1])[0]:  # shares the line of a dash, or of a bracket
            last = next_content(file, last)
    offsets = [0]
    for line in file.lines:
        offsets.append(offsets[-1] + len(line) + len(file.newline))
    start = offsets[first] - (len(file.newline) if first else 0)
    return start, offsets[last]


def next_content(file: File, line: int) -> int:
    while line < len(file.lines) and not file.lines[line].strip():
        line += 1
    return min(line + 1, len(file.lines))


def replaced_characters(before: str, after: str) -> int:
    """Return the length of the part of a text that another one does not have."""
    start = alike(before, after)
    return len(before) - start - alike(before[start:][::-1], after[start:][::-1])


def alike(one: str, other: str) -> int:
    """Return the length of the beginning that two texts have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def lost_comments(file: File, edit: Edit, after: str) -> Counter[str]:
    """Return the comments that are gone, without those inside of the replaced entry."""
    first, last = file.region(edit.path) if edit.path in file.paths() else (0, 0)
    gone = Counter(comments(file.text)) - Counter(comments(after))
    if not isinstance(edit, RenameKey | AppendItem):
        inside = "\n".join(file.lines[first:last])
        gone -= Counter(comments(inside))
        if isinstance(edit, RemoveEntry) and len(at(file.data, edit.path[:-1])) == 1:
            first, last = file.region(edit.path[:-1])
            gone -= Counter(comments("\n".join(file.lines[first:last])))
    return gone


def comments(text: str) -> list[str]:
    return re.findall(r"# c\d+\.", text)


def read(text: str) -> Any:
    [document], findings = read_yaml(text.encode(), "a.yaml")
    assert findings == []
    return document.data


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def is_line(value: Any) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def replaced(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    at(data, path[:-1])[path[-1]] = value
    return data
