"""Splits changes into steps: one operation on the API each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from provisioner.address import Address, Kind
from provisioner.execution.operations import LookList, Operation
from provisioner.live.state import ListPage
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS, FieldPath
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import LOGINS, Action, Change


@dataclass(frozen=True, slots=True)
class PageLook:
    """A page of a list that is read right before writes to objects on it.

    Attributes:
        listing: the list.
        place: the place of the page in the list.
        proof: a step that is looked at alone, too; None for none. It shows whether the list has
            all fields of an object that is sent back whole.
    """

    listing: LookList
    place: ListPage
    proof: "Step | None" = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on one object, a part of a change.

    Attributes:
        id: readable name, unique in the graph.
        operation: the operation.
        address: the object of the change; None for a reading step that several changes share.
        department: the department of a membership or of a service in it.
        service: the service of an availability, or of a service in a department.
        login: the id of the LivePhone login to end.
        value: the single value to set: `online`, `offline`, True or False.
        values: mapping from field to value to write, in the words of the YAML.
        paths: the fields that the step writes.
        checked: whether the values to be overwritten are compared with the plan right before.
        fresh: whether the plan creates the object, so that it has LiveAgent's defaults. A
            restored object is not fresh.
        look: the id of the step that reads the values to be compared; "" if this step does.
        page: the page that a step READ_PAGE reads.
        calls: the number of writing calls that rely on a step that looks.
    """

    id: str
    operation: Operation
    address: Address | None = None
    department: str = ""
    service: str = ""
    login: str = ""
    value: str | bool = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[FieldPath, ...] = ()
    checked: bool = False
    fresh: bool = False
    look: str = ""
    page: PageLook | None = None
    calls: int = 0


READ_DEVICES = Step("read-devices", Operation.READ_DEVICES)
"""Reads the devices that LiveAgent creates with new agents, for all of them at once."""

_IN_OTHER_STEPS = frozenset(
    {"availability", "departments", "hours", "voice_status", LOGINS, *AGENT_SETTINGS}
)
"""The fields of an agent that other steps write than the one for the agent itself."""

_OWN_WRITE = {
    (kind, action): Operation(f"{action}-{kind}")
    for kind in Kind
    for action in (Action.CREATE, Action.UPDATE, Action.DELETE)
}
"""Kind and action to the operation that writes the object itself."""


def address_of(step: Step) -> Address:
    """Return the object of a step.

    Raises:
        ValueError: several changes share the step.
    """
    if step.address is None:
        raise ValueError(f"step {step.id} has no object")
    return step.address


def steps_of(change: Change) -> Iterator[Step]:
    """Yield the steps of a change. Their order means nothing; see `step_graph`."""
    if change.action is Action.DELETE:
        yield step_for(_OWN_WRITE[change.address.kind, Action.DELETE], change)
        return
    changed = _changed(change)
    is_agent = change.address.kind is Kind.AGENT
    elsewhere = _IN_OTHER_STEPS if is_agent else frozenset()
    own = {name: value for name, value in changed.items() if name not in elsewhere}
    if change.restores:
        yield step_for(Operation.RESTORE_AGENT, change, values=own, value=change.id)
    elif change.action is Action.CREATE or own:
        yield step_for(_OWN_WRITE[change.address.kind, change.action], change, values=own)
    if is_agent:
        yield from _availability(change)
        yield from _membership(change)
        yield from _agent_settings(change, changed)
        yield from _hours(change)
        yield from _logins(change)


def steps_writing(change: Change, path: FieldPath) -> list[Step]:
    """Return the steps of a change that write a field or a part of it."""
    return [
        step for step in steps_of(change) if any(_overlap(path, written) for written in step.paths)
    ]


def _overlap(path: FieldPath, other: FieldPath) -> bool:
    """Return whether one of two paths starts with the other."""
    return all(one == two for one, two in zip(path, other, strict=False))


def step_for(operation: Operation, change: Change, **more: Any) -> Step:
    """Return a step of a change, with id, `paths`, `checked` and `fresh` filled in."""
    parts = [more[key] for key in ("department", "service", "login") if key in more]
    step_id = "#".join([str(change.address), operation, *parts])
    more.setdefault("checked", change.before is not None)
    more["paths"] = _shared(more.get("paths", tuple((name,) for name in more.get("values", ()))))
    more["fresh"] = change.action is Action.CREATE and not change.restores
    return Step(step_id, operation, change.address, **more)


