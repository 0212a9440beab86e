"""The work list: manual steps by page of the panel, in the order of the work.

Steps that several people share are one entry with their names. New people with equal steps are
one creation and one entry to clone it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.live.state import LiveObject
from provisioner.planning.changes import Change
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import NAME, PANEL, ManualStep, on_one_line
from provisioner.planning.manual.work_pages import PanelLinks, Task, pages_of


@dataclass(frozen=True, slots=True)
class Person:
    """An agent whom an entry is for.

    Attributes:
        address: the agent.
        name: the name in the panel.
        label: the name, with the email if another agent has the same name.
        link: the address of the agent's page; see `PanelLinks`.
    """

    address: Address
    name: str
    label: str
    link: str

    @property
    def email(self) -> str:
        """The email."""
        return self.address.key


@dataclass(frozen=True, slots=True)
class WorkEntry:
    """One thing to do on a page.

    Attributes:
        number: its number in the list.
        section: the section of the steps, a key of `PANEL`.
        place: the place on the page, such as `Notifications`; "" for the page itself.
        todo: the actions, one in a line; only the number of lines of a long text.
        texts: mapping from name to text of the values to copy, whole.
        values: the values as data; those of a membership are the emails to add and to remove.
        steps: the steps that the entry does, or does a part of.
        people: the agents whom it is for, in the order of `steps`; none for other objects.
        then: the actions of the next apply, one in a line.
        hints: the hints of the steps.
    """

    number: int
    section: str
    place: str
    todo: tuple[str, ...]
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    steps: tuple[ManualStep, ...]
    people: tuple[Person, ...] = ()
    then: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def verifiable(self) -> bool:
        """Whether the API shows that it was done; otherwise a person acknowledges it."""
        return all(step.verifiable for step in self.steps)

    @property
    def is_own(self) -> bool:
        """Whether it is a setting that only one agent has."""
        return len(self.people) == 1 and not self.names_people

    @property
    def names_people(self) -> bool:
        """Whether `todo` has the names of `people`."""
        return self.section in {manual_step.MEMBERSHIP, manual_step.CREATION}


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of the panel.

    Attributes:
        panel: its path in the panel.
        link: its address; "" if the address of the panel is not known.
        entries: the entries, in the order of the work.
    """

    panel: str
    link: str
    entries: tuple[WorkEntry, ...]


@dataclass(frozen=True)
class WorkList:
    """The open manual steps of a plan, as a person does them in the panel.

    Attributes:
        pages: the pages, in the order of the work.
        root: the address of the first page of the panel; "" if it is not known.
    """

    pages: tuple[WorkPage, ...]
    root: str = ""

    @cached_property
    def entries(self) -> tuple[WorkEntry, ...]:
        """The entries of all pages."""
        return tuple(entry for page in self.pages for entry in page.entries)

    def summary(self) -> dict[str, int]:
        """Return the numbers of pages, entries, steps and people."""
        return {
            "pages": len(self.pages),
            "entries": len(self.entries),
            "steps": len({step.id for entry in self.entries for step in entry.steps}),
            "people": len({one.address for entry in self.entries for one in entry.people}),
        }


CLONED = (
    "a clone has the services, devices and chat load of its template; whether it has more is not "
    "known, so the other settings are listed for everybody"
)
"""The hint of an entry that clones an agent (D; U for notifications and signature)."""


def work_list(
    steps: Sequence[ManualStep],
    links: PanelLinks | None = None,
    changes: Iterable[Change] = (),
    undeclared: Iterable[LiveObject] = (),
) -> WorkList:
    """Return manual steps as a work list.

    Args:
        steps: the steps in the order of a plan.
        links: the addresses of the panel.
        changes: the changes of the plan, no-ops included.
        undeclared: the objects of the account that no file declares.
    """
    links = links or PanelLinks()
    others = {one.address: one.after or one.before for one in changes}
    others |= {one.address: one.attributes for one in undeclared}
    people = _people(steps, links, others)
    pages: list[WorkPage] = []
    number = 1
    for page in pages_of(steps, {one.address: one.label for one in people.values()}):
        entries = tuple(
            _entry(number + index, task, people) for index, task in enumerate(page.tasks)
        )
        number += len(entries)
        link = links.of(page.address) if page.address else links.root
        pages.append(WorkPage(page.panel, link, entries))
    return WorkList(tuple(pages), links.root)


