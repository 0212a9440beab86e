"""One switch for each assumption about the real API that no source confirms.

The sandbox follows the known facts. Where a fact is unknown or doubtful, a switch selects the
behaviour, so that only its default changes once a real account shows the fact. Marks: D documented,
C seen in clients, I inferred, U unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import Setting, read, setting, settings


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches; each field has its meaning and its source."""

    # The account
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
    chat_routing: Literal[
        "random", "average_utilization", "max_utilization", "ring_to_all", "priorities"
    ] = setting(
        "max_utilization", "How chats are distributed to agents.", "D: KB 505559, the words U"
    )
    account_timezone: str = setting(
        "Europe/Prague", "Value of the setting TIMEZONE.", "U: no account's is known"
    )
    max_body_bytes: int = setting(
        10 * 1024 * 1024, "Longest body of a request, in bytes; a longer one is 413.", "U"
    )
    # Lists
    per_page_cap: int = setting(
        500, "The most rows of a page, even if _perPage asks for more.", "D that, U how many"
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
    unknown_filter_column: Literal["error", "ignore"] = setting(
        "error", "The effect of a filter on an unknown column.", "I: tickets since 2025-03-18"
    )
    # Accounts
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
    # Roles
    role_id_shape: Literal["name", "opaque"] = setting(
        "name", "roleId of the built-in roles: their names, or 8 characters.", "U"
    )
    max_custom_roles: int = setting(
        3, "The most custom roles of the account.", "D: KB 677682; 'multiple' in 904470"
    )
    # Memberships and devices
    membership_answer: Literal["json", "text"] = setting(
        "json", "GET /departments/{id}/{agentId}: a JSON string, or the bare letter.", "U"
    )
    new_membership_role: Literal["reader", "solver", "supervisor", "manager"] = setting(
        "solver", "Department role of a new member.", "U"
    )
    new_device_preset: Literal["N", "F"] = setting(
        "F", "Preset of the web devices that are created with an agent.", "I: changelog 2018-11-21"
    )
    new_membership_preset: Literal["N", "F"] = setting(
        "F", "Preset of the device departments that are created with a membership.", "U"
    )
    plan_day_base: Literal[0, 1] = setting(
        0, "Number of the first day of the week in device plans.", "U"
    )
    plan_time_format: Literal["HH:MM:SS", "HH:MM"] = setting(
        "HH:MM:SS", "Format of times in device plans.", "U"
    )
    web_devices_need_panel: bool = setting(
        default=True,
        text="A web device stays offline while no panel is open, even if online is written.",
        source="C: phone app; a 2026 client",
    )
    status_letter_r: bool = setting(
        default=True,
        text="A status with any service also has the letter R (read).",
        source="C: 'TR' seen",
    )


def switch_rows() -> Iterator[Setting]:
    """Yield every switch in the order of declaration, for help texts and documents."""
    return settings(Switches)


def parse_switches(words: Iterable[str]) -> Switches:
    """Return the switches of options of the command line.

    Args:
        words: each `NAME=VALUE`, such as `per_page_cap=7` or `list_deleted_agents=on`.

    Raises:
        SandboxError: a name or a value is unknown; the message lists the allowed ones.
    """
    return Switches(**read(Switches, words, "switch"))
