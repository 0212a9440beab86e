"""Names the roles of live agents where the API reports only role ids (v3)."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.address import Kind, fold, role
from provisioner.live.state import LiveObject, LiveState, Surface, id_of_unnamed_role
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import BUILT_IN_ROLES


def names_of(role_ids: Mapping[str, str], desired: DesiredState) -> dict[str, str]:
    """Return a mapping from role id to name, as the files spell it."""
    return {
        role_id: declared.attributes["name"] if declared else folded
        for folded, role_id in role_ids.items()
        for declared in (desired.find(Kind.ROLE, folded),)
    }


def name_roles(live: LiveState, names: Mapping[str, str]) -> LiveState:
    """Return live state with the names of the roles that have a known id.

    Where the API lists no roles, an agent's role is an id.
    """
    if live.surface is Surface.FULL:
        return live

    def named(existing: LiveObject) -> LiveObject:
        role_id = id_of_unnamed_role(existing.attributes.get("role", ""))
        if role_id is None or role_id not in names:
            return existing
        return replace(existing, attributes={**existing.attributes, "role": names[role_id]})

    return replace(live, objects={key: named(value) for key, value in live.objects.items()})


def with_known_roles(live: LiveState, role_ids: Mapping[str, str]) -> LiveState:
    """Return live state with the names of all roles that have a known id.

    Where the API lists no roles, the custom ones among them are added as objects, without
    permissions, so that they can be declared.
    """
    if live.surface is Surface.FULL:
        return live
    named = name_roles(live, {role_id: name for name, role_id in role_ids.items()})
    roles = [
        LiveObject(role(name), role_id, {"name": name})
        for name, role_id in role_ids.items()
        if fold(name) not in BUILT_IN_ROLES
    ]
    return replace(named, objects={**named.objects, **{one.address.identity: one for one in roles}})
