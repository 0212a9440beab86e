"""Whose a change is, for plans that were also made for a base: the branch's, or earlier drift."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.address import Kind
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import LOSSES, Action, Attribution, Change, FieldChange, Risk

TITLES = {Attribution.BRANCH: "Changed by this branch", Attribution.DRIFT: "Was already drifted"}

BY = {None: "", Attribution.BRANCH: " by this branch", Attribution.DRIFT: " by earlier drift"}
"""Who does something, behind what is done."""

Part = tuple[Attribution | None, tuple[Change, ...]]
"""The changes of an origin, which is None where the plan was made without a base."""


def parts(changes: Sequence[Change]) -> tuple[Part, ...]:
    """Return effective changes, those of the branch before what was already drifted.

    Of an update that has both, each part has the fields that are its own, and their risks.
    """
    if all(change.origin is None for change in changes):
        return ((None, tuple(changes)),) if changes else ()
    found = [(origin, tuple(_of(origin, changes))) for origin in Attribution]
    return tuple((origin, own) for origin, own in found if own)


def _of(origin: Attribution, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes of an origin. What nobody says to be of the branch was there before."""
    for change in changes:
        if not change.fields:
            if (change.origin or Attribution.DRIFT) is origin:
                yield change
        elif fields := tuple(
            f for f in change.fields if (f.origin or change.origin or Attribution.DRIFT) is origin
        ):
            risk = tuple(risk for risk in change.risk if any(_causes(f, risk) for f in fields))
            yield replace(change, fields=fields, risk=risk)


def _causes(field: FieldChange, risk: Risk) -> bool:
    """Tell whether a field of an update can be why it is risky."""
    if risk is Risk.REMOVES_ACCESS:
        return any(True for _ in lost_services(field))
    return field.path[0] in {"role", "permissions"}


def lost_services(field: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield each department and service that a field of an update takes away from an agent.

    Of a membership that ends without any service, the service is "".
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


def loses(change: Change) -> bool:
    """Tell whether somebody can do less than before by a change."""
    return not LOSSES.isdisjoint(change.risk)
