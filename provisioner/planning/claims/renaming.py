"""Live state under the names that the files give to its objects."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.address import Address, Kind
from provisioner.live.state import LiveObject, LiveState

ObjectId = tuple[Kind, str]
"""Kind and server id of a live object: what stays when it is renamed."""

Renames = Mapping[ObjectId, Address]
"""The live objects that the files declare under another name or spelling, with that address."""


def rename(live: LiveState, renames: Renames) -> LiveState:
    """Return live state with objects under the names that the files give them.

    An object's own name stays in its attributes, so that it is a change of the plan. References
    to it get the new spelling, so that they are none. Where a name is taken by an object that is
    not renamed, that object keeps it: whoever compares the two readings must see it.
    """
    names: dict[tuple[Kind, str], str] = {}
    moved: list[LiveObject] = []
    kept: list[LiveObject] = []
    for (kind, _), existing in live.objects.items():
        address = renames.get((kind, existing.id))
        if address is None:
            kept.append(existing)
        else:
            moved.append(replace(existing, address=address))
            if kind is not Kind.AGENT:
                names[kind, existing.address.key] = address.key
    objects = {
        existing.address.identity: _respelt(existing, names)
        if existing.address.kind is Kind.AGENT
        else existing
        for existing in (*moved, *kept)
    }
    return replace(live, objects=objects)


def _respelt(agent: LiveObject, names: Mapping[tuple[Kind, str], str]) -> LiveObject:
    """Return a live agent with its references in the files' spelling."""
    if not names:
        return agent
    attributes = dict(agent.attributes)
    attributes["role"] = names.get((Kind.ROLE, attributes["role"]), attributes["role"])
    for field in {"departments", "hours"} & attributes.keys():
        attributes[field] = {
            names.get((Kind.DEPARTMENT, name), name): entry
            for name, entry in attributes[field].items()
        }
    return replace(agent, attributes=attributes)
