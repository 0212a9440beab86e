"""Sorts manual steps into pages of the panel, in the order of the work."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from provisioner.address import Address, Kind, fold
from provisioner.planning.changes import Action
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import NAME, PANEL, ManualStep

_DEPARTMENTS, _ROLES, _CREATIONS, _NEW_MEMBERS, _AGENTS = range(5)
"""The phases of the work. An agent can become a member of a department only after its creation."""


@dataclass(frozen=True, slots=True)
class Task:
    """Steps that are one entry of the work list.

    Attributes:
        steps: the steps.
        department: the department of memberships; "" for other steps.
        template: the creation of the agent that people clone for these ones.
    """

    steps: tuple[ManualStep, ...]
    department: str = ""
    template: ManualStep | None = None

    @property
    def section(self) -> str:
        """The section of the steps."""
        return self.steps[0].section

    @property
    def size(self) -> int:
        """The amount of work, as the number of values to set."""
        return sum(1 if self.department else len(step.todo) for step in self.steps)


@dataclass(slots=True)
class Page:
    """A page of the panel.

    Attributes:
        phase: the phase of the work.
        panel: its path.
        address: its object; None for a page that several objects share.
        tasks: the work on it.
    """

    phase: int
    panel: str
    address: Address | None = None
    tasks: list[Task] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, int, str]:
        """The key to sort pages by: renames first, as planned, since they free names."""
        if any(step.renames for task in self.tasks for step in task.steps):
            return self.phase, 0, ""
        return self.phase, sum(task.size for task in self.tasks), fold(self.panel)


@dataclass(frozen=True, slots=True)
class PanelLinks:
    """The addresses of pages of the panel.

    Attributes:
        url: the address of the account; "" for none.
        pattern: the address of an agent's page, with `{id}` for the id; "" if it is not known. The
            pages of agents have no documented address (U).
        ids: the ids of the agents in the account.
    """

    url: str = ""
    pattern: str = ""
    ids: Mapping[Address, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The first page of the panel (C)."""
        return f"{self.url}/agent/" if self.url else ""

    def of(self, address: Address) -> str:
        """Return the address of the page of an object, or that of the first page."""
        agent_id = self.ids.get(address, "")
        if self.pattern and agent_id and address.kind is Kind.AGENT:
            return self.pattern.replace("{id}", quote(agent_id, safe=""))
        return self.root


def pages_of(steps: Sequence[ManualStep], labels: Mapping[Address, str]) -> list[Page]:
    """Return the pages of the panel, with the work on each, in the order of the work.

    Args:
        steps: the manual steps in the order of a plan.
        labels: the names of agents, which no two of them share.
    """
    pages: dict[Hashable, Page] = {}
    for key, page, task in (
        *_definitions(step for step in steps if not _deletes(step)),
        *_memberships(steps),
        *_definitions(step for step in steps if _deletes(step)),
        *_creations(steps),
        *_settings(steps, labels),
    ):
        pages.setdefault((page.phase, key), page).tasks.append(task)
    return sorted(pages.values(), key=lambda page: page.order)


_Placed = tuple[Hashable, Page, Task]
"""The key of a page within its phase, the page, and work on it."""


def _deletes(step: ManualStep) -> bool:
    """Return whether a step deletes a department, which must have no members then."""
    return step.values.get("action") == Action.DELETE


def _definitions(steps: Iterable[ManualStep]) -> Iterator[_Placed]:
    """Yield the work on departments and roles themselves."""
    for step in steps:
        if step.address.kind is Kind.DEPARTMENT:
            yield fold(step.name), _department(step.name, _DEPARTMENTS), Task((step,))
        elif step.address.kind is Kind.ROLE:
            page = Page(_ROLES, f"{step.panel} > {step.name}", step.address)
            yield step.address, page, Task((step,))


def _department(name: str, phase: int) -> Page:
    panel = f"{PANEL[manual_step.DEPARTMENT]} > {name}"
    return Page(phase, panel, Address(Kind.DEPARTMENT, name))


def _memberships(steps: Sequence[ManualStep]) -> Iterator[_Placed]:
    """Yield the memberships of each department."""
    new = {step.address for step in steps if step.section == manual_step.CREATION}
    members: dict[tuple[int, str], list[ManualStep]] = defaultdict(list)
    names: dict[str, str] = {}
    for step in steps:
        if step.section == manual_step.MEMBERSHIP:
            phase = _NEW_MEMBERS if step.address in new else _DEPARTMENTS
            for name in (*step.values["join"], *step.values["leave"]):
                members[phase, fold(name)].append(step)
                names.setdefault(fold(name), name)
    for (phase, key), group in members.items():
        yield key, _department(names[key], phase), Task(tuple(group), department=names[key])


def _creations(steps: Sequence[ManualStep]) -> Iterator[_Placed]:
    """Yield the creations of agents: of those with equal steps, the others clone the first."""
    others: dict[Address, set[str]] = defaultdict(set)
    for step in steps:
        if step.section != manual_step.CREATION:
            others[step.address].add(_value(step))
    alike: dict[Hashable, list[ManualStep]] = defaultdict(list)
    for step in steps:
        if step.section == manual_step.CREATION:
            shared = {name: value for name, value in step.values.items() if name not in _OWN}
            alike[str(shared), step.then, frozenset(others[step.address])].append(step)
    for first, *more in alike.values():
        yield "", Page(_CREATIONS, first.panel), Task((first,))
        if more:
            yield "", Page(_CREATIONS, first.panel), Task(tuple(more), template=first)


_OWN = ("email", "name")
"""The values of a creation that each agent has for itself."""


def _settings(steps: Sequence[ManualStep], labels: Mapping[Address, str]) -> Iterator[_Placed]:
    """Yield the settings of agents: a page for each person, and one for each shared value."""
    shared: dict[str, list[ManualStep]] = defaultdict(list)
    for step in steps:
        if step.address.kind is Kind.AGENT and step.section not in _ON_OTHER_PAGES:
            shared[_value(step)].append(step)
    for value, group in shared.items():
        first = group[0]
        above, _, place = PANEL[first.section].partition(NAME)
        if len(group) == 1:
            page = Page(_AGENTS, f"{above}{labels[first.address]}", first.address)
            yield first.address, page, Task((first,))
            continue
        page = Page(_AGENTS, f"{above}(each of these {len(group)}){place}")
        for is_verifiable in (True, False):
            part = tuple(step for step in group if step.verifiable is is_verifiable)
            if part:
                yield value, page, Task(part)


_ON_OTHER_PAGES = (manual_step.CREATION, manual_step.MEMBERSHIP)


def _value(step: ManualStep) -> str:
    """Return the section and the digest of the values, which equal steps of agents share."""
    return step.id.removeprefix(str(step.address))