@lru_cache(maxsize=1024)
def _shared(paths: tuple[FieldPath, ...]) -> tuple[FieldPath, ...]:
    """Return one object for equal paths: the steps of a plan have few."""
    return paths


def _changed(change: Change) -> dict[str, Any]:
    """Return a mapping from top-level field to new value, for the fields that a change writes."""
    after = change.after or {}
    if change.action is Action.CREATE:
        return dict(after)
    return {name: after[name] for name in {field.path[0] for field in change.fields}}


def _agent_settings(change: Change, changed: Mapping[str, Any]) -> Iterator[Step]:
    values = {name: value for name, value in changed.items() if name in AGENT_SETTINGS}
    if values:
        yield step_for(Operation.UPDATE_AGENT_SETTINGS, change, values=values)
    if "voice_status" in changed:
        yield step_for(
            Operation.SET_VOICE,
            change,
            value=changed["voice_status"],
            paths=(("voice_status",),),
        )


def _hours(change: Change) -> Iterator[Step]:
    """Yield steps for the hours in departments that the agent does not leave."""
    before = (change.before or {}).get("hours", {})
    after = (change.after or {}).get("hours", before)
    memberships = (change.before or {}).get("departments", {})
    remaining = (change.after or {}).get("departments", memberships)
    left_departments = memberships.keys() - remaining.keys()
    for department in sorted((before.keys() | after.keys()) - left_departments):
        for service in SERVICES:
            old = before.get(department, {}).get(service, {})
            new = after.get(department, {}).get(service, {})
            if old != new:
                yield step_for(
                    Operation.SET_HOURS,
                    change,
                    department=department,
                    service=service,
                    values={"before": old, "after": new},
                    paths=(("hours", department, service),),
                )


def _logins(change: Change) -> Iterator[Step]:
    """Yield the steps that end the LivePhone logins of a suspended agent."""
    for part in change.fields:
        if part.path[0] == LOGINS:
            yield step_for(Operation.END_LOGIN, change, login=part.path[1], paths=(part.path,))


def _availability(change: Change) -> Iterator[Step]:
    before = (change.before or {}).get("availability", {})
    after = (change.after or {}).get("availability", {})
    for service in SERVICES:
        if service in after and after[service] != before.get(service):
            yield step_for(
                Operation.SET_AVAILABILITY,
                change,
                service=service,
                value=after[service],
                paths=(("availability", service),),
            )


def _membership(change: Change) -> Iterator[Step]:
    before = (change.before or {}).get("departments", {})
    after = (change.after or {}).get("departments", before)
    for department in before.keys() - after.keys():
        yield step_for(
            Operation.REMOVE_MEMBER,
            change,
            department=department,
            paths=(("departments", department), ("hours", department)),
        )
    for department, entry in after.items():
        yield from _membership_settings(change, department, before.get(department), entry)
        yield from _services(change, department, before.get(department), entry)


def _membership_settings(
    change: Change, department: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Iterator[Step]:
    """Yield the step that joins a department, or that changes the settings of a membership."""
    settings = {
        name: value
        for name, value in after.items()
        if name in MEMBERSHIP_SETTINGS and value != (before or {}).get(name)
    }
    if before is None:
        yield step_for(
            Operation.ADD_MEMBER,
            change,
            department=department,
            values=settings,
            paths=(("departments", department),),
        )
    elif settings:
        yield step_for(
            Operation.SET_MEMBERSHIP,
            change,
            department=department,
            values=settings,
            paths=tuple(("departments", department, name) for name in settings),
        )


def _services(
    change: Change, department: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Iterator[Step]:
    """Yield the steps that set the services of an agent in a department."""
    old = before or {}
    for service in SERVICES:
        if service in after and after[service] != old.get(service):
            yield step_for(
                Operation.SET_SERVICE,
                change,
                department=department,
                service=service,
                value=after[service],
                values={"before": old.get(service)},
                paths=(("departments", department, service),),
                checked=before is not None,
            )
