"""The graph of a plan: its steps, and which step must run before which.

    create roles and departments
        └─> create, restore or update agents
                └─> join departments
                        ├─> availability, services and hours
                        └─> leave departments
    all steps of agents
        └─> delete departments and roles

Further rules:

- An object takes an email or name only after the rename that frees it.
- Owners lose their role only after the new owners exist: an account must have an owner.
- A step that overwrites values is looked at right before; see `looks`.

The plan counts its requests with the same graph that an apply runs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, TypeVar

from provisioner import address as addresses
from provisioner.address import Address, Kind
from provisioner.execution.looks import SINGLE_LOOKS, LookRules, Waits, add_looks
from provisioner.execution.operations import Operation
from provisioner.execution.steps import READ_DEVICES, Step, steps_of
from provisioner.planning.changes import Action, Change, renamed_away

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Graph(Generic[Node]):
    """Nodes and the order between them.

    Attributes:
        nodes: mapping from id to node.
        needs: mapping from id to the ids of the nodes that must succeed first. If one fails or is
            skipped, the node is skipped.
        after: mapping from id to the ids of the nodes that must have ended first, even by failing.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def before(self, node: str) -> frozenset[str]:
        """Return the ids of all nodes that must have ended before a node starts."""
        return self.needs.get(node, frozenset()) | self.after.get(node, frozenset())


def build_graph(changes: Iterable[Change], rules: LookRules = SINGLE_LOOKS) -> Graph[Step]:
    """Return the steps of changes and their order. A no-op has no steps.

    `rules` are the pages that can be the look for writes.
    """
    changes = [change for change in changes if change.action is not Action.NO_OP]
    by_change = [(change, list(steps_of(change))) for change in changes]
    edges = _Edges({step.id: step for _, own in by_change for step in own}, changes)
    for change, own in by_change:
        edges.connect(change, own)
    edges.read_devices()
    edges.delete_last()
    add_looks(edges, by_change, rules)
    return Graph(edges.steps, edges.needs, edges.after)


_OWN_WRITES = {
    Kind.AGENT: (Operation.CREATE_AGENT, Operation.RESTORE_AGENT, Operation.UPDATE_AGENT),
    Kind.DEPARTMENT: (Operation.CREATE_DEPARTMENT, Operation.UPDATE_DEPARTMENT),
    Kind.ROLE: (Operation.CREATE_ROLE, Operation.UPDATE_ROLE),
}
"""The operations that write an object itself, including its email or name."""

_DEVICES_READ = frozenset({READ_DEVICES.id})


def _is_owner(change: Change) -> bool:
    return (change.before or {}).get("role") == "owner"


