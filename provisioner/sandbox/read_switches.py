"""Switches of the account, its lists and its agents.

`switches` has those of writes, memberships and devices, and explains them all.
"""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class ReadSwitches:
    """Properties of the account and its agents, and the shape of lists and rows."""

    plan: str = setting(
        "Enterprise",
        "The plan; only Large, Enterprise and All-inclusive have custom roles.",
        "D: KB 904470",
    )
    chat_feature: bool = setting(
        default=True,
        text="Chat is in the plan and enabled; without it no device for it can be switched on.",
        source="D: agents need it to chat",
    )
    call_feature: bool = setting(
        default=True, text="The same for calls.", source="D: agents need it to call"
    )
    sounds_plugin: bool = setting(
        default=True,
        text="The plugin 'Sound configuration' is active.",
        source="D: sounds need it",
    )
    gamification_plugin: bool = setting(
        default=True, text="The plugin for gamification is active.", source="D: levels come from it"
    )
    plugin_rows: Literal["panel", "code"] = setting(
        "panel",
        "GET /grid/plugins names the plugins as the panel does, or only by their code names.",
        "I: PluginRow has both, their words are unknown",
    )
    levels: str = setting(
        "Novice,Junior,Advanced,Expert,Senior,Master,Champion,Hero",
        "Levels of the gamification, joined by commas; empty: no list, and any name.",
        "D: KB 050561, the names U",
    )
    sounds: str = setting(
        "chime,bell,ding,pop,ring,buzz",
        "Sounds, joined by commas; empty: no list, and any name.",
        "U",
    )
    alerts: str = setting(
        "new_chat,new_ticket,new_call,new_message,customer_reply,ticket_assigned,all",
        "Alerts that have a sound, joined by commas; empty: no list, and any name.",
        "U",
    )
    chat_routing: Literal[
        "random", "average_utilization", "max_utilization", "ring_to_all", "priorities"
    ] = setting(
        "max_utilization", "How chats are distributed to agents.", "D: KB 505559, the words U"
    )
    account_timezone: str = setting(
        "Europe/Prague", "Value of the setting TIMEZONE.", "U: no account's is known"
    )
    key_scopes: str = setting(
        "all",
        "Scopes of the key that the sandbox is started with, such as agent.read,device.manage.",
        "D: the scopes; I: which call needs which",
    )
    max_body_bytes: int = setting(
        10 * 1024 * 1024, "Longest body of a request, in bytes; a longer one is 413.", "U"
    )
    per_page_cap: int = setting(
        500, "The most rows of a page, even if _perPage asks for more.", "D that, U how many"
    )
    per_page_limit: int = setting(
        0, "The largest _perPage; a larger one is refused. 0: none is.", "U: a cap is documented"
    )
    page_past_end: Literal["empty", "missing"] = setting(
        "empty", "The answer to a _page after the last one: an empty list, or 404.", "U"
    )
    plain_list_status: Literal[200, 206] = setting(
        200, "Status of an answer to a _page or _from list.", "I: spec declares both"
    )
    range_end_included: bool = setting(
        default=False, text="The answer includes the row with number _to.", source="U"
    )
    list_deleted_agents: bool = setting(
        default=False,
        text="GET /agents lists deleted agents too, with status X.",
        source="I: changelog 2021-04-28, 2026-03-20",
    )
    grid_lists_deleted_agents: bool = setting(
        default=False,
        text="GET /grid/agents lists deleted agents too, with userstatus X.",
        source="U: userstatus may be X",
    )
    deleted_departments_in_statuses: bool = setting(
        default=False,
        text="The statuses of an agent keep the rows of deleted departments.",
        source="U: department rows are cleaned, changelog 2017-10-09",
    )
    service_user: Literal["none", "agents", "grid"] = setting(
        "none",
        "The list that shows a service user, such as a chat bot, that no other list shows.",
        "U: no document promises that the lists have the same rows",
    )
    agent_rows: Literal["whole", "short"] = setting(
        "whole",
        "Rows of GET /agents: like those of GET /agents/{id}, or without the ids of the phones.",
        "I: both have the model Agent",
    )
    unknown_filter_column: Literal["error", "ignore"] = setting(
        "error", "The effect of a filter on an unknown column.", "I: tickets since 2025-03-18"
    )
    optional_fields: Literal["sent", "empty_left_out", "left_out"] = setting(
        "sent",
        "Optional properties of answers: all are sent, or those with an empty or default value"
        " are left out, or also those that no client can rely on, such as roleId.",
        "D: optional in the models; U: when they are left out",
    )
    null_for_empty: bool = setting(
        default=False,
        text="An empty list, object or text of an optional property is sent as null.",
        source="U: departments_statuses may be null",
    )
    numbers: Literal["integer", "float", "string"] = setting(
        "integer",
        "Numbers that the documents declare as float, such as ids of devices: 7, 7.0 or '7'.",
        "D: float in the models; C: as text in v1",
    )
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
