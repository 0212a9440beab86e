"""Counts the requests of readings and steps. An undisturbed apply makes exactly as many.

The counts depend on the page size, on the proofs that end a list, and on the rows that are read
right before they are written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind
from provisioner.execution.operations import LookList, Operation
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState, Paging, Surface
from provisioner.liveagent.creation_values import CreationValues
from provisioner.liveagent.floor import request_floor
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.kinds import SERVICES
from provisioner.planning.plans.requests import RequestFloor

_NOTHING_KNOWN = AccountCapabilities()


def full_pages(rows: int, paging: Paging) -> int:
    """Return the number of pages that rows fill, counting a page that is not full."""
    return -(-rows // paging.size)


def pages(rows: int, paging: Paging) -> int:
    """Return the number of requests for a list that is read up to an empty or missing page."""
    is_checked = paging.checks_end and rows > 0 and rows % paging.size == 0
    return full_pages(rows, paging) + 1 + is_checked


def cursor_pages(rows: int, paging: Paging) -> int:
    """Return the number of requests for a list that ends with a missing cursor."""
    return max(1, full_pages(rows, paging))


def _sent_pages(live: LiveState) -> Paging:
    """Return the paging with the rows of a page that the account sent: it may send fewer."""
    rows = Counter(place.number for place in live.pages.get(LookList.AGENTS, {}).values())
    return replace(live.paging, size=max(rows.values())) if len(rows) > 1 else live.paging


def apply_cost(
    graph: Graph[Step],
    live: LiveState,
    after: Iterable[tuple[Kind, Mapping[str, Any]]],
    *,
    hours_of: frozenset[str],
    written: frozenset[str],
    capabilities: AccountCapabilities = _NOTHING_KNOWN,
) -> tuple[Counter[str], int, RequestFloor]:
    """Implements `provisioner.app.request_budget.Costs` for LiveAgent.

    `capabilities` is what is known of the account's behaviour.
    """
    floor = request_floor(graph, live, hours_of=hours_of, capabilities=capabilities)
    live = replace(live, paging=_sent_pages(live))
    after = [*after]
    agents = sum(kind is Kind.AGENT for kind, _ in after)
    before = ((kind, existing.attributes) for (kind, _), existing in live.objects.items())
    more = _lists(live, after) - _lists(live, before) - live.paging.refused
    if live.surface is Surface.V3:
        more += _hours(live, written) - _hours(live, None)
        more -= bool(hours_of) and not written
        more -= live.plugins_read is not None
    return step_requests(graph, agents, live, capabilities), live.requests + more, floor


def step_requests(
    graph: Graph[Step],
    agents: int,
    live: LiveState,
    capabilities: AccountCapabilities = _NOTHING_KNOWN,
) -> Counter[str]:
    """Return the number of requests of each operation of a graph.

    A step that sets what a new agent already has counts as no request; see `CreationValues`.

    Args:
        graph: the steps.
        agents: the number of agents after the steps.
        live: the account before the steps.
        capabilities: what is known of the account's behaviour.
    """
    given, paging = CreationValues(live, capabilities), live.paging
    counts: Counter[str] = Counter()
    deleted = sum(step.operation is Operation.DELETE_AGENT for step in graph.nodes.values())
    photos = set()
    batched: Counter[tuple[Operation, str]] = Counter()
    for step in graph.nodes.values():
        if step.operation.batched:
            batched[step.operation, step.look] += 1
        elif step.operation is Operation.READ_DEVICES:
            counts[step.operation] = pages((agents + deleted) * len(SERVICES), paging)
        elif not given.include(step):
            counts[step.operation] += _calls(step)
        if photo := step.values.get("photo"):
            photos.add(photo)
    rows: int = capabilities["batch_size"]
    for (operation, _), count in batched.items():
        counts[operation] += -(-count // rows)
    if photos:
        counts["upload-photo"] = len(photos)
    return Counter({str(operation): count for operation, count in counts.items()})


_READ_RIGHT_BEFORE = {
    Operation.UPDATE_AGENT,
    Operation.UPDATE_ROLE,
    Operation.UPDATE_DEPARTMENT,
    Operation.DELETE_AGENT,
    Operation.DELETE_ROLE,
    Operation.DELETE_DEPARTMENT,
    Operation.SET_AVAILABILITY,
    Operation.SET_HOURS,
    Operation.SET_VOICE,
}
"""Operations that read the object again right before they overwrite it; see `Step.checked`.
The others rely on another step; see `Step.look`."""


def _calls(step: Step) -> int:
    """Return the number of requests of a step."""
    reads = step.checked and not step.look and step.operation in _READ_RIGHT_BEFORE
    if step.operation is Operation.SET_HOURS:
        return reads + bool(step.values["before"]) + bool(step.values["after"])
    if step.operation is Operation.RESTORE_AGENT:
        return 2
    if step.page is not None:
        return 1 + (step.page.proof is not None)
    return reads + 1


def _lists(live: LiveState, objects: Iterable[tuple[Kind, Mapping[str, Any]]]) -> int:
    """Return the number of requests for the lists of an account, if all agents have all devices.

    The grids end with their last page. The grid of agents proves its end if it has several pages,
    and its last page is not full or every agent is in a department. Otherwise `/agents` is read up
    to its empty page. Lists of devices or settings end with those of the last agent, and roles
    with an empty page.
    """
    counts: Counter[Kind] = Counter()
    in_departments = True
    for kind, fields in objects:
        counts[kind] += 1
        in_departments &= kind is not Kind.AGENT or bool(fields.get("departments"))
    agents, paging = counts[Kind.AGENT], live.paging
    full, grid = full_pages(agents, paging), cursor_pages(agents, paging)
    proved = grid > 1 and (full * paging.size > agents or in_departments)
    total = grid + cursor_pages(counts[Kind.DEPARTMENT], paging)
    total += full if proved else pages(agents, paging)
    if live.surface is Surface.V3:
        return total + full_pages(agents * len(SERVICES), paging)
    return total + full + pages(counts[Kind.ROLE], paging)


def _hours(live: LiveState, written: frozenset[str] | None) -> int:
    """Return the number of requests for hours on API v3: one for each web device of an agent.

    Args:
        live: the account.
        written: folded emails of agents with hours to read; None for the agents with hours in
            `live`.
    """
    devices = {
        existing.address.key: len(existing.attributes["availability"])
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT and (written is not None or "hours" in existing.attributes)
    }
    if written is None:
        return sum(devices.values())
    return sum(devices.get(key, len(SERVICES)) for key in written)
