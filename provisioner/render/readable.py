"""Values, counts and times as people read them, and text from outside made harmless."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from provisioner.address import fold
from provisioner.characters import spelt_out
from provisioner.model.kinds import DAYS, KINDS, SERVICES, Collection, FieldGroup, Shape

Part = TypeVar("Part")


LONGEST = 200
"""Characters of a text that are shown."""

CONTEXT = 20
"""Characters that are shown before the point where two long texts begin to differ."""

EXCERPT = 80
"""Characters that are shown around that point."""

DIGEST = "sha256:"
"""Prefix of a value that is the digest of a file's content."""


def harmless(text: str) -> str:
    """Return text with invisible characters spelt out by their codes.

    They could move the cursor, hide text, change its direction, or make two names look the same.
    """
    return spelt_out(text)


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return a key to sort names by, so that `Dept 2` comes before `Dept 10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((int(part), "") if part.isdecimal() else (-1, fold(part)) for part in parts)


def ordered(content: Mapping[str, Part]) -> list[tuple[str, Part]]:
    """Return entries in an order that does not depend on the file that they were read from.

    Days and fields have the order of the table of kinds; names follow, sorted naturally.
    """
    return sorted(content.items(), key=lambda item: _position(item[0]))


@lru_cache(maxsize=4096)  # the same few names are in thousands of objects
def _position(name: str) -> tuple[int, Any, str]:
    return (_PLACES.get(name, len(_PLACES)), natural(name), name)


def _names(shape: Shape) -> Iterator[str]:
    if isinstance(shape, FieldGroup):
        for name, part in shape.fields.items():
            yield name
            yield from _names(part)
    elif isinstance(shape, Collection):
        yield from _names(shape.entry)


_PLACES = {
    name: place
    for place, name in enumerate(
        dict.fromkeys((*DAYS, *(name for row in KINDS.values() for name in _names(row.shape))))
    )
}


def brief(text: str, longest: int = LONGEST) -> str:
    """Return text made harmless, and cut if it is long."""
    shown = text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
    return harmless(shown)


def ordinal(number: int) -> str:
    """Return a number as `1st`, `2nd`, `3rd`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def value(content: Any) -> str:
    """Return a field's value as people read it."""
    match content:
        case bool():
            return "yes" if content else "no"
        case str():
            return _text(content)
        case Mapping() if content:
            return ", ".join(
                f"{harmless(str(key))} {value(part)}" for key, part in ordered(content)
            )
        case Sequence() if content:
            return ", ".join(value(part) for part in content)
        case int() | float():
            return str(content)
        case _:
            return "(none)"


def contrast(before: Any, after: Any) -> tuple[str, str]:
    """Return two values as people read them; of long texts, the parts that differ."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return value(before), value(after)
    pairs = enumerate(zip(before, after, strict=False))
    alike = next((at for at, (old, new) in pairs if old != new), min(len(before), len(after)))
    skipped = max(0, alike - CONTEXT)
    if skipped <= CONTEXT or max(len(before), len(after)) <= LONGEST:
        return value(before), value(after)
    return _excerpt(before, skipped), _excerpt(after, skipped)


def _excerpt(text: str, start: int) -> str:
    shown = text[start : start + EXCERPT].replace("\n", " ⏎ ")
    return f"…{harmless(shown)}{'…' if len(text) > start + EXCERPT else ''}"


def membership(name: str, entry: Mapping[str, Any]) -> str:
    """Return a department with the services and role there: `Support (tickets, chats; manager)`."""
    services = ", ".join(service for service in SERVICES if entry.get(service))
    parts = [part for part in (services, harmless(entry.get("role") or "")) if part]
    if entry.get("change_own_status"):
        parts.append("changes own status")
    if entry.get("signature"):
        parts.append("own signature")
    return f"{harmless(name)} ({'; '.join(parts)})" if parts else harmless(name)


def week(content: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str:
    """Return planned hours: `Support chats mon-fri 09:00-17:00; Sales calls mon 08:00-12:00`."""
    parts = [f"{harmless(name)} {services(entry)}" for name, entry in ordered(content) if entry]
    return "; ".join(parts) or "(none)"


def services(content: Mapping[str, Mapping[str, str]]) -> str:
    """Return the planned hours of a department: `chats mon-fri 09:00-17:00, calls mon 08:00`."""
    return ", ".join(f"{service} {days(week)}" for service, week in ordered(content)) or "(none)"


def days(content: Mapping[str, str]) -> str:
    """Return the planned hours of a service, with equal days together."""
    runs: list[list[str]] = []
    for day in (day for day in DAYS if day in content):
        last = runs[-1][-1] if runs else ""
        follows = last and DAYS.index(day) == DAYS.index(last) + 1
        if follows and content[day] == content[last]:
            runs[-1].append(day)
        else:
            runs.append([day])
    texts = [
        f"{run[0]}-{run[-1]} {content[run[0]]}" if len(run) > 1 else f"{run[0]} {content[run[0]]}"
        for run in runs
    ]
    return ", ".join(texts) or "(none)"


def _text(content: str) -> str:
    """Return a text on one line, cut if it is long; of a digest only its beginning."""
    if content.startswith(DIGEST):
        return f"file {content[len(DIGEST) : len(DIGEST) + 12]}…"
    return brief(content.replace("\n", " ⏎ ")) or "(none)"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 agent`, `2 agents`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def people(number: int) -> str:
    """Return a number of people: `1 person`, `2 people`."""
    return "1 person" if number == 1 else f"{number} people"


def duration(seconds: int) -> str:
    """Return a duration: `40 s`, `2 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def number_ranges(numbers: Sequence[int]) -> str:
    """Return sorted numbers with runs as ranges: `1-4, 7, 9, 10`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )
