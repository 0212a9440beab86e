"""What readings and steps cost in requests. A plan shows it, and an apply takes exactly that.

Everything that the numbers depend on is a habit of LiveAgent's API: pages, how the end of a list
is proved, and what is read right before it is written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.execution.graph import Graph
from provisioner.execution.steps import BATCH_SIZE, Operation, Step
from provisioner.live.state import LiveState, Surface
from provisioner.model.kinds import SERVICES

PAGE_SIZE = 500
"""Rows that are requested in a page (C: the largest size seen in client code)."""


def full_pages(rows: int) -> int:
    """Return how many pages so many rows fill."""
    return -(-rows // PAGE_SIZE)


def pages(rows: int) -> int:
    """Return how many requests a list of so many rows takes that ends with an empty page."""
    return full_pages(rows) + 1


def cursor_pages(rows: int) -> int:
    """Return how many requests a list with a cursor takes: the missing cursor is its end."""
    return max(1, full_pages(rows))


def apply_cost(
    graph: Graph[Step],
    live: LiveState,
    after: Iterable[tuple[Kind, Mapping[str, Any]]],
    *,
    hours_of: frozenset[str],
    written: frozenset[str],
) -> tuple[Counter[str], int]:
    """Return the requests of each operation, and those to read the account back; see `Costs`."""
    after = [*after]
    agents = sum(kind is Kind.AGENT for kind, _ in after)
    before = ((kind, existing.attributes) for (kind, _), existing in live.objects.items())
    more = _lists(live.surface, after) - _lists(live.surface, before)
    if live.surface is Surface.V3:
        more += _hours(live, written) - _hours(live, None)
        more -= bool(hours_of) and not written
    return step_requests(graph, agents), live.requests + more


def step_requests(graph: Graph[Step], agents: int) -> Counter[str]:
    """Return how many requests each operation of a graph takes.

    A new agent is offline for every service (I), so that is not counted as a request; the step
    is there all the same, and sees to it where an account's new agents are not. What a restored
    agent has is not known, so each of its values is written.

    Args:
        graph: the steps.
        agents: how many agents the account has when they are done.
    """
    counts: Counter[str] = Counter()
    photos = set()
    batched: Counter[Operation] = Counter()
    for step in graph.nodes.values():
        if step.operation.batched:
            batched[step.operation] += 1
        elif step.operation is Operation.READ_DEVICES:
            counts[step.operation] = pages(agents * len(SERVICES))
        elif step.operation is Operation.READ_SERVICES:
            counts[step.operation] = cursor_pages(agents)
        elif not (step.fresh and step.value == "offline"):
            counts[step.operation] += _calls(step)
        if photo := step.values.get("photo"):
            photos.add(photo)
    counts.update({operation: -(-count // BATCH_SIZE) for operation, count in batched.items()})
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
"""What reads again by itself what it overwrites; see `Step.checked`."""


def _calls(step: Step) -> int:
    """Return how many calls a step makes."""
    look = step.checked and step.operation in _READ_RIGHT_BEFORE
    if step.operation is Operation.SET_HOURS:
        return look + bool(step.values["before"]) + bool(step.values["after"])
    if step.operation is Operation.RESTORE_AGENT:
        return 2
    return look + 1


def _lists(surface: Surface, objects: Iterable[tuple[Kind, Mapping[str, Any]]]) -> int:
    """Return how many requests the lists of an account take whose agents have all devices.

    The grids end with their last page. Of agents a grid of several pages proves its end, unless
    its last page is full and somebody is in no department; then `/agents` is read to its empty
    page. What hangs on agents ends with the last of them, and roles with an empty page.

    Args:
        surface: of the account.
        objects: kind and fields of each object.
    """
    counts: Counter[Kind] = Counter()
    in_departments = True
    for kind, fields in objects:
        counts[kind] += 1
        in_departments &= kind is not Kind.AGENT or bool(fields.get("departments"))
    agents = counts[Kind.AGENT]
    grid = cursor_pages(agents)
    proved = grid > 1 and (full_pages(agents) * PAGE_SIZE > agents or in_departments)
    total = grid + cursor_pages(counts[Kind.DEPARTMENT]) + full_pages(agents) + (not proved)
    if surface is Surface.V3:
        return total + full_pages(agents * len(SERVICES))
    return total + full_pages(agents) + pages(counts[Kind.ROLE])


def _hours(live: LiveState, written: frozenset[str] | None) -> int:
    """Return how many requests hours take on API v3: one for each web device of an agent.

    Args:
        live: the account.
        written: folded emails of the agents whose hours are read; None for those that were read.
    """
    found = {
        existing.address.key: len(existing.attributes["availability"])
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT and (written is not None or "hours" in existing.attributes)
    }
    if written is None:
        return sum(found.values())
    return sum(found.get(key, len(SERVICES)) for key in written)
