"""From a plan's changes to a graph: which step must come before which.

    roles, departments ──> agents ──> memberships ──> services and availability
                                                 └──> memberships that end
    and then what goes away: agents, departments, roles

The plan's request count and the apply are made from the same graph.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from provisioner import address as addresses
from provisioner.address import Address, Kind
from provisioner.execution.graph import Graph
from provisioner.execution.steps import (
    READ_DEVICES,
    READ_SERVICES,
    Operation,
    Step,
    step_for,
    steps_of,
)
from provisioner.planning.changes import Action, Change, renamed_away


def build_graph(changes: Iterable[Change]) -> Graph[Step]:
    """Build the graph of all steps of a plan's changes."""
    changes = [change for change in changes if change.action is not Action.NO_OP]
    by_change = {change.address: list(steps_of(change)) for change in changes}
    steps = {step.id: step for group in by_change.values() for step in group}
    edges = _Edges(steps, changes)
    for change in changes:
        edges.connect(change, by_change[change.address])
    return Graph(steps, edges.needs, edges.after)


_NAMINGS = {
    Kind.AGENT: (Operation.CREATE_AGENT, Operation.RESTORE_AGENT, Operation.UPDATE_AGENT),
    Kind.DEPARTMENT: (Operation.CREATE_DEPARTMENT, Operation.UPDATE_DEPARTMENT),
    Kind.ROLE: (Operation.CREATE_ROLE, Operation.UPDATE_ROLE),
}
"""The writes of an object itself, which give it its email or name.

Those of an agent need the role, and all else of the agent needs them."""


_SHOWN_IN_AGENT_SETTINGS = {
    Operation.UPDATE_AGENT_SETTINGS,
    Operation.ADD_MEMBER,
    Operation.SET_MEMBERSHIP,
    Operation.REMOVE_MEMBER,
}
"""Operations that overwrite values which the agent settings show."""


class _Edges:
    """Collects what must come before what."""

    def __init__(self, steps: dict[str, Step], changes: Sequence[Change]) -> None:
        self.steps = steps
        self.freed_by = renamed_away(changes)
        self.by_identity = {change.address.identity: change for change in changes}
        self.needs: dict[str, frozenset[str]] = defaultdict(frozenset)
        self.after: dict[str, frozenset[str]] = defaultdict(frozenset)
        self.writes = {
            (step.operation, step.address.identity): step.id
            for step in steps.values()
            if step.address and not step.department and not step.service
        }
        self.new_owners = frozenset(
            step.id for step in steps.values() if step.values.get("role") == "owner"
        )
        self.batched = frozenset(step.id for step in steps.values() if step.operation.batched)
        self.agents = frozenset(
            step.id for step in steps.values() if step.address and step.address.kind is Kind.AGENT
        )

    def connect(self, change: Change, steps: list[Step]) -> None:
        """Add the edges of one change's steps."""
        self._wait_for_name(change)
        if change.address.kind is Kind.AGENT:
            self._connect_agent(change, steps)
            return
        for step in steps:
            if step.operation in {Operation.DELETE_DEPARTMENT, Operation.DELETE_ROLE}:
                self.after[step.id] |= self.agents

    def _connect_agent(self, change: Change, steps: list[Step]) -> None:
        created = self._write(Operation.CREATE_AGENT, change.address)
        created |= self._write(Operation.RESTORE_AGENT, change.address)
        joins = {
            step.department: step.id for step in steps if step.operation is Operation.ADD_MEMBER
        }
        was_owner = (change.before or {}).get("role") == "owner"
        for step in steps:
            if was_owner:
                # An account is never without an owner: where a new one can't be made, the old
                # ones stay as they are.
                self.needs[step.id] |= self.new_owners - self._takers(change)
            if step.operation in _NAMINGS[Kind.AGENT]:
                self.needs[step.id] |= self._role(step)
                continue
            self.needs[step.id] |= created
            if step.operation in {Operation.UPDATE_AGENT_SETTINGS, Operation.SET_VOICE}:
                # The agent is sent whole: what a photo or a voice changes in it must come later.
                self.after[step.id] |= self._write(Operation.UPDATE_AGENT, change.address)
            if step.operation is Operation.ADD_MEMBER:
                department = addresses.department(step.department)
                self.needs[step.id] |= self._write(Operation.CREATE_DEPARTMENT, department)
            if step.operation in {Operation.REMOVE_MEMBER, Operation.SET_AVAILABILITY}:
                self.after[step.id] |= frozenset(joins.values())
            if step.service:
                self.needs[step.id] |= self._devices(created)
                if step.department in joins:
                    self.needs[step.id] |= {joins[step.department]}
            if step.checked:
                self.needs[step.id] |= self._read_again(step, change)

    def _wait_for_name(self, change: Change) -> None:
        """Let a change that gives a name to its object wait for the rename that frees the name."""
        if change.takes_name and (rename := self.freed_by.get(change.address.identity)):
            freed = frozenset(self._namings(rename))
            for step in self._namings(change):
                self.needs[step] |= freed

    def _takers(self, change: Change) -> frozenset[str]:
        """Return the steps that wait for the name that a change frees, directly or in a chain."""
        found: set[str] = set()
        while (former := change.former_identity) in self.by_identity:
            change = self.by_identity[former]
            if not change.takes_name or found & {*self._namings(change)}:
                break
            found |= {*self._namings(change)}
        return frozenset(found)

    def _namings(self, change: Change) -> Iterator[str]:
        """Yield the step of a change that creates or renames its object."""
        for operation in _NAMINGS[change.address.kind]:
            yield from self._write(operation, change.address)

    def _write(self, operation: Operation, address: Address) -> frozenset[str]:
        step = self.writes.get((operation, address.identity))
        return frozenset({step} if step else ())

    def _role(self, step: Step) -> frozenset[str]:
        name = step.values.get("role")
        return self._write(Operation.CREATE_ROLE, addresses.role(name)) if name else frozenset()

    def _read_again(self, step: Step, change: Change) -> frozenset[str]:
        """Return the step that reads again what a step is compared with, where one does so."""
        if step.operation in _SHOWN_IN_AGENT_SETTINGS:
            read = step_for(Operation.READ_AGENT_SETTINGS, change)
            self.steps.setdefault(read.id, read)
            return frozenset({read.id})
        if step.operation is Operation.SET_SERVICE:
            self.steps.setdefault(READ_SERVICES.id, READ_SERVICES)
            # Last of all that concerns agents: right before the batches that need it.
            self.after[READ_SERVICES.id] = self.agents - self.batched
            return frozenset({READ_SERVICES.id})
        return frozenset()

    def _devices(self, created: frozenset[str]) -> frozenset[str]:
        """Return the step that learns the devices of new agents, behind every creation."""
        if not created:
            return frozenset()
        self.steps.setdefault(READ_DEVICES.id, READ_DEVICES)
        self.after[READ_DEVICES.id] |= created
        return frozenset({READ_DEVICES.id})
