"""Texts of several lines as line diffs: every format draws the same lines."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from provisioner.render import readable

CONTEXT = 1
"""Equal lines that are shown before and after a changed one."""

SAME, ADDED, REMOVED, SKIPPED = " ", "+", "-", "…"

DiffLine = tuple[str, str]
"""The sign of a line, and the line."""


def has_lines(*values: Any) -> bool:
    """Return whether a change between these values is shown as a line diff."""
    texts = all(value is None or isinstance(value, str) for value in values)
    return texts and any("\n" in value for value in values if value)


def diff_lines(before: Any, after: Any) -> tuple[DiffLine, ...]:
    """Return the lines that a text loses and gains, with a little of what is around them.

    Args:
        before: the former text, or None.
        after: the new text, or None.
    """
    return tuple(_diff_lines(_lines(before), _lines(after)))


def _lines(text: str | None) -> list[str]:
    return text.rstrip("\n").split("\n") if text else []


def _diff_lines(before: list[str], after: list[str]) -> Iterator[DiffLine]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    shown_to = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if group[0][1] > shown_to:
            yield SKIPPED, ""
        for tag, old, old_end, new, new_end in group:
            if tag == "equal":
                yield from ((SAME, line) for line in before[old:old_end])
                continue
            yield from _changed(before[old:old_end], after[new:new_end])
        shown_to = group[-1][2]
    if shown_to < len(before) and shown_to:
        yield SKIPPED, ""


def _changed(before: list[str], after: list[str]) -> Iterator[DiffLine]:
    """Yield lines that go and lines that come; of long ones that differ, the part that differs."""
    if len(before) == len(after):
        pairs = [readable.contrast(old, new) for old, new in zip(before, after, strict=True)]
        before, after = [old for old, _ in pairs], [new for _, new in pairs]
    yield from ((REMOVED, line) for line in before)
    yield from ((ADDED, line) for line in after)
