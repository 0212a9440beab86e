"""Renames objects of live state to the names that the files declare."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.address import Address, Identity, Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import renamed

ObjectId = tuple[Kind, str]
"""Kind and server id of a live object, which a rename does not change."""

Renames = Mapping[ObjectId, Address]
"""Each live object that the files declare under another name or spelling, with that address."""


def rename(live: LiveState, renames: Renames) -> LiveState:
    """Return live state with objects under the names that the files declare.

    The live name stays in the object's attributes, so that the plan shows the rename. References
    to the object get the new name, so that the plan shows no change for them. An object that is
    not renamed keeps its name even if a renamed object gets the same one: a comparison of two
    readings must show it.
    """
    names: dict[Identity, str] = {}
    moved: list[LiveObject] = []
    unmoved: list[LiveObject] = []
    for (kind, _), existing in live.objects.items():
        address = renames.get((kind, existing.id))
        if address is None:
            unmoved.append(existing)
        else:
            moved.append(replace(existing, address=address))
            if kind is not Kind.AGENT:
                names[kind, existing.address.key] = address.key
    objects = {
        existing.address.identity: _with_new_references(existing, names)
        if existing.address.kind is Kind.AGENT
        else existing
        for existing in (*moved, *unmoved)
    }
    departments = {old: new for (kind, old), new in names.items() if kind is Kind.DEPARTMENT}
    unread = tuple(renamed(one, departments) for one in live.unread)
    return replace(live, objects=objects, unread=unread)


def _with_new_references(agent: LiveObject, names: Mapping[Identity, str]) -> LiveObject:
    """Return a live agent with the new names of its role and departments."""
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
