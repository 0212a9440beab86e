"""The work list in short, as sentences: a plan shows one line for each page or value."""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence

from provisioner.model.settings import ENVIRONMENT
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import NAME, PANEL
from provisioner.planning.manual.work_list import Person, WorkEntry, WorkList, WorkPage
from provisioner.render import readable
from provisioner.render.sentences import Quoted, Sentence, joined

TITLE = "To be done by hand, since the API of this account can't"

SHOWN = 50
"""Lines of the short form; more are counted."""

_SHOWN_NAMES = 3
"""People whom a line names; more are counted."""

_LONGEST = 60
"""Characters of a value that a line shows."""

_CONFIGURATION = "Configuration > "
"""The part of the panel that all pages are in; the short form leaves it out."""


def extent(work: WorkList) -> str:
    """Return the size of a work list in words."""
    numbers = work.summary()
    pages, entries, steps = (
        readable.count(numbers[name], noun)
        for name, noun in (("pages", "page"), ("entries", "task"), ("steps", "manual step"))
    )
    people = readable.count(numbers["people"], "agent")
    return f"{steps} as {entries} on {pages}" + (f", for {people}" if numbers["people"] else "")


def list_command(target: str, *words: str) -> str:
    """Return the command for the whole list, with further words such as options."""
    option = ("-t", shlex.quote(target)) if target != ENVIRONMENT else ()
    return " ".join(("provisioner manual", *words, *option))


def short_lines(work: WorkList) -> tuple[Sentence, ...]:
    """Return a line for each page of a department or role, and for each setting of agents.

    Settings that only one agent has are together in one line for each section.
    """
    own: dict[str, list[WorkEntry]] = defaultdict(list)
    lines: list[Sentence] = []
    for page in work.pages:
        if page.entries[0].is_own:
            for entry in page.entries:
                own[entry.section].append(entry)
        else:
            lines.append(_page(page))
    lines += [_own(section, entries) for section, entries in own.items()]
    if len(lines) <= SHOWN:
        return tuple(lines)
    return (*lines[:SHOWN], (f"and {len(lines) - SHOWN} more lines; the list has all",))


def hints(work: WorkList) -> tuple[str, ...]:
    """Return the hints of a work list, each one once."""
    return tuple(dict.fromkeys(hint for entry in work.entries for hint in entry.hints))


def place_of(entry: WorkEntry, page: WorkPage) -> str:
    """Return the place of an entry on its page, or "" if page or entry have it in their words."""
    is_shown = entry.todo[0].startswith(f"{entry.place}: ") or page.panel.endswith(
        f"> {entry.place}"
    )
    return "" if is_shown else entry.place


def todo_lines(entry: WorkEntry, page: WorkPage) -> tuple[str, ...]:
    """Return the actions of an entry; the first line has the place on the page."""
    place = place_of(entry, page)
    first, *others = entry.todo
    return (f"{place}: {first}" if place else first), *others


def then_lines(entry: WorkEntry) -> tuple[str, ...]:
    """Return what the next apply sets; for members with different services in one line."""
    if len(entry.then) > 1 and entry.section == manual_step.MEMBERSHIP:
        return (f"what each of them has in {entry.values['department']}",)
    return entry.then


def _page(page: WorkPage) -> Sentence:
    parts = joined((_task(entry) for entry in page.entries), "; ")
    return Quoted(page.panel.removeprefix(_CONFIGURATION)), ": ", *parts


def _task(entry: WorkEntry) -> Sentence:
    if entry.section == manual_step.MEMBERSHIP:
        labels = {person.email: person for person in entry.people}
        return joined(
            (f"{word} ", *_names([labels[email] for email in entry.values[word]]))
            for word in ("add", "remove")
            if entry.values[word]
        )
    names = _names(entry.people)
    if entry.section == manual_step.CREATION:
        template = entry.values.get("template", "")
        clone = ("as a clone of ", Quoted(template), ", ") if template else ()
        return ("create ", *clone, *names)
    return (*_values(entry), *((" (", *names, ")") if names else ()))


def _own(section: str, entries: list[WorkEntry]) -> Sentence:
    """Return the line of a section with values that each belong to one agent."""
    number = len(entries)
    name = entries[0].people[0].label if number == 1 else f"({number} agents, each their own)"
    place = PANEL[section].removeprefix(_CONFIGURATION).replace(NAME, name)
    values = [
        (Quoted(entry.people[0].label), ": ", *_values(entry)) if number > 1 else _values(entry)
        for entry in entries
    ]
    return Quoted(place), ": ", *joined(values[:_SHOWN_NAMES], "; "), *_more(number)


def _values(entry: WorkEntry) -> Sentence:
    """Return the values of an entry on one line, without the title of the section before them."""
    lines = (line.removeprefix(f"{entry.place}: ") for line in entry.steps[0].todo)
    text = ", ".join(lines)
    return (Quoted(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"),)


def _names(people: Sequence[Person]) -> Sentence:
    shown = joined((Quoted(person.label),) for person in people[:_SHOWN_NAMES])
    return *shown, *_more(len(people))


def _more(number: int) -> Iterator[str]:
    if number > _SHOWN_NAMES:
        yield f" and {number - _SHOWN_NAMES} more"
