"""What an apply of a plan costs: the requests to read, to write and to read back."""

from collections import Counter
from collections.abc import Mapping

from provisioner.address import Kind
from provisioner.execution.cost import count_requests
from provisioner.execution.edges import build_graph
from provisioner.live.reader import cursor_pages, full_pages, pages
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
    longer = _reads(live.surface, after) - _reads(live.surface, before)
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


def _reads(surface: Surface, counts: Mapping[Kind, int]) -> int:
    """Return how many requests the lists of an account take whose agents have all devices.

    The grids end with their last page. Of agents a grid of several pages proves the end, and of
    what hangs on agents any grid does; other lists end with an empty page.
    """
    agents = cursor_pages(counts[Kind.AGENT])
    departments = cursor_pages(counts[Kind.DEPARTMENT])
    end = agents == 1
    total = agents + departments + agents + end
    if surface is Surface.V3:
        return total + full_pages(counts[Kind.AGENT] * len(SERVICES))
    return total + agents + pages(counts[Kind.ROLE])
