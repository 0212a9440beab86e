"""Adds the looks to a graph: what is read right before writes overwrite it.

A step looks at its own object, unless a step of the graph looks for several of them: at an agent's
settings for all steps of the agent, or at a page of a list for all objects on it. Services are only
looked at by page. Looks
at pages run one after the other, each followed by its writes, so that none of them gets old.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from provisioner.address import Kind
from provisioner.execution.operations import LookList, Operation
from provisioner.execution.steps import READ_DEVICES, PageLook, Step, step_for
from provisioner.live.state import ListPage
from provisioner.planning.changes import Action, Change

PageOf = Callable[[Step, str], PageLook | None]
"""Returns the page that shows what a step overwrites, by the step and the agent's id; None if no
page does."""

WRITES_A_LOOK = 35
"""The most writes that rely on one look at a page. With the look they are a fifth of the documented
limit of 180 requests a minute, so no part of the limit is left unused. Eight at a time, they go out
within a second if the account answers within a sixth of it."""

BATCHES_A_LOOK = 8
"""The most batches that rely on one look: as many as run at the same time."""


@dataclass(frozen=True, slots=True)
class LookRules:
    """How the looks of a graph are taken.

    Attributes:
        page_of: finds the page that shows what a step overwrites.
        most_writes: the most writes of one look; 0 where each needs a look of its own.
        batch_size: the most steps of a batched operation in one call.
    """

    page_of: PageOf
    most_writes: int = WRITES_A_LOOK
    batch_size: int = 1


SINGLE_LOOKS = LookRules(lambda _step, _agent_id: None)
"""Each object is looked at alone."""


class Waits(dict[str, frozenset[str]]):
    """Mapping from id to the ids of the steps to wait for.

    Many steps wait for the same ones. They share one set, since sets are most of a graph's memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shared: dict[frozenset[str], frozenset[str]] = {}

    def add(self, step: str, others: frozenset[str]) -> None:
        """Make a step wait for others."""
        if others:
            all_of_them = self.of(step) | others
            self[step] = self._shared.setdefault(all_of_them, all_of_them)

    def of(self, step: str) -> frozenset[str]:
        """Return the steps that a step waits for."""
        return self.get(step, frozenset())


class Edges(Protocol):
    """The steps of a graph and their order so far; see `step_graph.Graph`."""

    steps: dict[str, Step]
    needs: Waits
    after: Waits


_LOOKS_OF_AGENT = {
    Operation.UPDATE_AGENT_SETTINGS: Operation.READ_AGENT_SETTINGS,
    Operation.ADD_MEMBER: Operation.READ_AGENT_SETTINGS,
    Operation.SET_MEMBERSHIP: Operation.READ_AGENT_SETTINGS,
    Operation.REMOVE_MEMBER: Operation.READ_AGENT_SETTINGS,
}
"""Operation to the one that reads what it overwrites, for all steps of an agent."""


_OnPages = defaultdict[PageLook, list[tuple[Change, list[Step]]]]
"""Page to the changes of the objects on it, with the steps that rely on the page."""

_FIRST_SERVICES = PageLook(LookList.SERVICES, ListPage(1))
"""The page for services if the reading has none. If it lacks an agent, the whole list is read."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Steps that rely on the same look: the step that looks, and the steps."""

    look: Step
    steps: list[Step]


def add_looks(
    edges: Edges, by_change: Iterable[tuple[Change, Sequence[Step]]], rules: LookRules
) -> None:
    """Add the steps that look for others, and their edges."""
    on_pages: _OnPages = defaultdict(list)
    services_apart: _OnPages = defaultdict(list)
    alone: list[tuple[Change, Step]] = []
    for change, steps in by_change:
        pages: defaultdict[PageLook, list[Step]] = defaultdict(list)
        for step in steps:
            page = rules.page_of(step, change.id or "") if step.checked else None
            if page and _may_share(change, step):
                pages[page].append(step)
            elif step.checked and step.operation.batched:
                services_apart[page or _FIRST_SERVICES].append((change, [step]))
            elif step.checked:
                alone.append((change, step))
        for page, own in pages.items():
            if len(own) <= rules.most_writes or own[0].operation.batched:
                on_pages[page].append((change, own))
            else:
                alone += [(change, step) for step in own]
    last_look = _connect_in_turn(edges, _groups(on_pages, alone, rules))
    apart = [*_groups(services_apart, [], rules, "apart")]
    for group in (*apart, *_looks_of_agents(alone, rules)):
        _connect(edges, group)
    _keep_pages(edges, last_look, [group.look.id for group in apart])


def _connect_in_turn(edges: Edges, groups: Iterable[_Group]) -> str:
    """Add looks one after the other, each with its steps; return the last one, or ""."""
    former: _Group | None = None
    for group in groups:
        _connect(edges, group)
        if former:
            edges.after.add(group.look.id, frozenset(step.id for step in former.steps))
        former = group
    return former.look.id if former else ""


