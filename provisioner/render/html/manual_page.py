"""The work list of manual steps as an HTML page to tick, copy from and print."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import escape

from provisioner.planning.manual.manual_step import (
    CREATION,
    DEPARTMENT,
    MEMBERSHIP,
    ROLE_DEFINITION,
    ManualStep,
)
from provisioner.planning.manual.work_list import Person, WorkEntry, WorkPage
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.html.html_page import LONGEST, render_page
from provisioner.render.review import work_texts

Data = dict[str, Any]

_STYLES = ("plan.css", "manual.css")

_PARTS = {
    DEPARTMENT: "Departments",
    MEMBERSHIP: "Departments",
    ROLE_DEFINITION: "Roles",
    CREATION: "New agents",
}
"""Titles of the parts of the work by section; all other sections are those of agents."""


def draw(plan: Plan) -> str:
    """Return the work list of a plan as an HTML page.

    The browser keeps the ticks of the page for its target and account.
    """
    work = plan.work_list
    data = {
        "title": f"Manual work for {plan.target}",
        "address": plan.account.url,
        "mood": "changes" if work.pages else "nothing",
        "verdict": work_texts.extent(work) if work.pages else "Nothing is left to do by hand",
        "store": f"provisioner manual {plan.target} {plan.account.url}",
        "command": work_texts.list_command(plan.target, "done"),
        "groups": _groups(work.pages),
        "total": len(work.entries),
    }
    return render_page("manual", _STYLES, data)


def _groups(pages: Iterable[WorkPage]) -> list[Data]:
    """Return the pages in parts: those of departments, of roles and of agents."""
    return [
        {
            "title": f"{number}. {title}",
            "anchor": f"part-{number}",
            "pages": [_page(page) for page in group],
        }
        for number, (title, group) in enumerate(groupby(pages, key=_part), 1)
    ]


def _part(page: WorkPage) -> str:
    return _PARTS.get(page.entries[0].section, "Agents")


def _page(page: WorkPage) -> Data:
    people = {person.email for entry in page.entries for person in entry.people}
    return {
        "panel": page.panel,
        "link": page.link,
        "email": next(iter(people)) if len(people) == 1 else "",
        "entries": [_entry(entry, page) for entry in page.entries],
    }


def _entry(entry: WorkEntry, page: WorkPage) -> Data:
    first, *others = _lines(entry)
    place = work_texts.place_of(entry, page)
    if entry.section == CREATION and len(entry.people) == 1:
        place = entry.people[0].label
    return {
        "number": entry.number,
        "place": place,
        "first": first,
        "lines": others,
        "then": work_texts.then_lines(entry),
        "hints": entry.hints,
        "verifiable": entry.verifiable,
        "ticks": _ticks(entry),
    }


def _lines(entry: WorkEntry) -> list[Data]:
    """Return the actions of an entry, each with the text to copy for it.

    The names of several people are left out: each has a box with the name.
    """
    texts = dict(entry.texts)
    todo = entry.todo
    if _is_clone(entry):
        own = _identity(entry.people[0]) if len(entry.people) == 1 else []
        return [_line(todo[0], "", None), *own]
    if entry.section == MEMBERSHIP and len(entry.people) > 1:
        todo = (_members(entry.values),)
    lines = [_line(line, *_text_of(line, texts)) for line in todo]
    return lines + [_line(f"{name}: {text}", name, text) for name, text in texts.items()]


def _is_clone(entry: WorkEntry) -> bool:
    return entry.section == CREATION and "template" in entry.values


def _members(values: Mapping[str, Any]) -> str:
    sides = ("add", "remove")
    return ", ".join(
        f"{side} {readable.count(len(values[side]), 'agent')}" for side in sides if values[side]
    )


def _text_of(line: str, texts: dict[str, str]) -> tuple[str, str | None]:
    """Remove the text that a line has from `texts`, and return it with its name."""
    for name, text in texts.items():
        if line.startswith(f"{name}: ") or f'"{text}"' in line:
            return name, texts.pop(name)
    return "", None


def _line(todo: str, name: str, text: str | None) -> Data:
    """Return an action with the text to copy for it; a long text is shown as a block, too."""
    lines = [readable.harmless(line) for line in (text or "").split("\n")]
    is_long = len(lines) > 1 or len(lines[0]) > LONGEST
    return {
        "todo": todo,
        "name": name,
        "text": text,
        "whole": escape("\n".join(lines)) if is_long else None,
    }


def _ticks(entry: WorkEntry) -> list[Data]:
    """Return the boxes of an entry: one for each person, or one if it is for one object."""
    if len(entry.people) < 2:
        return [_tick(entry.steps)]
    removed = entry.values.get("remove", ()) if entry.section == MEMBERSHIP else ()
    return [
        {
            "name": person.name,
            "email": person.email,
            "link": person.link,
            "word": "remove" if person.email in removed else "",
            "lines": _identity(person) if _is_clone(entry) else (),
            **_tick((step,)),
        }
        for person, step in zip(entry.people, entry.steps, strict=True)
    ]


def _identity(person: Person) -> list[Data]:
    """Return what a person types for each agent whom another one is cloned for."""
    return [
        _line(f"{name}: {text}", name, text)
        for name, text in (("Name", person.name), ("Email", person.email))
    ]


def _tick(steps: Sequence[ManualStep]) -> Data:
    return {
        "steps": [step.id for step in steps],
        "acknowledge": [step.id for step in steps if not step.verifiable],
    }
