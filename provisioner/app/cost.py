"""What an apply of a plan costs: the requests to read, to write and to read back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.address import Kind, fold
from provisioner.execution.cost import count_requests
from provisioner.execution.edges import build_graph
from provisioner.live.reader import PAGE_SIZE, cursor_pages, full_pages, pages
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import SERVICES
from provisioner.model.policy import Moves
from provisioner.planning.changes import Change
from provisioner.planning.plan import Requests

Object = tuple[Kind, Mapping[str, Any]]
"""Kind and fields of an object."""


def with_hours(desired: DesiredState, moves: Moves) -> frozenset[str]:
    """Return the emails, folded, and ids that agents with declared hours may have when read."""
    agents = [resource for resource in desired.of(Kind.AGENT) if resource.hours is not None]
    return frozenset(
        key
        for agent in agents
        for key in (
            agent.address.key,
            fold(agent.previously),
            agent.pinned_id,
            *moves.former(agent.address.key),
        )
        if key
    )


def count_all(
    changes: tuple[Change, ...],
    live: LiveState,
    *,
    hours_of: frozenset[str],
    written: frozenset[str],
    per_minute: int,
) -> Requests:
    """Count what an apply takes; new agents lengthen what is read back.

    Args:
        changes: what is to be done.
        live: the account as it is.
        hours_of: whose hours were read.
        written: whose hours are written.
        per_minute: the limit.
    """
    graph = build_graph(changes)
    before = [(kind, existing.attributes) for (kind, _), existing in live.objects.items()]
    after = [*_after(changes, live)]
    longer = _lists_of(live, after) - _lists_of(live, before)
    if live.surface is Surface.V3:
        longer += _reads_of_hours(live, written) - _reads_of_hours(live, None)
        longer -= bool(hours_of) and not written
    return Requests(
        read=live.requests,
        by_operation=count_requests(graph, sum(kind is Kind.AGENT for kind, _ in after)),
        verify=live.requests + longer if graph.nodes else 0,
        per_minute=per_minute,
    )


def _reads_of_hours(live: LiveState, written: frozenset[str] | None) -> int:
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


def _lists_of(live: LiveState, objects: Iterable[Object]) -> int:
    """Return how many requests the lists of an account take whose agents have all devices.

    The grids end with their last page. Of agents a grid of several pages proves its end, unless
    its last page is full and somebody is in no department; then `/agents` is read to its empty
    page. What hangs on agents ends with the last of them, and roles with an empty page.

    Args:
        live: the account as it was read.
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
    if live.surface is Surface.V3:
        return total + full_pages(agents * len(SERVICES))
    return total + full_pages(agents) + pages(counts[Kind.ROLE])


def _after(changes: Iterable[Change], live: LiveState) -> Iterator[Object]:
    """Yield kind and fields of each object as the changes leave it."""
    changed = {change.address.identity: change for change in changes}
    for identity, existing in live.objects.items():
        if identity not in changed:
            yield identity[0], existing.attributes
    for (kind, _), change in changed.items():
        if change.after is not None:
            yield kind, change.after
