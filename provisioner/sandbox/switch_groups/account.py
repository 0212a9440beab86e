"""Switches of the account itself: its plan, its features, its time zone."""

from dataclasses import dataclass
from typing import Literal

from provisioner.sandbox.settings import setting


@dataclass(frozen=True)
class AccountSwitches:
    """Properties of the account."""

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
