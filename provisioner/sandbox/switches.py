"""Every assumption about the real API that no source confirms: one named switch each.

The sandbox behaves as the facts say; where they are silent or doubtful, the behaviour hangs on a
field here, so that one line is changed once an account shows how it really is. Marks: D documented,
C seen in clients, I inferred, U unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import Setting, read, setting, settings


@dataclass(frozen=True, slots=True)
class Switches:
    """The behaviour that can be switched; each field tells its meaning and its source."""

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
    ] = setting("max_utilization", "How chats find their agents.", "D: KB 505559, the words U")
    account_timezone: str = setting(
        "Europe/Prague", "Value of the setting TIMEZONE.", "U: no account's is known"
    )
    max_body_bytes: int = setting(
        10 * 1024 * 1024, "Longest body of a request, in bytes; a longer one is 413.", "U"
    )
    # Lists
    per_page_cap: int = setting(
        500, "Longest page that a list answers, whatever _perPage asks for.", "D that, U how many"
    )
    plain_list_status: Literal[200, 206] = setting(
        200, "Status of an answer to a _page or _from list.", "I: spec declares both"
    )
    range_end_included: bool = setting(
        default=False, text="The row numbered _to belongs to the answer.", source="U"
    )
    list_deleted_agents: bool = setting(
        default=False,
        text="GET /agents lists deleted agents too, with status X.",
        source="I: changelog 2021-04-28, 2026-03-20",
    )
    unknown_filter_column: Literal["error", "ignore"] = setting(
        "error", "What a filter on an unknown column does.", "I: tickets since 2025-03-18"
    )
    # Accounts
    put_defaults_missing_fields: bool = setting(
        default=True,
        text="PUT /agents/{id} without role or gender sets the model's default.",
        source="I: generated server models",
    )
    avatar_url_writable: bool = setting(
        default=False, text="PUT /agents/{id} takes over avatar_url.", source="U"
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
        default=False, text="Undelete brings an agent's memberships back.", source="U"
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
        3, "How many custom roles the account may have.", "D: KB 677682; 'multiple' in 904470"
    )
    # Memberships and devices
    membership_answer: Literal["json", "text"] = setting(
        "json", "GET /departments/{id}/{agentId}: a JSON string, or the bare letter.", "U"
    )
    new_membership_role: Literal["reader", "solver", "supervisor", "manager"] = setting(
        "solver", "Department role of a new member.", "U"
    )
    new_device_preset: Literal["N", "F"] = setting(
        "F", "Preset of the web devices that are made with an agent.", "I: changelog 2018-11-21"
    )
    new_membership_preset: Literal["N", "F"] = setting(
        "F", "Preset of the device departments that are made with a membership.", "U"
    )
    plan_day_base: Literal[0, 1] = setting(
        0, "Number of the first day of the week in device plans.", "U"
    )
    plan_time_format: Literal["HH:MM:SS", "HH:MM"] = setting(
        "HH:MM:SS", "How device plans write the time of day.", "U"
    )
    web_devices_need_panel: bool = setting(
        default=True,
        text="A web device stays offline, whatever is written, while no panel is open.",
        source="C: phone app; a 2026 client",
    )
    status_letter_r: bool = setting(
        default=True,
        text="A status with any service also has the letter R (read).",
        source="C: 'TR' seen",
    )


def switch_rows() -> Iterator[Setting]:
    """List every switch in the order of its declaration, as help texts show it."""
    return settings(Switches)


def parse_switches(words: Iterable[str]) -> Switches:
    """Read switches as a command line gives them.

    Args:
        words: `NAME=VALUE` each, such as `per_page_cap=7` or `list_deleted_agents=on`.

    Raises:
        SandboxError: a name or a value is unknown; the text says what is allowed.
    """
    return Switches(**read(Switches, words, "switch"))
