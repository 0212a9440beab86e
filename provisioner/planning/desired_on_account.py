"""The declared fields of an object, completed by what they mean on an account."""

from collections.abc import Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import Resource
from provisioner.model.hours import planned_hours
from provisioner.model.kinds import SERVICES

UNKNOWN_ZONE = "UTC"
"""The zone of an account that does not report one (U); LiveAgent's clients read times as UTC."""


def declared_on_account(
    resource: Resource, existing: LiveObject | None, live: LiveState
) -> Mapping[str, Any]:
    """Return the declared fields of an object as values of an account.

    A new role gets the permissions that the account gives to new roles. Hours are converted to
    the account's zone. Values for services that the agent has no web device for are left out.

    Args:
        resource: the declared object.
        existing: the live object; None where it does not exist yet.
        live: the account.
    """
    declared = resource.attributes
    if existing is None and resource.address.kind is Kind.ROLE and live.permissions:
        return {"permissions": {}, **declared}
    if resource.hours is not None:
        declared = {**declared, "hours": planned_hours(resource.hours, zone_of_hours(live))}
    if existing is not None and resource.address.kind is Kind.AGENT:
        declared = _without_missing_devices(declared, existing)
    return declared


def zone_of_hours(live: LiveState) -> str:
    """Return the zone that the account keeps hours in."""
    return live.account.timezone or UNKNOWN_ZONE


def _without_missing_devices(declared: Mapping[str, Any], live: LiveObject) -> Mapping[str, Any]:
    """Return declared fields without 'offline' and 'no' for services that a live agent lacks.

    LiveAgent keeps availability with a device for each service. Where the account has no calls,
    there is no such device, and an agent is offline for calls without any write.
    """
    missing = {name for name in SERVICES if name not in live.attributes["availability"]}
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
