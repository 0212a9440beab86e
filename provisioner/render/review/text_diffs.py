"""Texts of several lines as line diffs: every format draws the same lines."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from provisioner.render import readable

CONTEXT = 1
"""Equal lines that are shown before and after a changed one."""

ONE_LINE = 60
"""Characters up to which a text of one line is shown as `before → after`."""

SAME, ADDED, REMOVED, SKIPPED = " ", "+", "-", "…"

DiffLine = tuple[str, str]
"""The sign of a line, and the line."""


def is_long_text(*values: Any) -> bool:
    """Return whether a change of a field is shown as a line diff."""
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if value is not None and not isinstance(value, str)]
    is_long = any("\n" in text or len(text) > ONE_LINE for text in texts)
    return is_long and not others and not any(text.startswith(readable.DIGEST) for text in texts)


def diff_lines(before: Any, after: Any) -> tuple[DiffLine, ...]:
    """Return the lines that a text loses and gains, with a little of what is around them.

    Args:
        before: the former text, or None.
        after: the new text, or None.
    """
    return tuple(_diff_lines((before or "").splitlines(), (after or "").splitlines()))


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
            yield from ((REMOVED, line) for line in before[old:old_end])
            yield from ((ADDED, line) for line in after[new:new_end])
        shown_to = group[-1][2]
    if shown_to < len(before) and shown_to:
        yield SKIPPED, ""
