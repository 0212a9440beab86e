"""The requests of an apply: to read the account, to write, and to read it back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from provisioner.address import Kind, fold
from provisioner.execution.graph import Graph
from provisioner.execution.step_graph import build_graph
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.policy import Moves
from provisioner.planning.changes import Change
from provisioner.planning.plans.plan_data import RequestBudget

Object = tuple[Kind, Mapping[str, Any]]
"""Kind and fields of an object."""


class Costs(Protocol):
    """Knows what an API's calls cost, without making any."""

    def __call__(
        self,
        graph: Graph[Step],
        live: LiveState,
        after: Iterable[Object],
        *,
        hours_of: frozenset[str],
        written: frozenset[str],
    ) -> tuple[Counter[str], int]:
        """Return the requests of each operation, and those to read the account back.

        Args:
            graph: the steps of an apply.
            live: the account as it was read.
            after: the objects of the account after the apply.
            hours_of: emails, folded, and ids of the agents with hours in `live`.
            written: folded emails of the agents with hours that the apply writes.
        """
        ...


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
    costs: Costs,
    *,
    hours_of: frozenset[str],
    written: frozenset[str],
    per_minute: int,
) -> RequestBudget:
    """Return the requests of an apply; new agents add to what is read back.

    Args:
        changes: of the plan.
        live: the account as it is.
        costs: of the target's API.
        hours_of: emails, folded, and ids of the agents with hours in `live`.
        written: folded emails of the agents with hours that the apply writes.
        per_minute: the limit.
    """
    graph = build_graph(changes)
    by_operation, verify = costs(
        graph, live, _after(changes, live), hours_of=hours_of, written=written
    )
    return RequestBudget(
        read=live.requests,
        by_operation=by_operation,
        verify=verify if graph.nodes else 0,
        per_minute=per_minute,
    )


def _after(changes: Iterable[Change], live: LiveState) -> Iterator[Object]:
    """Yield kind and fields of each object as the changes leave it."""
    changed = {change.address.identity: change for change in changes}
    for identity, existing in live.objects.items():
        if identity not in changed:
            yield identity[0], existing.attributes
    for (kind, _), change in changed.items():
        if change.after is not None:
            yield kind, change.after
