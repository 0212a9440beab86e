"""Which objects of a run are finished, from the ends of their steps."""

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
    Action.NO_OP: "left alone",
}


class Objects:
    """Counts the steps of each object, to tell when one is finished."""

    def __init__(self, changes: Sequence[Change], graph: Graph[Step]) -> None:
        self.total = len(changes)
        self.finished = 0
        self._actions = {str(change.address): change.action for change in changes}
        self._left = Counter(str(step.address) for step in graph.nodes.values() if step.address)
        self._bad: dict[str, Status] = {}

    def ended(self, outcome: Outcome) -> tuple[str, str] | None:
        """Return an object and how it ended, where this was its last step."""
        if outcome.step.address is None:
            return None
        address = str(outcome.step.address)
        self._left[address] -= 1
        if outcome.status is not Status.APPLIED:
            self._bad[address] = min(
                self._bad.get(address, outcome.status), outcome.status, key=_GRAVITY.index
            )
        if self._left[address]:
            return None
        self.finished += 1
        bad = self._bad.get(address)
        return address, bad.value if bad else _DONE[self._actions[address]]


_GRAVITY = [Status.FAILED, Status.SKIPPED, Status.APPLIED]
