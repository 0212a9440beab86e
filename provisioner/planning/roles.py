"""Names for the roles of an account whose API tells only ids."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.address import Kind
from provisioner.live.state import LiveObject, LiveState, Surface, id_of_unnamed_role
from provisioner.model.desired import DesiredState


def name_roles(live: LiveState, role_ids: Mapping[str, str], desired: DesiredState) -> LiveState:
    """Return live state with the roles named whose ids the project knows.

    Args:
        live: where the API lists no roles, agents have roles with an id for a name.
        role_ids: folded role name to id.
        desired: gives the spelling of the names.
    """
    if live.surface is Surface.FULL:
        return live
    names = {}
    for folded, role_id in role_ids.items():
        declared = desired.find(Kind.ROLE, folded)
        names[role_id] = declared.attributes["name"] if declared else folded

    def named(existing: LiveObject) -> LiveObject:
        role_id = id_of_unnamed_role(existing.attributes.get("role", ""))
        if role_id not in names:
            return existing
        return replace(existing, attributes={**existing.attributes, "role": names[role_id]})

    return replace(live, objects={key: named(value) for key, value in live.objects.items()})
