"""What a target can do with each field of an agent. Asked here and nowhere else.

On the surface that LiveAgent documents, memberships can only be read, the settings of agents and
memberships neither read nor written (D), and a custom role only where its id is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from provisioner.address import fold
from provisioner.live.state import Surface, id_of_unnamed_role
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS, FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.changes import Change


class Capability(StrEnum):
    """Who can bring about a field's change."""

    API = "api"
    """An apply writes it."""
    MANUAL = "manual"
    """A person does it in the panel."""
    WAITS = "waits"
    """An apply writes it once a person has done a manual step."""


def capability(
    surface: Surface, change: Change, path: FieldPath, role_ids: Mapping[str, str]
) -> Capability:
    """Return who can bring about a change of an agent's field.

    Args:
        surface: of the target.
        change: of the agent, with the fields before and after.
        path: of the field, or of any part of it.
        role_ids: folded names of the custom roles whose ids are known, with the ids.
    """
    members: Mapping[str, Any] = (change.before or {}).get("departments", {})
    found = Capability.API
    match path:
        case _ if surface is Surface.FULL:
            pass
        case ("role",):
            found = _of_role(change, role_ids)
        case ("departments", _):
            found = Capability.MANUAL
        case ("departments", _, key, *_) if key in MEMBERSHIP_SETTINGS:
            found = Capability.MANUAL
        case ("departments" | "hours", department, *_) if department not in members:
            found = Capability.WAITS
        case (name, *_) if name in AGENT_SETTINGS:
            found = Capability.MANUAL
    return found


def _of_role(change: Change, role_ids: Mapping[str, str]) -> Capability:
    """Return who can give the agent its new role: the API needs the old and the new role's id."""
    role = (change.after or {}).get("role", "")
    unnamed = id_of_unnamed_role((change.before or {}).get("role", ""))
    known = role in BUILT_IN_ROLES or fold(role) in role_ids
    return Capability.API if known and unnamed is None else Capability.MANUAL
