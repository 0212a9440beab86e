"""Counts the finished objects of an apply, from the outcomes of their steps."""

from collections import Counter
from collections.abc import Sequence

from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action, Change

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.NO_OP: "unchanged",
}

_BY_SEVERITY = [Status.FAILED, Status.SKIPPED, Status.APPLIED]
"""Statuses of steps; an object has the first of those that its steps have."""


class ObjectProgress:
    """Counts the steps of each object that are still to come.

    Attributes:
        total: the number of objects.
        finished: the number of objects without any step to come.
    """

    def __init__(self, changes: Sequence[Change], graph: Graph[Step]) -> None:
        self.total = len(changes)
        self.finished = 0
        self._results = {
            str(change.address): "restored" if change.restores else _DONE[change.action]
            for change in changes
        }
        self._open_steps = Counter(
            str(step.address) for step in graph.nodes.values() if step.address
        )
        self._problems: dict[str, Status] = {}

    def count(self, outcome: Outcome) -> tuple[str, str] | None:
        """Count a step that has ended.

        Returns:
            The address of its object and the result for it, such as `created`, if this was the
            last step of the object.
        """
        if outcome.step.address is None:
            return None
        address = str(outcome.step.address)
        self._open_steps[address] -= 1
        if outcome.status is not Status.APPLIED:
            self._problems[address] = min(
                self._problems.get(address, outcome.status),
                outcome.status,
                key=_BY_SEVERITY.index,
            )
        if self._open_steps[address]:
            return None
        self.finished += 1
        problem = self._problems.get(address)
        return address, problem.value if problem else self._results[address]