class _Edges:
    """Collects the edges of a graph, and adds the reading steps that other steps need.

    Attributes:
        steps: mapping from id to step; reading steps are added.
        needs: mapping from id to the ids of the steps that must succeed first.
        after: mapping from id to the ids of the steps that must have ended first.
        changes: identity to the change of the object.
        freed_by: identity to the change that renames the object with this identity.
        own_writes: operation and identity to the step that writes the object itself.
        new_owners: the steps that make somebody an owner.
        heirs: the steps that wait for the name of an owner.
    """

    def __init__(self, steps: dict[str, Step], changes: Sequence[Change]) -> None:
        self.steps = steps
        self.needs = Waits()
        self.after = Waits()
        self.changes = {change.address.identity: change for change in changes}
        self.freed_by = renamed_away(changes)
        self.own_writes = {
            (step.operation, step.address.identity): step.id
            for step in steps.values()
            if step.address and not step.department and not step.service
        }
        self.new_owners = frozenset(
            step.id for step in steps.values() if step.values.get("role") == "owner"
        )
        self.heirs = frozenset[str]().union(
            *(self._waiting_for_name_of(change) for change in changes if _is_owner(change))
        )

    def connect(self, change: Change, steps: list[Step]) -> None:
        """Add the edges of the steps of one change."""
        self._wait_for_name(change)
        if change.address.kind is Kind.AGENT:
            self._connect_agent(change, steps)

    def read_devices(self) -> None:
        """Read the devices of new agents once all of them are created: later rows change pages."""
        created = {Operation.CREATE_AGENT, Operation.RESTORE_AGENT}
        if READ_DEVICES.id in self.steps:
            steps = (step.id for step in self.steps.values() if step.operation in created)
            self.after.add(READ_DEVICES.id, frozenset(steps))

    def delete_last(self) -> None:
        """Make departments and roles wait for all steps of agents, and then for each other.

        One waits for the agents and the next for the one before, so that the edges stay few.
        """
        deletions = [
            step.id
            for step in self.steps.values()
            if step.operation in {Operation.DELETE_DEPARTMENT, Operation.DELETE_ROLE}
        ]
        for first in deletions[:1]:
            of_agents = frozenset(
                step.id
                for step in self.steps.values()
                if step.address and step.address.kind is Kind.AGENT
            )
            self.after.add(first, of_agents)
        for former, later in pairwise(deletions):
            self.after.add(later, frozenset({former}))

    def _wait_for_name(self, change: Change) -> None:
        """Make a step that gives its object a name wait for the rename that frees the name."""
        if change.takes_name and (rename := self.freed_by.get(change.address.identity)):
            freeing = frozenset(self._naming_steps(rename))
            for step in self._naming_steps(change):
                self.needs.add(step, freeing)

    def _connect_agent(self, change: Change, steps: list[Step]) -> None:
        created = self._own_write(Operation.CREATE_AGENT, change.address)
        created |= self._own_write(Operation.RESTORE_AGENT, change.address)
        new_owners = self._new_owners(change)
        joins = {
            step.department: frozenset({step.id})
            for step in steps
            if step.operation is Operation.ADD_MEMBER
        }
        for step in steps:
            self.needs.add(step.id, new_owners)
            if step.operation in _OWN_WRITES[Kind.AGENT]:
                self.needs.add(step.id, self._new_role(step))
            else:
                self.needs.add(step.id, created)
                self._connect_part(step, change, joins)
            if step.service and created:
                self.steps.setdefault(READ_DEVICES.id, READ_DEVICES)
                self.needs.add(step.id, _DEVICES_READ)

    def _connect_part(
        self, step: Step, change: Change, joins: Mapping[str, frozenset[str]]
    ) -> None:
        """Add the edges of a step that writes a part of an agent.

        `joins` maps a department to the step by which the agent joins it.
        """
        if step.operation in {Operation.UPDATE_AGENT_SETTINGS, Operation.SET_VOICE}:
            # An update sends the whole agent, so it would overwrite a photo or a voice status.
            self.after.add(step.id, self._own_write(Operation.UPDATE_AGENT, change.address))
        if step.operation is Operation.ADD_MEMBER:
            department = addresses.department(step.department)
            self.needs.add(step.id, self._own_write(Operation.CREATE_DEPARTMENT, department))
        if step.operation in {Operation.REMOVE_MEMBER, Operation.SET_AVAILABILITY}:
            self.after.add(step.id, frozenset[str]().union(*joins.values()))
        if step.service and step.department in joins:
            self.needs.add(step.id, joins[step.department])

    def _new_owners(self, change: Change) -> frozenset[str]:
        """Return the steps that make new owners, for a change of an owner.

        If some of them wait for the name which this change frees, all that wait for the name of an
        owner are left out: they would be a cycle.
        """
        if not _is_owner(change):
            return frozenset()
        gives_name = not self.new_owners.isdisjoint(self._waiting_for_name_of(change))
        return self.new_owners - self.heirs if gives_name else self.new_owners

    def _waiting_for_name_of(self, change: Change) -> frozenset[str]:
        """Return the steps that wait for the name of an object, directly or in a chain."""
        waiting: set[str] = set()
        while (former := change.former_identity) in self.changes:
            change = self.changes[former]
            if not change.takes_name or waiting & {*self._naming_steps(change)}:
                break
            waiting |= {*self._naming_steps(change)}
        return frozenset(waiting)

    def _naming_steps(self, change: Change) -> Iterator[str]:
        """Yield the step of a change that gives its object an email or name."""
        for operation in _OWN_WRITES[change.address.kind]:
            yield from self._own_write(operation, change.address)

    def _own_write(self, operation: Operation, address: Address) -> frozenset[str]:
        """Return the step that writes an object itself; nothing if there is none."""
        step = self.own_writes.get((operation, address.identity))
        return frozenset({step} if step else ())

    def _new_role(self, step: Step) -> frozenset[str]:
        """Return the step that creates the role which a step gives to an agent."""
        name = step.values.get("role")
        return self._own_write(Operation.CREATE_ROLE, addresses.role(name)) if name else frozenset()
