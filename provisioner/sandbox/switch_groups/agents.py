"""Switches of agents and their roles."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class AgentSwitches:
    """How agents are read and written."""

    put_defaults_missing_fields: bool = setting(
        default=True,
        text="PUT /agents/{id} without role or gender sets the model's default.",
        source="I: generated server models",
    )
    avatar_url_writable: bool = setting(
        default=False, text="PUT /agents/{id} writes avatar_url.", source="U"
    )
    protect_account_creator: bool = setting(
        default=True,
        text="The account's creator can be neither deleted nor given another role.",
        source="D: KB 228575",
    )
    creates_agents: Literal["yes", "404", "405"] = setting(
        "yes",
        "POST /agents creates an agent, or is refused with this status.",
        "I: spec until 2018-09; changelog 2026-03-16",
    )
    registration_mail_on_api_create: bool = setting(
        default=True, text="POST /agents sends the registration mail.", source="I"
    )
    join_all_departments: bool = setting(
        default=False,
        text="A new agent joins every department.",
        source="D: a fault, fixed 2021-02-04",
    )
    undelete_keeps_memberships: bool = setting(
        default=False, text="Undelete restores an agent's memberships.", source="U"
    )
    undelete_key: Literal["either", "id", "email"] = setting(
        "either", "The fields by which POST /agents/undelete finds the account.", "U"
    )
    alias_max_length: int = setting(100, "Longest alias, in characters.", "D: changelog 2025-11-28")
    put_agent_status: bool = setting(
        default=True,
        text="PUT /agents/{id}/status still works, although it left the documents in 2018.",
        source="U: spec until 2018-12",
    )
    agents_by_email: bool = setting(
        default=False,
        text="POST /agents/_by_email works.",
        source="U: in an internal spec of 2019-11-14 only",
    )
    role_id_shape: Literal["name", "opaque"] = setting(
        "name", "roleId of the built-in roles: their names, or 8 characters.", "U"
    )
    missing_role_id: Literal["role_decides", "kept"] = setting(
        "role_decides", "A PUT without roleId: role sets the role, or a custom role is kept.", "I"
    )
    empty_role_id: Literal["role_decides", "refused"] = setting(
        "role_decides", "An empty roleId in a body.", "I"
    )
    active_tickets: int = setting(
        0, "Active tickets of each agent who is online; their form is unknown.", "U"
    )
    max_custom_roles: int = setting(
        3, "The most custom roles of the account.", "D: KB 677682; 'multiple' in 904470"
    )