def _may_share(change: Change, step: Step) -> bool:
    """Return whether a page of a list may be the look for a step and for those of other agents.

    Emails, roles and owners decide who can log in and what they may do, so each of these is looked
    at alone. Services can't be, but those of owners may wait for agents who are restored.
    """
    if not step.checked or change.address.kind is not Kind.AGENT or change.action is Action.DELETE:
        return False
    before, after = change.before or {}, change.after or {}
    is_owner = "owner" in {before.get("role"), after.get("role")}
    is_renamed = any(field.path == ("email",) for field in change.fields)
    gives_role = step.operation is Operation.UPDATE_AGENT and "role" in step.values
    return not is_owner and (step.operation.batched or not (is_renamed or gives_role))


def _groups(
    on_pages: _OnPages,
    alone: list[tuple[Change, Step]],
    rules: LookRules,
    suffix: str = "",
) -> Iterator[_Group]:
    """Yield the groups of steps that rely on a page, in the order of their looks.

    Where a page would save no request, its steps are added to `alone`.
    """
    listings = [*LookList]
    proved: set[tuple[LookList, Operation]] = set()
    for page in sorted(
        on_pages, key=lambda page: (listings.index(page.listing), page.place.number)
    ):
        objects = on_pages[page]
        looks = {
            (change.address, _LOOKS_OF_AGENT.get(step.operation, step.id))
            for change, steps in objects
            for step in steps
        }
        if len(looks) == 1 and page.listing is not LookList.SERVICES:
            alone += [(change, step) for change, steps in objects for step in steps]
            continue
        for number, (steps, calls) in enumerate(_portions(objects, rules), start=1):
            proof = next((step for step in steps if step.operation.sends_whole), None)
            if proof and (page.listing, proof.operation) in proved:
                proof = None
            elif proof:
                proved.add((page.listing, proof.operation))
            name = f"{Operation.READ_PAGE}#{page.listing}#{page.place.number}#{number}{suffix}"
            look = replace(page, proof=proof)
            yield _Group(Step(name, Operation.READ_PAGE, page=look, calls=calls), steps)


def _portions(
    objects: Iterable[tuple[Change, list[Step]]], rules: LookRules
) -> Iterator[tuple[list[Step], int]]:
    """Yield portions of steps for one look, and their number of calls; no agent is divided."""
    portion: list[Step] = []
    for _, steps in objects:
        if portion and _is_too_much(portion, steps, rules):
            yield portion, _calls(portion, rules)
            portion = []
        portion += steps
    if portion:
        yield portion, _calls(portion, rules)


def _is_too_much(portion: Sequence[Step], more: Sequence[Step], rules: LookRules) -> bool:
    number = len(portion) + len(more)
    if portion[0].operation.batched:
        return number > max(1, min(BATCHES_A_LOOK, rules.most_writes)) * rules.batch_size
    return number > rules.most_writes


def _calls(steps: Sequence[Step], rules: LookRules) -> int:
    return -(-len(steps) // rules.batch_size) if steps[0].operation.batched else len(steps)


def _looks_of_agents(alone: Iterable[tuple[Change, Step]], rules: LookRules) -> Iterator[_Group]:
    """Yield the steps of each agent that rely on one look at the agent's settings."""
    by_agent: defaultdict[str, list[tuple[Change, list[Step]]]] = defaultdict(list)
    for change, step in alone:
        if operation := _LOOKS_OF_AGENT.get(step.operation):
            by_agent[step_for(operation, change).id].append((change, [step]))
    for name, own in by_agent.items():
        for number, (steps, calls) in enumerate(_portions(own, rules)):
            look = step_for(Operation.READ_AGENT_SETTINGS, own[0][0], calls=calls)
            yield _Group(replace(look, id=f"{name}#{number}" if number else name), steps)


def _connect(edges: Edges, group: _Group) -> None:
    """Add a look: right before its steps, so after all that these wait for."""
    look = frozenset({group.look.id})
    edges.steps[group.look.id] = group.look
    earlier: set[str] = set()
    for step in group.steps:
        earlier |= edges.needs.of(step.id)
        earlier |= edges.after.of(step.id)
        edges.needs.add(step.id, look)
        edges.steps[step.id] = replace(step, look=group.look.id)
    own = {step.id for step in group.steps}
    edges.after.add(group.look.id, frozenset(earlier - own - look))


def _keep_pages(edges: Edges, last_look: str, apart: Sequence[str]) -> None:
    """Make agents disappear and come back after lists are read: later rows change their page.

    `apart` are looks at pages that may have to wait for agents who come back.
    """
    lists = frozenset(
        {*apart, *(one for one in (last_look, READ_DEVICES.id) if one in edges.steps)}
    )
    for step in edges.steps.values():
        if step.operation is Operation.DELETE_AGENT:
            edges.after.add(step.id, lists)
        elif step.operation is Operation.RESTORE_AGENT and last_look:
            edges.after.add(step.id, frozenset({last_look}))
