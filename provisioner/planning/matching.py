"""Which live object a declaration means: by identity, by a former name, or by a pinned id.

A rename never destroys: the live object is moved to its new identity before anything is compared,
and what refers to it is told in the new spelling, so that only its own name is a change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.policy import Moves

Identity = tuple[Kind, str]
Renames = Mapping[Identity, Address]
"""The live identity of an object to the address that it is declared under."""


def match(
    desired: DesiredState, live: LiveState, moves: Moves
) -> tuple[dict[Identity, Address], list[Diagnostic]]:
    """Find the live objects that the files declare under another name or spelling.

    Args:
        desired: what the files declare.
        live: the account.
        moves: whole domains that have moved.

    Returns:
        Live identity to declared address, and what can't be told.
    """
    by_id = {(identity[0], existing.id): identity for identity, existing in live.objects.items()}
    renames: dict[Identity, Address] = {}
    findings: list[Diagnostic] = []
    for identity, resource in desired.resources.items():
        if resource.absent:
            continue
        found = live.objects.get(identity)
        former = _former(resource, identity, live, by_id, moves)
        findings += _conflicts(resource, found, former, live)
        if found is None and former is not None and former not in desired.resources:
            renames[former] = resource.address
        elif found is not None and found.address.key != resource.address.key:
            renames[identity] = resource.address
    return renames, findings


def rename(live: LiveState, renames: Renames) -> LiveState:
    """Return live state with objects under the names that the files give them.

    Attributes keep the live name, so that it shows as a change.
    """
    names: dict[tuple[Kind, str], str] = {
        (address.kind, live.objects[identity].address.key): address.key
        for identity, address in renames.items()
        if identity in live.objects and address.kind is not Kind.AGENT
    }
    objects = {}
    for identity, existing in live.objects.items():
        address = renames.get(identity)
        moved = existing if address is None else replace(existing, address=address)
        if names and identity[0] is Kind.AGENT:
            moved = _respelt(moved, names)
        objects[moved.address.identity] = moved
    return replace(live, objects=objects)


def _former(
    resource: Resource,
    identity: Identity,
    live: LiveState,
    by_id: Mapping[tuple[Kind, str], Identity],
    moves: Moves,
) -> Identity | None:
    """Return the live identity that a declaration says it had before, if there is one."""
    kind = identity[0]
    if resource.pinned_id:
        return by_id.get((kind, resource.pinned_id))
    candidates = [resource.previously] if resource.previously else []
    if kind is Kind.AGENT:
        candidates += moves.former(resource.address.key)
    for name in candidates:
        if (kind, fold(name)) in live.objects:
            return kind, fold(name)
    return None


def _conflicts(
    resource: Resource, found: LiveObject | None, former: Identity | None, live: LiveState
) -> Iterator[Diagnostic]:
    """Yield the claims of a declaration that the account contradicts."""
    address = resource.address
    if resource.pinned_id and found is not None and found.id != resource.pinned_id:
        yield Diagnostic(
            code="id-mismatch",
            summary=f'{address.kind} "{address.key}" has the id {found.id}, '
            f"and the files pin {resource.pinned_id}",
            span=resource.span("id"),
            hint="correct the id, or remove the line",
        )
    elif resource.pinned_id and found is None and former is None:
        yield Diagnostic(
            code="id-mismatch",
            summary=f"no {address.kind} has the id {resource.pinned_id} that the files pin for "
            f'"{address.key}"',
            span=resource.span("id"),
            hint="correct the id, or remove the line",
        )
    elif found is not None and former is not None and former != address.identity:
        other = live.objects[former]
        yield Diagnostic(
            code="rename-conflict",
            summary=f'{address.kind} "{address.key}" ({found.id}) and its former name '
            f'"{other.address.key}" ({other.id}) are two live objects',
            span=resource.span("previously"),
            hint="remove `previously` or the move, or rename or delete one of the two in the panel",
        )


def _respelt(agent: LiveObject, names: Mapping[tuple[Kind, str], str]) -> LiveObject:
    """Return a live agent with its references in the files' spelling."""
    attributes = dict(agent.attributes)
    attributes["role"] = names.get((Kind.ROLE, attributes["role"]), attributes["role"])
    for field in {"departments", "hours"} & attributes.keys():
        attributes[field] = {
            names.get((Kind.DEPARTMENT, name), name): entry
            for name, entry in attributes[field].items()
        }
    return replace(agent, attributes=attributes)
