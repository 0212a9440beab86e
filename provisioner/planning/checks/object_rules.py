"""Account rules about each declared object, whether or not the plan writes it."""

from collections.abc import Iterator

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic
from provisioner.live.unread import is_unread, unread_fields
from provisioner.model.desired import Mode, Resource
from provisioner.model.kinds import KINDS, SERVICES
from provisioner.model.zones import offset_between, zone_exists, zone_hint
from provisioner.planning.changes import Action
from provisioner.planning.checks.account_check import AccountCheck
from provisioner.planning.desired_on_account import zone_of_hours
from provisioner.suggestions import did_you_mean


def unique_name(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the declared objects with an email or name that several live objects have."""
    for identity, same in check.live.ambiguous.items():
        resource = check.desired.resources.get(identity)
        if resource is None:
            continue
        naming = KINDS[identity[0]].identity
        ids = ", ".join(f'{other.id} ("{other.address.key}")' for other in same)
        yield Diagnostic(
            code="ambiguous-live",
            summary=f'{identity[0]} "{resource.attributes[naming]}" exists more than once: {ids}',
            span=resource.span(naming),
            hint="rename or delete all but one of them in the panel",
        )


def required_fields(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the fields that objects to be created need and that the files leave out."""
    for identity, resource in check.desired.resources.items():
        if resource.absent or resource.suspended or identity in check.live.objects:
            continue
        if resource.mode is Mode.IMPORT_ONLY:
            continue
        row = KINDS[identity[0]]
        name = resource.attributes[row.identity]
        for field in row.required:
            if field not in resource.attributes:
                yield Diagnostic(
                    code="create-needs",
                    summary=f'{identity[0]} "{name}" does not exist yet and has no {field}',
                    span=resource.span(),
                    hint=f"if it exists under another {row.identity}, write previously: and that "
                    f"{row.identity}, or correct the {row.identity}; otherwise add its {field}",
                )


def known_permissions(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the declared permissions that the account does not have."""
    known = check.live.permissions
    if not known:
        return
    for role in check.desired.of(Kind.ROLE):
        for permission in role.attributes.get("permissions") or {}:
            if permission not in known:
                yield Diagnostic(
                    code="unknown-permission",
                    summary=f'role "{role.attributes["name"]}": the target knows no permission '
                    f'"{permission}"',
                    span=role.span("permissions", permission, key=True),
                    hint=did_you_mean(permission, known),
                )


def needed_permissions(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the permissions that a plan grants without another one that they require."""
    for role in check.desired.of(Kind.ROLE):
        change = check.changes.get(role.address.identity)
        if role.absent or change is None or change.action not in {Action.CREATE, Action.UPDATE}:
            continue
        given = {**check.live.permissions, **(change.after or {}).get("permissions", {})}
        for permission, needed in sorted(check.live.permission_needs.items()):
            if given.get(permission) == "grant" and given.get(needed) != "grant":
                yield Diagnostic(
                    code="permission-needs",
                    summary=f'role "{role.attributes["name"]}": the permission "{permission}" '
                    f'requires "{needed}"',
                    span=role.span("permissions", permission, key=True),
                    hint=f"grant {needed}, too, or revoke {permission}",
                )


def hours_in_the_zone_of_the_account(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the hours in another time zone that are not fixed hours in the account's zone."""
    account_zone = zone_of_hours(check.live)
    for agent in check.desired.of(Kind.AGENT):
        zones = sorted({shift.zone for shift in agent.hours or () if shift.zone})
        if zones and not zone_exists(account_zone):
            yield Diagnostic(
                code="unknown-timezone",
                summary=f'agent "{agent.address.key}": hours in {zones[0]}, and the account '
                f'calls its own time zone "{account_zone}", which is not an IANA name',
                span=agent.span("hours"),
                hint=zone_hint(
                    "name the account's zone in provisioner.yaml, such as "
                    "account: {timezone: Europe/Prague}, or leave out `timezone` in the hours"
                ),
            )
            continue
        for zone in zones:
            if offset_between(zone, account_zone) is None:
                yield Diagnostic(
                    code="hours-of-another-zone",
                    summary=f'agent "{agent.address.key}": hours in {zone} are no fixed hours '
                    f"in the account's zone {account_zone}",
                    span=agent.span("hours"),
                    hint=f"write them in {account_zone}",
                )


def web_devices(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the services that existing agents are to take and have no web device for."""
    unread = unread_fields(check.live.unread)
    for agent in check.desired.of(Kind.AGENT):
        existing = check.live.objects.get(agent.address.identity)
        if existing is None or agent.absent:
            continue
        unknown = unread.get((Kind.AGENT, existing.id), ())
        for service in SERVICES:
            if service in existing.attributes["availability"] or is_unread(
                unknown, ("availability", service)
            ):
                continue
            if fields := fields_with_service(agent, service):
                yield Diagnostic(
                    code="no-device",
                    summary=f'agent "{agent.address.key}" has no web device for {service}',
                    span=agent.span(*fields[0]),
                    hint=f"remove {service}, or check in the panel that the account's "
                    "subscription includes them and that they are switched on",
                )


def fields_with_service(agent: Resource, service: str) -> list[tuple[str, ...]]:
    """Return the declared fields by which an agent takes a service."""
    fields: list[tuple[str, ...]] = [
        ("departments", name, service)
        for name, entry in (agent.attributes.get("departments") or {}).items()
        if entry.get(service)
    ]
    if (agent.attributes.get("availability") or {}).get(service) == "online":
        fields.append(("availability", service))
    return fields
