"""The capability of a target for each field of an agent. No other module may decide it.

On surface v3, memberships can only be read, the settings of agents and memberships can neither be
read nor written (D), and a custom role can be written only if its id is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.state import Surface, id_of_unnamed_role
from provisioner.model.fields import (
    AGENT_SETTINGS,
    ANY,
    FIELDS,
    MEMBERSHIP_SETTINGS,
    Access,
    FieldPath,
)
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.changes import Change


class Capability(StrEnum):
    """The way in which a change of a field is made."""

    API = "api"
    """An apply writes the field."""
    MANUAL = "manual"
    """A person sets the field in the panel."""
    WAITS = "waits"
    """An apply writes the field after a manual step."""


def capability(
    surface: Surface, change: Change, path: FieldPath, role_ids: Mapping[str, str]
) -> Capability:
    """Return the way in which a change of an agent's field is made.

    Args:
        surface: the surface of the target.
        change: the change of the agent, with the fields before and after.
        path: the path of the field, or of any part of it.
        role_ids: mapping from folded name to id of the custom roles with a known id.
    """
    members: Mapping[str, Any] = (change.before or {}).get("departments", {})
    capability = Capability.API
    match path:
        case _ if surface is Surface.FULL:
            pass
        case ("role",):
            capability = _of_role(change, role_ids)
        case ("departments", _):
            capability = Capability.MANUAL
        case ("departments", _, key, *_) if key in MEMBERSHIP_SETTINGS:
            capability = Capability.MANUAL
        case ("departments" | "hours", department, *_) if department not in members:
            capability = Capability.WAITS
        case (name, *_) if name in AGENT_SETTINGS:
            capability = Capability.MANUAL
    return capability


def _of_role(change: Change, role_ids: Mapping[str, str]) -> Capability:
    """Return how an agent gets its new role: the API needs the ids of both roles."""
    role = (change.after or {}).get("role", "")
    unnamed = id_of_unnamed_role((change.before or {}).get("role", ""))
    known = role in BUILT_IN_ROLES or fold(role) in role_ids
    return Capability.API if known and unnamed is None else Capability.MANUAL


def is_shown(kind: Kind, path: FieldPath, surface: Surface) -> bool:
    """Return whether the API of an account shows a field."""
    if surface is Surface.FULL:
        return True
    wildcard = (path[0], ANY, *path[2:]) if path[0] == "departments" and path[1:] else path
    for length in range(len(wildcard), 0, -1):
        if known := FIELDS[kind].get(wildcard[:length]):
            return known.access is not Access.EXTENDED
    return True
