"""The part of a project's folder that is read: `include:` and `exclude:` of its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

_ANY_FOLDERS = "**"

RULE_TESTS = "rule-tests"
"""The folder in the root with the tests of the team's rules; its files hold no objects."""


class _Match(NamedTuple):
    """How a pattern fits a path.

    Attributes:
        covers: whether it matches the path or a folder above it.
        may_cover_below: whether it can match something in the path, if that is a folder.
    """

    covers: bool
    may_cover_below: bool


@dataclass(frozen=True, slots=True)
class FileSelection:
    """Decides which YAML files of a project's folder are read.

    A pattern is a path from the root. `*` and `?` match within a name, `**` matches any number of
    folders, and a pattern that matches a folder covers all files below it.

    Attributes:
        include: patterns of the files that are read; empty for all files.
        exclude: patterns of files that are not read, even if `include` matches them.
        data: paths of files that rules read; they hold no objects.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    data: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Any) -> "FileSelection":
        """Return the selection in the content of `provisioner.yaml`; an invalid one selects all."""
        data = settings if isinstance(settings, Mapping) else {}
        return cls(
            _patterns(data.get("include")),
            _patterns(data.get("exclude")),
            _data_paths(data.get("data")),
        )

    def selects(self, name: str) -> bool:
        """Return whether a file is read.

        Args:
            name: its path from the root, with forward slashes.
        """
        if self._excludes(name):
            return False
        return not self.include or any(_match(one, name).covers for one in self.include)

    def selects_below(self, folder: str) -> bool:
        """Return whether a file in a folder may be read."""
        if self._excludes(folder):
            return False
        return not self.include or any(_match(one, folder).may_cover_below for one in self.include)

    def _excludes(self, name: str) -> bool:
        if name in self.data or name.partition("/")[0] == RULE_TESTS:
            return True
        return any(_match(one, name).covers for one in self.exclude)


EVERYTHING = FileSelection()


def _patterns(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _data_paths(value: Any) -> tuple[str, ...]:
    entries = value.values() if isinstance(value, Mapping) else ()
    paths = (one.get("file") if isinstance(one, Mapping) else one for one in entries)
    return tuple(one for one in paths if isinstance(one, str))


def matches(pattern: str, name: str) -> bool:
    """Return whether a pattern matches a path itself, and not only a folder above it."""
    above = name.rpartition("/")[0]
    return _match(pattern, name).covers and not (above and _match(pattern, above).covers)


def _match(pattern: str, name: str) -> _Match:
    """Compare a path with a pattern, name by name; the time grows with the length of both."""
    steps = pattern.rstrip("/").split("/")
    states = _skipped(steps, {0})
    for part in name.split("/"):
        after = {state for state in states if state < len(steps) and steps[state] == _ANY_FOLDERS}
        after |= {
            state + 1
            for state in states
            if state < len(steps) and fnmatchcase(part, steps[state].replace("[", "[[]"))
        }
        states = _skipped(steps, after)
        if len(steps) in states:
            return _Match(covers=True, may_cover_below=True)
    return _Match(covers=False, may_cover_below=bool(states))


def _skipped(steps: list[str], states: set[int]) -> set[int]:
    """Return states and those after them, since `**` also stands for no folder at all."""
    reached = {*states}
    for state in sorted(states):
        after = state
        while after < len(steps) and steps[after] == _ANY_FOLDERS:
            after += 1
            reached.add(after)
    return reached
