"""Keeps the ticks of a list of manual steps when a newer list replaces it."""

import re
from collections.abc import Iterator

_TASK = re.compile(r"- \[(.)\] \*\*\d+\*\* (?![^\n]*\*ticks itself off\*\n)(.*)", re.DOTALL)
"""A task that a person ticks. What ticks itself off is still to do if it is in the list."""


def keep_ticks(new: str, old: str) -> str:
    """Return a list in which each task that is ticked in the old one, and the same, is ticked.

    A task is the same if its page and its text are.
    """
    ticked = {task for _, tick, task in _tasks(old.replace("\r", "")) if tick in {"x", "X"}}
    return "".join(
        part.replace("[ ]", "[x]", 1) if task in ticked else part for part, _, task in _tasks(new)
    )


def _tasks(text: str) -> Iterator[tuple[str, str, tuple[str, str] | None]]:
    """Yield each part of a list with its tick, and its page and text if it is a task."""
    page = ""
    for part in re.split(r"(?m)^(?=\S)", text):
        page = part.strip() if part.startswith("### ") else page
        task = _TASK.match(part)
        yield part, task[1] if task else "", (page, task[2].strip()) if task else None
