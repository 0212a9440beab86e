"""The known permissions of custom roles.

The vendor's list (KB 677682) is longer; the rest of it could not be read. A new role starts with
the permissions of the default agent.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from provisioner.sandbox.errors import InvalidError

Grant = Literal["grant", "revoke"]
GRANTS = ("grant", "revoke")


class Permission(NamedTuple):
    """One permission: its group in the panel, its default, and the permission that it requires."""

    name: str
    title: str
    group: str
    default: Grant
    requires: str | None
    source: str


PERMISSIONS = (
    # Every agent has these (D: KB 228575: own work, own profile, own reports); names I.
    Permission("own_tickets", "Work on own tickets", "Own work", "grant", None, "I: KB 228575"),
    Permission("own_chats", "Take own chats", "Own work", "grant", None, "I: KB 228575"),
    Permission("own_calls", "Take own calls", "Own work", "grant", None, "I: KB 228575"),
    Permission(
        "edit_own_profile", "Edit own profile", "Own profile", "grant", None, "I: KB 228575"
    ),
    Permission("view_own_reports", "View own reports", "Reports", "grant", None, "I: KB 228575"),
    Permission("manage_agents", "Manage agents", "Agents", "revoke", None, "D: KB 677682"),
    Permission(
        "manage_agents_statuses",
        "Manage agents statuses",
        "Agent status",
        "revoke",
        None,
        "D: KB 677682",
    ),
    Permission(
        "view_telephony_settings",
        "View telephony settings",
        "Phones",
        "revoke",
        None,
        "D: KB 677682",
    ),
    Permission(
        "edit_telephony_settings",
        "Edit telephony settings",
        "Phones",
        "revoke",
        "view_telephony_settings",
        "D: KB 677682",
    ),
    Permission(
        "manage_agents_devices",
        "Manage agents devices",
        "Phones",
        "revoke",
        "manage_agents",
        "D: KB 677682",
    ),
    Permission(
        "view_rankings_of_other_agents",
        "View rankings of other agents",
        "Ranking",
        "revoke",
        None,
        "D: KB 677682",
    ),
    # Named in the changelog only; group and default U.
    Permission(
        "view_reports", "View reports", "Reports", "revoke", None, "D: changelog 2023-02-03"
    ),
    Permission(
        "manage_whatsapp_settings",
        "Manage WhatsApp settings",
        "WhatsApp",
        "revoke",
        None,
        "D: changelog 2023-01-20",
    ),
    Permission(
        "perform_mass_action",
        "Perform mass action",
        "Tickets",
        "revoke",
        None,
        "D: changelog 2022-05-31",
    ),
    Permission(
        "invalidate_ticket_review",
        "Invalidate ticket review",
        "Ranking",
        "revoke",
        None,
        "D: changelog 2024-06-17",
    ),
)

DEFAULTS: dict[str, str] = {permission.name: permission.default for permission in PERMISSIONS}


def check_permissions(changed: Mapping[str, str]) -> None:
    """Check the changed permissions of a role.

    Raises:
        InvalidError: a permission is unknown, or granted without the one that it requires.
    """
    for name in changed:
        if name not in DEFAULTS:
            raise InvalidError(f"Unknown permission '{name}'")
    effective = {**DEFAULTS, **changed}
    for permission in PERMISSIONS:
        needed = permission.requires
        if needed and effective[permission.name] == "grant" and effective[needed] != "grant":
            raise InvalidError(f"Permission '{permission.name}' requires '{needed}'")
