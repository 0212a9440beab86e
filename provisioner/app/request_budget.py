"""Counts the requests of an apply: to read the account, to write, and to read it back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from provisioner.address import Kind
from provisioner.app.account_reading import written_hours
from provisioner.execution.operations import Operation
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.live.leaving import LeavingFacts
from provisioner.live.state import LiveState
from provisioner.planning.changes import Change
from provisioner.planning.plans.requests import RequestBudget, RequestFloor

KindAndFields = tuple[Kind, Mapping[str, Any]]
"""Kind and field values of an object."""


class Costs(Protocol):
    """Counts the requests of one API, without making any."""

    def __call__(
        self,
        graph: Graph[Step],
        live: LiveState,
        after: Iterable[KindAndFields],
        *,
        hours_of: frozenset[str],
        written: frozenset[str],
    ) -> tuple[Counter[str], int, RequestFloor]:
        """Return the writing requests of each operation, those to read back, and the fewest.

        Args:
            graph: the steps of an apply.
            live: the account before the apply.
            after: the objects of the account after the apply.
            hours_of: folded emails and ids of the agents with hours in `live`.
            written: folded emails of the agents to write hours of.
        """
        ...


def request_budget(
    graph: Graph[Step],
    changes: tuple[Change, ...],
    live: LiveState,
    costs: Costs,
    *,
    hours_of: frozenset[str],
    names: int,
    per_minute: int,
    leaving: LeavingFacts | None = None,
) -> RequestBudget:
    """Return the requests of an apply. Reading back includes the objects that it creates.

    Args:
        graph: the steps of the apply.
        changes: changes of the plan.
        live: the account before the apply.
        costs: counts the requests of the account's API.
        hours_of: folded emails and ids of the agents with hours in `live`.
        names: requests that read lists of names.
        per_minute: rate limit in requests a minute; 0 for none.
        leaving: what was read about agents who leave, if there are any.
    """
    by_operation, verify, floor = costs(
        graph,
        live,
        _objects_after(changes, live),
        hours_of=hours_of,
        written=written_hours(changes),
    )
    more = names + (leaving.requests if leaving else 0)
    return RequestBudget(
        read=live.requests + more,
        by_operation=by_operation,
        verify=verify + _logins_again(graph, leaving) if graph.nodes else 0,
        per_minute=per_minute,
        floor=replace(floor, read=min(floor.read, live.requests) + more),
    )


def _logins_again(graph: Graph[Step], leaving: LeavingFacts | None) -> int:
    """Return the requests that verify the end of logins."""
    ends = any(step.operation is Operation.END_LOGIN for step in graph.nodes.values())
    return leaving.key_requests if leaving and ends else 0


def _objects_after(changes: Iterable[Change], live: LiveState) -> Iterator[KindAndFields]:
    """Yield kind and field values of each object of the account after the changes."""
    changed = {change.address.identity: change for change in changes}
    for identity, existing in live.objects.items():
        if identity not in changed:
            yield identity[0], existing.attributes
    for (kind, _), change in changed.items():
        if change.after is not None:
            yield kind, change.after
