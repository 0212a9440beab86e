"""The work list as JSON for machines, and as CSV for dividing the work among people."""

from collections.abc import Iterator
from typing import Any

from provisioner.planning.manual.work_list import WorkEntry, WorkList, WorkPage
from provisioner.planning.plans.change_json import source_data
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.access.access_csv import csv_text, yes
from provisioner.render.json_text import json_text

FORMAT_VERSION = "1.0"
"""The version of the JSON; a new minor version only adds keys."""

_HEAD = (
    *("target", "number", "page", "link", "section", "todo", "texts", "name", "email"),
    *("ticks_itself", "step"),
)


def as_json(plan: Plan) -> str:
    """Return the work list of a plan as JSON: sorted, and the same bytes for the same plan."""
    work = plan.work_list
    data = {
        "format_version": FORMAT_VERSION,
        "target": plan.target,
        "summary": work.summary(),
        "pages": [_page(page) for page in work.pages],
    }
    return json_text(data)


def _page(page: WorkPage) -> dict[str, Any]:
    entries = [_entry(entry) for entry in page.entries]
    return {"panel": page.panel, "link": page.link, "entries": entries}


def _entry(entry: WorkEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "section": entry.section,
        "place": entry.place,
        "todo": list(entry.todo),
        "texts": entry.texts,
        "values": entry.values,
        "people": [
            {"name": person.name, "email": person.email, "link": person.link}
            for person in entry.people
        ],
        "steps": [step.id for step in entry.steps],
        "sources": [source_data(step.source) for step in entry.steps],
        "verifiable": entry.verifiable,
        "then": list(entry.then),
        "hints": list(entry.hints),
    }


def as_csv(plan: Plan) -> str:
    """Return the work list of a plan with a row for each step, so that people can share it."""
    return csv_text([_HEAD, *_rows(plan.target, plan.work_list)])


def _rows(target: str, work: WorkList) -> Iterator[tuple[Any, ...]]:
    for page in work.pages:
        for entry in page.entries:
            people = {person.address: person for person in entry.people}
            for step in entry.steps:
                person = people.get(step.address)
                yield (
                    *(target, entry.number, page.panel, person.link if person else page.link),
                    *(entry.section, "\n".join(_todo_of(entry, step.address.key))),
                    "\n\n".join(entry.texts.values()),
                    *((person.name, person.email) if person else ("", "")),
                    *(yes(entry.verifiable), step.id),
                )


def _todo_of(entry: WorkEntry, email: str) -> tuple[str, ...]:
    """Return the lines for one agent: those of a membership have the names of all members."""
    if "department" not in entry.values:
        return entry.todo
    return tuple(
        f'{verb} "{entry.values["department"]}"'
        for word, verb in (("add", "join"), ("remove", "leave"))
        if email in entry.values[word]
    )
