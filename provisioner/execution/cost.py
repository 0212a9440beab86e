"""What a graph of steps costs in requests. A plan says it, and an apply takes exactly that."""

from collections import Counter

from provisioner.execution.graph import Graph
from provisioner.execution.steps import BATCH_SIZE, Operation, Step
from provisioner.live.reader import cursor_pages, pages
from provisioner.model.kinds import SERVICES


def count_requests(graph: Graph[Step], agents: int) -> Counter[str]:
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
