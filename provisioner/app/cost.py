"""What an apply of a plan costs: the requests to read, to write and to read back."""

from collections import Counter

from provisioner.address import Kind
from provisioner.execution.cost import count_requests
from provisioner.execution.steps import build_graph
from provisioner.live.reader import pages
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Action, Change
from provisioner.planning.plan import Requests


def with_hours(desired: DesiredState) -> frozenset[str]:
    """Return the folded emails of the agents whose hours are declared."""
    return frozenset(
        resource.address.key for resource in desired.of(Kind.AGENT) if resource.hours is not None
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
    before = Counter(kind for kind, _ in live.objects)
    created = [change.address for change in changes if change.action is Action.CREATE]
    after = before + Counter(address.kind for address in created)
    longer = sum(
        pages(after[kind] * times) - pages(before[kind] * times)
        for kind, times in _LISTS[live.surface]
    )
    if live.surface is Surface.V3:
        # Hours are read device by device: before for all who declare some, after where written.
        before_hours = {key for kind, key in live.objects if kind is Kind.AGENT} & hours_of
        longer += len(SERVICES) * (len(written) - len(before_hours))
        longer -= bool(hours_of) and not written
    return Requests(
        read=live.requests,
        by_operation=count_requests(graph, after[Kind.AGENT]),
        verify=live.requests + longer if graph.nodes else 0,
        per_minute=per_minute,
    )


_LISTS = {
    Surface.V3: ((Kind.AGENT, 1), (Kind.AGENT, len(SERVICES)), (Kind.DEPARTMENT, 1)),
    Surface.FULL: (
        (Kind.AGENT, 1),
        (Kind.AGENT, 1),
        (Kind.AGENT, len(SERVICES)),
        (Kind.DEPARTMENT, 1),
        (Kind.ROLE, 1),
    ),
}
"""The lists that are read in numbered pages: whose rows they hold, and how many for each object."""
