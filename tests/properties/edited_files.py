"""Random YAML files with comments, with the lines of each entry, and random edits of them."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

KEYS = ["name", "role", "chat", "Support", "Sales EU", "max_load", "ünïcode", "on", "12"]
TEXTS = [
    *("Mia", "Mia Chen", "it's", 'say "hi"', "a, b", "x: y", "NO", "09:00", "", " padded ", "é"),
    *("# no comment", "[a]", "{a}", "- a", "*a", "&a", "true", "12", "~", "Kind regards\nMia"),
]


@dataclass
class File:
    """A random file.

    Attributes:
        data: its content.
        lines: its lines without line breaks.
        owners: the path of the innermost entry of each line; None for comments between entries.
        inline: the text of each scalar on one line, by its path.
    """

    seed: int
    data: Any = None
    lines: list[str] = field(default_factory=list)
    owners: list[Path] = field(default_factory=list)
    inline: dict[Path, str] = field(default_factory=dict)
    block: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  repeatable on purpose
        self._comments = 0
        self._step = self.random.choice([2, 2, 2, 4])
        self._list_step = self.random.choice([0, self._step])
        self.data = self._mapping(0)
        if self._chance(0.2):
            self._add("---", ())
        self._entries(self.data, (), 0)
        self.newline = self.random.choice(["\n", "\n", "\r\n"])
        self.text = self.newline.join(self.lines) + self.random.choice(["", self.newline])

    def _chance(self, part: float) -> bool:
        return self.random.random() < part

    def comment(self) -> str:
        self._comments += 1
        return f"# c{self._comments}."

    def scalar(self) -> Any:
        return self.random.choice([*TEXTS, *TEXTS, 0, 7, True, False, None])

    def _mapping(self, depth: int) -> dict[str, Any]:
        keys = self.random.sample(KEYS, self.random.randint(0 if depth else 1, 4))
        return {key: self.value(depth + 1) for key in keys}

    def value(self, depth: int = 0) -> Any:
        kind = self.random.random()
        if depth < 5 and kind < 0.3:
            return self._mapping(depth)
        if depth < 5 and kind < 0.5:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 3))]
        return self.scalar()

    def _add(self, line: str, owner: Path) -> None:
        self.lines.append(line)
        self.owners.append(owner)

    def _between(self, owner: Path, indent: int) -> None:
        if self._chance(0.15):
            self._add("", owner)
        if self._chance(0.2):
            self._add(f"{'':{indent}}{self.comment()}", owner)

    def _entries(self, data: Any, path: Path, indent: int, first: str = "") -> None:
        """Write a collection in block style; `first` is the text before its first entry."""
        self.block.add(path)
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for number, (key, value) in enumerate(items):
            start = f"{'':{indent}}" if number or not first else first
            if number or not first:
                self._between(path, indent)
            word = f"{self._key(str(key))}:" if isinstance(data, dict) else "-"
            self._entry(start + word, value, (*path, key), indent, is_item=isinstance(data, list))

    def _entry(self, head: str, value: Any, path: Path, indent: int, *, is_item: bool) -> None:
        end = f" {self.comment()}" if self._chance(0.25) else ""
        if isinstance(value, str) and "\n" in value and self._chance(0.7):
            self._add(f"{head} |-", path)
            for line in value.split("\n"):
                self._add(f"{'':{indent + 2}}{line}", path)
        elif isinstance(value, dict | list) and value and self._chance(0.7):
            if is_item and self._chance(0.8):
                self._entries(value, path, indent + 2, f"{head} ")
                return
            self._add(f"{head}{end}", path)
            is_list = isinstance(value, list)
            step = (2 if is_item else self._list_step) if is_list else self._step
            self._entries(value, path, indent + step)
        elif isinstance(value, dict | list) and value and self._chance(0.3):
            self._lines_in_brackets(head, value, path, indent)
        elif value is None and self._chance(0.5):
            self._add(f"{head}{end}", path)
        else:
            self.inline[path] = self._inline(value, in_brackets=False)
            self._add(f"{head} {self.inline[path]}{end}", path)

    def _lines_in_brackets(self, head: str, value: Any, path: Path, indent: int) -> None:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        self._add(f"{head} {opening}", path)
        items = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
        for number, (key, one) in enumerate(items):
            word = f"{self._key(str(key))}: " if isinstance(value, dict) else ""
            comma = "," if number < len(items) - 1 or self._chance(0.5) else ""
            end = f" {self.comment()}" if self._chance(0.4) else ""
            shown = self._inline(one, in_brackets=True)
            self._add(f"{'':{indent + 2}}{word}{shown}{comma}{end}", (*path, key))
        self._add(f"{'':{indent + 1}}{closing}", path)

    def _inline(self, value: Any, *, in_brackets: bool) -> str:
        if isinstance(value, dict):
            parts = [
                f"{self._key(k)}: {self._inline(v, in_brackets=True)}" for k, v in value.items()
            ]
            space = self.random.choice(["", " "])
            return (
                f"{{{space}{', '.join(parts)}{',' if parts and self._chance(0.1) else ''}{space}}}"
            )
        if isinstance(value, list):
            parts = [self._inline(one, in_brackets=True) for one in value]
            return f"[{', '.join(parts)}]"
        if isinstance(value, str):
            return self._quoted(value, in_brackets=in_brackets)
        return json.dumps(value)

    def _quoted(self, text: str, *, in_brackets: bool) -> str:
        is_plain = text.replace(" ", "").replace("'", "").isalpha() and text == text.strip()
        if is_plain and text not in {"true", "false", "null"} and self._chance(0.7):
            return text
        if "\n" not in text and self._chance(0.4):
            return "'" + text.replace("'", "''") + "'"
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        del in_brackets
        return f'"{escaped}"'

    def _key(self, key: str) -> str:
        return f'"{key}"' if key == "12" or self._chance(0.05) else key

    def region(self, path: Path) -> tuple[int, int]:
        """Return the first line of an entry and the one after its last line."""
        lines = [at for at, owner in enumerate(self.owners) if owner[: len(path)] == path]
        return (min(lines), max(lines) + 1) if lines else (0, len(self.lines))

    def paths(self) -> list[Path]:
        """Return the path of each entry."""
        return [*_paths(self.data, ())]


def _paths(data: Any, path: Path) -> Any:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _paths(value, (*path, key))
