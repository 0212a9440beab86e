"""What of a project does not fit an account: found before anything is written."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS, SERVICES
from provisioner.model.zones import offset_between, zone_exists, zone_hint
from provisioner.suggestions import did_you_mean

UNKNOWN_ZONE = "UTC"
"""The zone of an account that does not tell its own (U); LiveAgent's clients read times as UTC."""


def misfits(resource: Resource, live: LiveState) -> Iterator[Diagnostic]:
    """Yield what makes the resource impossible on this account."""
    yield from _foreign_hours(resource, live)
    yield from _missing_devices(resource, live)
    address = resource.address
    row = KINDS[address.kind]
    name = resource.attributes[row.identity]
    if (same := live.ambiguous.get(address.identity)) is not None:
        spelt = ", ".join(f'{other.id} ("{other.address.key}")' for other in same)
        yield Diagnostic(
            code="ambiguous-live",
            summary=f'{address.kind} "{name}" exists more than once: {spelt}',
            span=resource.span(row.identity),
            hint="rename or delete all but one of them in the panel",
        )
    if not (resource.absent or resource.suspended) and live.find(address.kind, name) is None:
        for field in row.required:
            if field not in resource.attributes:
                yield Diagnostic(
                    code="create-needs",
                    summary=f'{address.kind} "{name}" does not exist yet and has no {field}',
                    span=resource.span(),
                    hint=f"add its {field}, or correct its {row.identity} if it should exist",
                )
    if live.permissions:
        for permission in resource.attributes.get("permissions") or {}:
            if permission not in live.permissions:
                yield Diagnostic(
                    code="unknown-permission",
                    summary=f'role "{name}": the target knows no permission "{permission}"',
                    span=resource.span("permissions", permission, key=True),
                    hint=did_you_mean(permission, live.permissions),
                )


def _foreign_hours(resource: Resource, live: LiveState) -> Iterator[Diagnostic]:
    """Yield the hours that are no fixed hours in the account's own zone."""
    zone = zone_of(live)
    others = sorted({block.zone for block in resource.hours or () if block.zone})
    if others and not zone_exists(zone):
        yield Diagnostic(
            code="unknown-timezone",
            summary=f'agent "{resource.address.key}": hours in {others[0]}, and the account '
            f'calls its own time zone "{zone}", which is no IANA name',
            span=resource.span("hours"),
            hint=zone_hint(
                "name the account's zone in provisioner.yaml, such as "
                "account: {timezone: Europe/Prague}, or leave out `timezone` in the hours"
            ),
        )
        return
    for other in others:
        if offset_between(other, zone) is None:
            yield Diagnostic(
                code="hours-of-another-zone",
                summary=f'agent "{resource.address.key}": hours in {other} are no fixed hours '
                f"in the account's zone {zone}",
                span=resource.span("hours"),
                hint=f"write them in {zone}",
            )


def zone_of(state: LiveState) -> str:
    """Return the zone that the account keeps hours in."""
    return state.account.timezone or UNKNOWN_ZONE


def without_missing_devices(declared: Mapping[str, Any], live: LiveObject) -> Mapping[str, Any]:
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


def _missing_devices(resource: Resource, live: LiveState) -> Iterator[Diagnostic]:
    """Yield the services that an existing agent is to take and has no device for."""
    found = live.objects.get(resource.address.identity)
    if found is None or resource.address.kind is not Kind.AGENT or resource.absent:
        return
    departments = resource.attributes.get("departments") or {}
    for service in SERVICES:
        if service in found.attributes["availability"]:
            continue
        wanted: list[tuple[str, ...]] = [
            ("departments", name, service)
            for name, entry in departments.items()
            if entry.get(service)
        ]
        if (resource.attributes.get("availability") or {}).get(service) == "online":
            wanted.append(("availability", service))
        if wanted:
            yield Diagnostic(
                code="no-device",
                summary=f'agent "{resource.address.key}" has no web device for {service}',
                span=resource.span(*wanted[0]),
                hint=f"remove {service}, or check in the panel that they are part of the "
                "account's plan and switched on",
            )
