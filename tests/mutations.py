"""Damages the tool's own files at random, from a seed, for tests of reading them."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from provisioner.planning.plans.plan_json import checksum

RAW = "@raw:"
"""Marks a text that goes into the JSON without quotes, which no JSON writer would write."""

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**63,
    10**400,
    "",
    " ",
    "x" * 100_000,
    "\ud800",
    "\u202e\x00\x1b[31m",
    "agent/",
    "ghost/x",
    "/",
    "25:99-99:00",
    "..",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"id": 5},
    f"{RAW}NaN",
    f"{RAW}-Infinity",
    f"{RAW}1e999",
    f'{RAW}{{"a": 1, "a": 2}}',
    RAW + "9" * 5000,
    RAW + "[" * 50_000 + "]" * 50_000,
    RAW + '{"a":' * 300 + "1" + "}" * 300,
)
"""Values that replace others."""

Path = tuple[str | int, ...]


class Mutator:
    """Makes damaged copies of files, from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  no secret depends on it

    def raw(self, content: bytes) -> bytes:
        """Return content with its bytes damaged."""
        at = self.chance.randrange(len(content) + 1)
        piece = self.chance.choice(
            [b"\xff", b"\x00", b"\xef\xbb\xbf", b"\r\n", b"\xed\xa0\x80", b'"', b"}", b"{", b"[1]"]
        )
        ways: list[Callable[[], bytes]] = [
            lambda: content[:at],
            lambda: content[at:],
            lambda: content[:at] + piece + content[at:],
            lambda: content[:at] + piece + content[at + len(piece) :],
            lambda: b"\xef\xbb\xbf" + content,
            lambda: content.decode(errors="replace").encode("utf-16"),
            lambda: content * 2,
            lambda: b"",
            lambda: piece,
        ]
        return self.chance.choice(ways)()

    def data(self, data: Any) -> Any:
        """Return JSON data with one to three of its values damaged."""
        damaged = deepcopy(data)
        for _ in range(self.chance.randint(1, 3)):
            damaged = self._once(damaged)
        return damaged

    def plan(self, content: bytes) -> bytes:
        """Return a damaged plan file; most of them with a valid checksum."""
        if self.chance.random() < 0.1:
            return self.raw(content)
        data = self.data(json.loads(content))
        if isinstance(data, dict) and self.chance.random() < 0.95:
            return sealed_plan(data)
        return text_of(data)

    def snapshot(self, content: bytes) -> bytes:
        """Return a damaged snapshot; most of them with a valid checksum."""
        if self.chance.random() < 0.1:
            return self.raw(content)
        data = self.data({k: v for k, v in json.loads(content).items() if k not in _SEAL})
        rest = text_of(data)
        if isinstance(data, dict):
            rest = rest.strip().removeprefix(b"{") + b"\n"
        return sealed_snapshot(rest, version="1.0")

    def record(self, content: bytes) -> bytes:
        """Return a damaged record: in its lines, or in their content."""
        lines = content.splitlines()
        match self.chance.randrange(10):
            case 0:
                return self.raw(content)
            case 1:
                self.chance.shuffle(lines)
            case 2:
                lines.insert(self.chance.randrange(len(lines) + 1), self.chance.choice(lines))
            case 3:
                del lines[self.chance.randrange(len(lines))]
            case _:
                # The first line has the most content, and everything depends on it.
                at = 0 if self.chance.random() < 0.6 else self.chance.randrange(len(lines))
                lines[at] = text_of(self.data(json.loads(lines[at])), indent=None).strip()
        return b"\n".join([*lines, b""])

    def _once(self, data: Any) -> Any:
        paths = [*_paths(data)]
        if not paths:
            return self.chance.choice(ODD)
        *way, last = self.chance.choice(paths)
        parent = data
        for step in way:
            parent = parent[step]
        other = self._value(data, self.chance.choice(paths))
        match self.chance.randrange(6):
            case 0:
                del parent[last]
            case 1:
                parent[last] = deepcopy(other)
            case 2 if isinstance(parent, dict):
                parent[f"{last}x"] = parent.pop(last)
            case 2:
                parent.append(deepcopy(parent[last]))
            case 3 if isinstance(parent[last], str):
                parent[last] = self._text(parent[last])
            case _:
                parent[last] = self.chance.choice(ODD)
        return data

    def _value(self, data: Any, path: Path) -> Any:
        for step in path:
            data = data[step]
        return data

    def _text(self, text: str) -> str:
        at = self.chance.randrange(len(text) + 1)
        return (
            text[:at] + self.chance.choice(["", "/", "\u0000", "é", "@", "9", " "]) + text[at + 1 :]
        )


def text_of(data: Any, indent: int | None = 1) -> bytes:
    """Return JSON data as the content of a file, with the marked texts unquoted."""
    text = json.dumps(data, indent=indent, allow_nan=True)
    for value in ODD:
        if isinstance(value, str) and value.startswith(RAW):
            text = text.replace(json.dumps(value), value.removeprefix(RAW))
    return text.encode() + b"\n"


def sealed_plan(data: dict[str, Any]) -> bytes:
    """Return a plan file of data, with a valid checksum."""
    return text_of({**data, "checksum": _plan_checksum(data)})


def sealed_snapshot(rest: bytes, version: str = "1.0") -> bytes:
    """Return a snapshot of the content after its first line, with a valid checksum."""
    seal = "sha256:" + hashlib.sha256(rest).hexdigest()
    return f'{{"provisioner_snapshot":"{version}","checksum":"{seal}",\n'.encode() + rest


def _plan_checksum(data: dict[str, Any]) -> str:
    """Return the checksum that the reader computes, if the data can be read."""
    try:
        return checksum(json.loads(text_of({**data, "checksum": ""})))
    except (ValueError, RecursionError):
        return ""


_SEAL = {"provisioner_snapshot", "checksum"}


def _paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all values inside a value."""
    entries = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in entries:
        yield (*path, key)
        yield from _paths(value, (*path, key))
