"""Groups changes by attribution, and finds the services that they take away from agents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.address import Kind
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import Action, Attribution, Change, FieldChange, Risk

Part = tuple[Attribution | None, tuple[Change, ...]]
"""Changes with the same attribution, which is None if the plan was made without a base."""


def by_attribution(changes: Sequence[Change]) -> tuple[Part, ...]:
    """Return effective changes by attribution, those of the branch first.

    An update that has fields of both is in both parts, each with its own fields and their risks.
    """
    if all(change.attribution is None for change in changes):
        return ((None, tuple(changes)),) if changes else ()
    parts = [(attribution, tuple(_part(attribution, changes))) for attribution in Attribution]
    return tuple((attribution, part) for attribution, part in parts if part)


def _part(attribution: Attribution, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes with an attribution. A change without any counts as drift."""
    for change in changes:
        whole = change.attribution or Attribution.DRIFT
        if not change.fields:
            if whole is attribution:
                yield change
        elif fields := tuple(f for f in change.fields if (f.attribution or whole) is attribution):
            risk = tuple(risk for risk in change.risk if any(_causes(f, risk) for f in fields))
            yield replace(change, fields=fields, risk=risk)


def _causes(field: FieldChange, risk: Risk) -> bool:
    """Return whether a field of an update can be the cause of a risk."""
    if risk is Risk.REMOVES_ACCESS:
        return any(True for _ in lost_services(field))
    return field.path[0] in {"role", "permissions"}


def lost_services(field: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield each department and service that a field of an update takes away from an agent.

    For a membership that ends without any service, the service is "".
    """
    match field.path:
        case ("departments", name) if field.after is None:
            yield from ((name, service) for service in _services(field.before) or [""])
        case ("departments", name, service) if service in SERVICES:
            if field.before and not field.after:
                yield name, service


def _services(entry: Mapping[str, object]) -> list[str]:
    return [service for service in SERVICES if entry.get(service)]


def lost_coverage(change: Change) -> Iterator[tuple[str, str]]:
    """Yield each department and service that a change takes an agent away from."""
    if change.address.kind is not Kind.AGENT:
        return
    if change.action is Action.DELETE:
        for name, entry in (change.before or {}).get("departments", {}).items():
            yield from ((name, service) for service in _services(entry))
    for field in change.fields:
        yield from lost_services(field)
