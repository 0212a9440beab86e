"""Names the roles of live agents where the API reports only role ids (v3)."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.address import Kind
from provisioner.live.state import LiveObject, LiveState, Surface, id_of_unnamed_role
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import BUILT_IN_ROLES


def names_of(role_ids: Mapping[str, str], desired: DesiredState) -> dict[str, str]:
    """Return a mapping from role id to name, as the files spell it.

    Args:
        role_ids: mapping from folded role name to id.
        desired: the declared roles.
    """
    return {
        role_id: declared.attributes["name"] if declared else folded
        for folded, role_id in role_ids.items()
        for declared in (desired.find(Kind.ROLE, folded),)
    }


def name_roles(live: LiveState, names: Mapping[str, str]) -> LiveState:
    """Return live state with the names of the roles that have a known id.

    Args:
        live: the account. Where the API lists no roles, an agent's role is an id.
        names: mapping from role id to name.
    """
    if live.surface is Surface.FULL:
        return live

    def named(existing: LiveObject) -> LiveObject:
        role_id = id_of_unnamed_role(existing.attributes.get("role", ""))
        if role_id is None or role_id not in names:
            return existing
        return replace(existing, attributes={**existing.attributes, "role": names[role_id]})

    return replace(live, objects={key: named(value) for key, value in live.objects.items()})


def name_built_in_roles(live: LiveState, role_ids: Mapping[str, str]) -> LiveState:
    """Return live state with the names of the built-in roles that have a known id.

    Args:
        live: the account.
        role_ids: mapping from folded role name to id; ids of custom roles are not used.
    """
    return name_roles(live, {role_ids[name]: name for name in BUILT_IN_ROLES if name in role_ids})
