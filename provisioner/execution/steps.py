"""From a plan's changes to steps, each one act on the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS, FieldPath
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Action, Change


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
    READ_AGENT_SETTINGS = "read-profile"
    READ_SERVICES = "read-services"
    SET_AVAILABILITY = "set-availability"
    SET_MEMBERSHIP = "set-membership"
    SET_HOURS = "set-hours"
    SET_VOICE = "set-voice"
    UPDATE_AGENT_SETTINGS = "update-profile"
    SET_SERVICE = "set-service"

    @property
    def batched(self) -> bool:
        """Whether one call can carry many steps of this operation."""
        return self is Operation.SET_SERVICE

    @property
    def writes(self) -> bool:
        """Whether it changes the account."""
        return not self.startswith("read-")


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
        paths: the fields that it writes.
        checked: whether what it overwrites is compared with the plan's reading right before.
        fresh: whether its object is created by the same plan, and not restored, so that it has
            the defaults of a new one.
    """

    id: str
    operation: Operation
    address: Address | None = None
    department: str = ""
    service: str = ""
    value: str | bool = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[FieldPath, ...] = ()
    checked: bool = False
    fresh: bool = False


READ_DEVICES = Step("read-devices", Operation.READ_DEVICES)
"""Learns the devices that LiveAgent makes with a new agent, for all of them at once."""

READ_SERVICES = Step("read-services", Operation.READ_SERVICES)
"""Reads the services of all memberships again, for the batches that overwrite some."""

_WRITTEN_APART = frozenset(
    {"availability", "departments", "hours", "voice_status", *AGENT_SETTINGS}
)
"""The fields of an agent that have steps of their own; its own write carries the others."""

_WRITE = {
    (kind, action): Operation(f"{action}-{kind}")
    for kind in Kind
    for action in (Action.CREATE, Action.UPDATE, Action.DELETE)
}


def steps_of(change: Change) -> Iterator[Step]:
    """Yield the steps that make a change true, in no order."""
    if change.action is Action.DELETE:
        yield step_for(_WRITE[change.address.kind, Action.DELETE], change)
        return
    changed = _changed(change)
    is_agent = change.address.kind is Kind.AGENT
    apart = _WRITTEN_APART if is_agent else frozenset()
    own = {name: value for name, value in changed.items() if name not in apart}
    if change.action is Action.CREATE and change.id:
        yield step_for(Operation.RESTORE_AGENT, change, values=own, value=change.id)
    elif change.action is Action.CREATE or own:
        yield step_for(_WRITE[change.address.kind, change.action], change, values=own)
    if is_agent:
        yield from _availability(change)
        yield from _membership(change)
        yield from _agent_settings(change, changed)
        yield from _hours(change)


def steps_writing(change: Change, path: FieldPath) -> list[Step]:
    """Return the steps of a change that write a field, or any part of it."""
    return [
        step for step in steps_of(change) if any(_overlap(path, written) for written in step.paths)
    ]


def _overlap(path: FieldPath, other: FieldPath) -> bool:
    """Return whether one path is the beginning of the other."""
    return all(one == two for one, two in zip(path, other, strict=False))


def step_for(operation: Operation, change: Change, **more: Any) -> Step:
    """Return a step of a change; what it overwrites is checked where the object exists."""
    parts = [more[key] for key in ("department", "service") if key in more]
    step_id = "#".join([str(change.address), operation, *parts])
    more.setdefault("checked", change.before is not None)
    more.setdefault("paths", tuple((name,) for name in more.get("values", ())))
    more["fresh"] = change.action is Action.CREATE and change.id is None
    return Step(step_id, operation, change.address, **more)


def _changed(change: Change) -> dict[str, Any]:
    """Return the top-level fields that are to be written, with their new values."""
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
                yield step_for(
                    Operation.SET_HOURS,
                    change,
                    department=department,
                    service=service,
                    values={"before": old, "after": new},
                    paths=(("hours", department, service),),
                )


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
        known = before.get(department, {})
        settings = {
            name: value
            for name, value in entry.items()
            if name in MEMBERSHIP_SETTINGS and value != known.get(name)
        }
        if department not in before:
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
        for service in SERVICES:
            if service in entry and entry[service] != known.get(service):
                yield step_for(
                    Operation.SET_SERVICE,
                    change,
                    department=department,
                    service=service,
                    value=entry[service],
                    values={"before": known.get(service)},
                    paths=(("departments", department, service),),
                    checked=department in before,
                )
