"""From a plan's changes to a graph of steps, each one act on the API.

    roles, departments ──> agents ──> memberships ──> services and availability
                                                 └──> memberships that end
    and then what goes away: agents, departments, roles

The plan's request count and the apply are made from the same graph.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner import address as addresses
from provisioner.address import Address, Kind
from provisioner.execution.graph import Graph
from provisioner.model.kinds import MEMBERSHIP_FIELDS, PROFILE_FIELDS, SERVICES
from provisioner.planning.changes import Action, Change

BATCH_SIZE = 200
"""Rows that one batch call carries. The real maximum is unknown (U); kept well under a page."""


class Operation(StrEnum):
    """What a step does. The provider has one method for each."""

    CREATE_ROLE = "create-role"
    UPDATE_ROLE = "update-role"
    DELETE_ROLE = "delete-role"
    CREATE_DEPARTMENT = "create-department"
    UPDATE_DEPARTMENT = "update-department"
    DELETE_DEPARTMENT = "delete-department"
    CREATE_AGENT = "create-agent"
    RESTORE_AGENT = "restore-agent"
    UPDATE_AGENT = "update-agent"
    DELETE_AGENT = "delete-agent"
    ADD_MEMBER = "add-member"
    REMOVE_MEMBER = "remove-member"
    READ_DEVICES = "read-devices"
    SET_AVAILABILITY = "set-availability"
    SET_MEMBERSHIP = "set-membership"
    SET_HOURS = "set-hours"
    SET_VOICE = "set-voice"
    UPDATE_PROFILE = "update-profile"
    SET_SERVICE = "set-service"

    @property
    def batched(self) -> bool:
        """Whether one call can carry many steps of this operation."""
        return self is Operation.SET_SERVICE


@dataclass(frozen=True, slots=True)
class Step:
    """One act.

    Attributes:
        id: unique in its graph; readable.
        operation: what it does.
        address: the object whose change it belongs to; None for a step that serves many.
        department: the department of a membership or of its service.
        service: the service of an availability.
        value: what is to be set: `online`, `offline`, True or False.
        values: the fields to write, in the YAML's vocabulary.
    """

    id: str
    operation: Operation
    address: Address | None = None
    department: str = ""
    service: str = ""
    value: str | bool = ""
    values: Mapping[str, Any] = field(default_factory=dict)


READ_DEVICES = Step("read-devices", Operation.READ_DEVICES)
"""Learns the devices that LiveAgent makes with a new agent, for all of them at once."""

AGENT_FIELDS = frozenset({"email", "name", "role", "gender"})
"""The fields of an agent that its own write carries."""

_WRITE = {
    (kind, action): Operation(f"{action}-{kind}")
    for kind in Kind
    for action in (Action.CREATE, Action.UPDATE, Action.DELETE)
}


def steps_of(change: Change) -> Iterator[Step]:
    """Yield the steps that make a change true, in no order."""
    if change.action is Action.DELETE:
        yield _step(_WRITE[change.address.kind, Action.DELETE], change)
        return
    changed = _changed(change)
    is_agent = change.address.kind is Kind.AGENT
    own = {name: changed[name] for name in changed if not is_agent or name in AGENT_FIELDS}
    if change.action is Action.CREATE and change.id:
        yield _step(Operation.RESTORE_AGENT, change, values=own, value=change.id)
    elif change.action is Action.CREATE or own:
        yield _step(_WRITE[change.address.kind, change.action], change, values=own)
    if is_agent:
        yield from _availability(change)
        yield from _membership(change)
        yield from _profile(change, changed)
        yield from _hours(change)


def build_graph(changes: Iterable[Change]) -> Graph[Step]:
    """Build the graph of all steps of a plan's changes."""
    changes = [change for change in changes if change.action is not Action.NO_OP]
    by_change = {change.address: list(steps_of(change)) for change in changes}
    steps = {step.id: step for group in by_change.values() for step in group}
    edges = _Edges(steps)
    for change in changes:
        edges.connect(change, by_change[change.address])
    return Graph(steps, edges.needs, edges.after)


def _step(operation: Operation, change: Change, **more: Any) -> Step:
    parts = [more[key] for key in ("department", "service") if key in more]
    return Step(
        "#".join([str(change.address), operation, *parts]), operation, change.address, **more
    )


def _changed(change: Change) -> dict[str, Any]:
    """Return the top-level fields that are to be written, with their new values."""
    after = change.after or {}
    if change.action is Action.CREATE:
        return dict(after)
    return {name: after[name] for name in {field.path[0] for field in change.fields}}


