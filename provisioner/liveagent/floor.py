"""Counts the fewest requests that could do the changes of a plan with LiveAgent's API.

The number is a bound, not a way to work: it looks at nothing right before it is overwritten, trusts
each list without proof, and does not read back. `costs` counts what an apply really makes.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from provisioner.address import Kind
from provisioner.execution.operations import Operation
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState, Surface
from provisioner.liveagent.creation_values import CreationValues
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.kinds import SERVICES
from provisioner.planning.plans.requests import RequestFloor


def request_floor(
    graph: Graph[Step],
    live: LiveState,
    *,
    hours_of: frozenset[str],
    capabilities: AccountCapabilities,
) -> RequestFloor:
    """Return the fewest requests that read an account and do the steps of a graph.

    Args:
        graph: the steps.
        live: the account before the steps.
        hours_of: folded emails and ids of the agents with hours in `live`.
        capabilities: what is known of the account's behaviour.
    """
    given = CreationValues(live, capabilities)
    steps = [
        step for step in graph.nodes.values() if step.operation.writes and not given.include(step)
    ]
    calls = Counter(chain.from_iterable(map(_calls, steps)))
    rows: int = capabilities["batch_size"]
    counts = {
        str(operation): -(-count // rows) if operation.batched else count
        for operation, count in calls.items()
    }
    if photos := {step.values["photo"] for step in steps if step.values.get("photo")}:
        counts["upload-photo"] = len(photos)
    if devices := len(SERVICES) * _with_new_devices(steps):
        counts[str(Operation.READ_DEVICES)] = _pages(devices, live)
    return RequestFloor(_reading(live, hours_of), counts)


def _calls(step: Step) -> list[Operation]:
    """Return the operation of a step, once for each request that it needs.

    Hours can only be deleted and added, and an account is restored before it is updated (D).
    """
    number = 1
    if step.operation is Operation.SET_HOURS:
        number = bool(step.values["before"]) + bool(step.values["after"])
    elif step.operation is Operation.RESTORE_AGENT:
        number = 2
    return [step.operation] * number


def _with_new_devices(steps: Iterable[Step]) -> int:
    """Return the number of new agents with a device to write, so that its id has to be read."""
    created, with_device = set(), set()
    for step in steps:
        if step.service:
            with_device.add(step.address)
        elif step.operation.creates:
            created.add(step.address)
    return len(created & with_device)


def _reading(live: LiveState, hours_of: frozenset[str]) -> int:
    """Return the requests of one reading: as many pages as the rows fill, and at least one."""
    rows = Counter(kind for kind, _ in live.objects)
    agents = _pages(rows[Kind.AGENT], live)
    grids = agents + _pages(rows[Kind.DEPARTMENT], live)
    if live.surface is Surface.FULL:
        settings, permissions, account = agents, 1, 1
        return grids + agents + settings + _pages(rows[Kind.ROLE], live) + permissions + account
    devices, keys = _pages(rows[Kind.AGENT] * len(SERVICES), live), 1
    zone, plugins = bool(hours_of), live.plugins_read is not None
    return grids + agents + devices + keys + zone + plugins + _hours(live)


def _hours(live: LiveState) -> int:
    """Return the requests for the hours on API v3: one for each web device (D)."""
    return sum(
        len(existing.attributes["availability"])
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT and "hours" in existing.attributes
    )


def _pages(rows: int, live: LiveState) -> int:
    return max(1, -(-rows // live.paging.size))