def _people(
    steps: Iterable[ManualStep],
    links: PanelLinks,
    others: Mapping[Address, Mapping[str, Any] | None],
) -> dict[Address, Person]:
    """Return the agents of the steps; labels of names that others have, too, have the email.

    `others` are the fields of the objects of the plan and of the account.
    """
    names = {step.address: step.name for step in steps if step.address.kind is Kind.AGENT}
    agents = {
        address: values["name"]
        for address, values in others.items()
        if address.kind is Kind.AGENT and values and "name" in values
    }
    number = Counter(map(fold, {**agents, **names}.values()))
    return {
        address: Person(
            address,
            name,
            name if number[fold(name)] == 1 else f"{name} ({address.key})",
            links.of(address),
        )
        for address, name in names.items()
    }


def _entry(number: int, task: Task, people: Mapping[Address, Person]) -> WorkEntry:
    first = task.steps[0]
    todo = first.todo
    values: Mapping[str, Any] = first.values
    texts = _texts(first)
    then = [line for step in task.steps for line in step.then]
    hints = [step.hint for step in task.steps if step.hint]
    if task.department:
        values = _members(task)
        todo, texts = _membership_lines(task, people), {}
        then = [line for line in then if line.startswith(f"in {task.department}: ")]
    elif task.section == manual_step.CREATION:
        values = {"agents": [step.values for step in task.steps]}
        if task.template:
            template = people[task.template.address]
            values = {**values, "template": template.email}
            todo, texts = _clone_lines(task, template, people), {}
            hints.append(CLONED)
    return WorkEntry(
        number=number,
        section=task.section,
        place="" if task.department else PANEL[task.section].partition(f"{NAME} > ")[2],
        todo=tuple(_shortened(todo, texts)),
        texts=texts,
        values=values,
        steps=task.steps,
        people=tuple(people[step.address] for step in task.steps if step.address in people),
        then=tuple(dict.fromkeys(then)),
        hints=tuple(dict.fromkeys(hints)),
    )


def _members(task: Task) -> dict[str, Any]:
    """Return the emails to add to a department, and those to remove from it."""
    sides = {"add": "join", "remove": "leave"}
    return {
        "department": task.department,
        **{
            name: [
                step.address.key
                for step in task.steps
                if fold(task.department) in map(fold, step.values[side])
            ]
            for name, side in sides.items()
        },
    }


def _membership_lines(task: Task, people: Mapping[Address, Person]) -> tuple[str, ...]:
    members = _members(task)
    labels = {step.address.key: people[step.address].label for step in task.steps}
    return tuple(
        f"{word} {', '.join(labels[email] for email in members[word])}"
        for word in ("add", "remove")
        if members[word]
    )


def _clone_lines(task: Task, template: Person, people: Mapping[Address, Person]) -> tuple[str, ...]:
    names = (people[step.address] for step in task.steps)
    return (
        f"clone {template.label} for each of these, with their own name and email",
        *(f"{person.name}, {person.email}" for person in names),
    )


def _texts(step: ManualStep) -> dict[str, str]:
    """Return the texts among the values of a step, by the names that its lines give them."""
    if step.address.kind is not Kind.AGENT:
        return {"name": step.name}
    strings = sorted(_strings(step.values), key=len, reverse=True)
    found: dict[str, str] = {}
    for line in step.todo:
        text = next((text for text in strings if line.endswith(f": {on_one_line(text)}")), "")
        if text:
            found[line.removesuffix(f": {on_one_line(text)}")] = text
    return found


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts in a value, at any depth."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)


def _shortened(todo: Iterable[str], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield lines with the number of lines in place of a text of several lines."""
    long = {
        f"{name}: {on_one_line(text)}": f"{name}: {len(text.splitlines())} lines"
        for name, text in texts.items()
        if "\n" in text
    }
    for line in todo:
        yield long.get(line, line)
