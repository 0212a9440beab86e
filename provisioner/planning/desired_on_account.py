"""Declared fields as values of an account, without the fields that a run does not enforce."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import is_unread
from provisioner.model.desired import Resource
from provisioner.model.fields import FieldPath
from provisioner.model.hours import planned_hours
from provisioner.model.kinds import KINDS, SERVICES, Collection, FieldGroup, Shape
from provisioner.model.policy import FieldRule

UNKNOWN_ZONE = "UTC"
"""The zone of an account that does not report one (U); LiveAgent's clients read times as UTC."""


Unfinished = Mapping[Address, frozenset[str]]
"""Objects that an interrupted run created, with the top-level fields that it did not write."""


@dataclass(frozen=True, slots=True)
class UnenforcedFields:
    """The fields that a run does not enforce.

    Attributes:
        initial: fields that are set when an object is created, and not enforced later.
        ignored: fields that are never enforced.
        unfinished: objects of interrupted runs; their unwritten fields count as initial.
    """

    initial: tuple[FieldRule, ...] = ()
    ignored: tuple[FieldRule, ...] = ()
    unfinished: Unfinished = field(default_factory=dict)

    def removed_from(
        self, address: Address, declared: Mapping[str, Any], *, new: bool
    ) -> Mapping[str, Any]:
        """Return an object's declared fields without those that are not enforced."""
        unwritten = self.unfinished.get(address, frozenset())
        initial = [rule for rule in self.initial if not new and rule.path[0] not in unwritten]
        for rule in (*self.ignored, *initial):
            if rule.covers(address):
                declared = _without(KINDS[address.kind].shape, declared, rule.path)
        return declared

    def ignores(self, address: Address, path: FieldPath) -> bool:
        """Return whether the project ignores a field of an object, or all that it is a part of."""
        return any(rule.covers(address) and is_unread([rule.path], path) for rule in self.ignored)


def declared_on_account(
    resource: Resource,
    existing: LiveObject | None,
    live: LiveState,
    unread: Iterable[FieldPath] = (),
) -> Mapping[str, Any]:
    """Return the declared fields of an object as values of an account.

    A new role gets the permissions that the account gives to new roles. Hours are converted to
    the account's zone. Values for services that the agent has no web device for are left out, and
    so are those of fields with an unknown live value.

    `unread` are the fields of the live object with an unknown value.
    """
    declared = resource.attributes
    if existing is None and resource.address.kind is Kind.ROLE and live.permissions:
        return {"permissions": {}, **declared}
    if resource.hours is not None:
        declared = {**declared, "hours": planned_hours(resource.hours, zone_of_hours(live))}
    if existing is not None and resource.address.kind is Kind.AGENT:
        declared = _without_missing_devices(declared, existing, unread)
    for path in unread:
        declared = _without(KINDS[resource.address.kind].shape, declared, path)
    return declared


def zone_of_hours(live: LiveState) -> str:
    """Return the zone that the account keeps hours in."""
    return live.account.timezone or UNKNOWN_ZONE


def _without_missing_devices(
    declared: Mapping[str, Any], live: LiveObject, unread: Iterable[FieldPath]
) -> Mapping[str, Any]:
    """Return declared fields without 'offline' and 'no' for services that a live agent lacks.

    LiveAgent keeps availability with a device for each service. Where the account has no calls,
    there is no such device, and an agent is offline for calls without any write.
    """
    missing = {
        name
        for name in SERVICES
        if name not in live.attributes["availability"]
        and not is_unread(unread, ("availability", name))
    }
    if not missing:
        return declared
    result = dict(declared)
    if "availability" in declared:
        wanted = declared["availability"]
        given = dict.fromkeys(SERVICES) if wanted is None else wanted
        result["availability"] = {
            name: value for name, value in given.items() if name not in missing or value == "online"
        }
    if declared.get("departments"):
        result["departments"] = {
            department: {
                name: value for name, value in entry.items() if name not in missing or value is True
            }
            for department, entry in declared["departments"].items()
        }
    return result


def _without(shape: Shape, value: Any, path: FieldPath) -> Any:
    """Return a declared value without the field at a path; `*` stands for each entry."""
    name, *rest = path
    if isinstance(shape, FieldGroup) and value is None:
        value = dict.fromkeys(shape.fields)
    if not isinstance(value, Mapping):
        return value
    result = dict(value)
    for key in list(value) if name == "*" else [name]:
        if key not in result:
            continue
        part = shape.entry if isinstance(shape, Collection) else _part(shape, key)
        if not rest:
            del result[key]
        elif part:
            result[key] = _without(part, result[key], tuple(rest))
            if isinstance(shape, FieldGroup) and result[key] == {} != value[key]:
                del result[key]  # an empty entry of a collection has a meaning, a group has none
    return result


def _part(shape: Shape, key: str) -> Shape | None:
    return shape.fields.get(key) if isinstance(shape, FieldGroup) else None