def _profile(change: Change, changed: Mapping[str, Any]) -> Iterator[Step]:
    values = {name: value for name, value in changed.items() if name in PROFILE_FIELDS}
    if "sounds" in values:
        # A sound that goes is written as null: what a write leaves out stays.
        before = (change.before or {}).get("sounds", {})
        values["sounds"] = {**dict.fromkeys(before), **values["sounds"]}
    if values:
        yield _step(Operation.UPDATE_PROFILE, change, values=values)
    if "voice_status" in changed:
        yield _step(Operation.SET_VOICE, change, value=changed["voice_status"])


def _hours(change: Change) -> Iterator[Step]:
    before = (change.before or {}).get("hours", {})
    after = (change.after or {}).get("hours", before)
    left = (change.before or {}).get("departments", {}).keys() - (change.after or {}).get(
        "departments", (change.before or {}).get("departments", {})
    ).keys()
    for department in sorted((before.keys() | after.keys()) - left):
        for service in SERVICES:
            old = before.get(department, {}).get(service, {})
            new = after.get(department, {}).get(service, {})
            if old != new:
                yield _step(
                    Operation.SET_HOURS,
                    change,
                    department=department,
                    service=service,
                    values={"before": old, "after": new},
                )


def _availability(change: Change) -> Iterator[Step]:
    before = (change.before or {}).get("availability", {})
    after = (change.after or {}).get("availability", {})
    for service in SERVICES:
        if service in after and after[service] != before.get(service):
            yield _step(Operation.SET_AVAILABILITY, change, service=service, value=after[service])


def _membership(change: Change) -> Iterator[Step]:
    before = (change.before or {}).get("departments", {})
    after = (change.after or {}).get("departments", before)
    for department in before.keys() - after.keys():
        yield _step(Operation.REMOVE_MEMBER, change, department=department)
    for department, entry in after.items():
        known = before.get(department, {})
        settings = {
            name: value
            for name, value in entry.items()
            if name in MEMBERSHIP_FIELDS and value != known.get(name)
        }
        if department not in before:
            yield _step(Operation.ADD_MEMBER, change, department=department, values=settings)
        elif settings:
            yield _step(Operation.SET_MEMBERSHIP, change, department=department, values=settings)
        for service in SERVICES:
            if service in entry and entry[service] != known.get(service):
                yield _step(
                    Operation.SET_SERVICE,
                    change,
                    department=department,
                    service=service,
                    value=entry[service],
                )


_OWN_WRITES = {Operation.CREATE_AGENT, Operation.RESTORE_AGENT, Operation.UPDATE_AGENT}
"""The writes of an agent itself: they need the role, and all else of the agent needs them."""


class _Edges:
    """Collects what must come before what."""

    def __init__(self, steps: dict[str, Step]) -> None:
        self.steps = steps
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
        self.agents = frozenset(
            step.id for step in steps.values() if step.address and step.address.kind is Kind.AGENT
        )

    def connect(self, change: Change, steps: list[Step]) -> None:
        """Add the edges of one change's steps."""
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
                self.needs[step.id] |= self.new_owners
            if step.operation in _OWN_WRITES:
                self.needs[step.id] |= self._role(step)
                continue
            self.needs[step.id] |= created
            if step.operation is Operation.ADD_MEMBER:
                department = addresses.department(step.department)
                self.needs[step.id] |= self._write(Operation.CREATE_DEPARTMENT, department)
            if step.operation in {Operation.REMOVE_MEMBER, Operation.SET_AVAILABILITY}:
                self.after[step.id] |= frozenset(joins.values())
            if step.service:
                self.needs[step.id] |= self._devices(created)
                if step.department in joins:
                    self.needs[step.id] |= {joins[step.department]}

    def _write(self, operation: Operation, address: Address) -> frozenset[str]:
        step = self.writes.get((operation, address.identity))
        return frozenset({step} if step else ())

    def _role(self, step: Step) -> frozenset[str]:
        name = step.values.get("role")
        return self._write(Operation.CREATE_ROLE, addresses.role(name)) if name else frozenset()

    def _devices(self, created: frozenset[str]) -> frozenset[str]:
        """Return the step that learns the devices of new agents, behind every creation."""
        if not created:
            return frozenset()
        self.steps.setdefault(READ_DEVICES.id, READ_DEVICES)
        self.after[READ_DEVICES.id] |= created
        return frozenset({READ_DEVICES.id})
