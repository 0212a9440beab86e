"""Translates rows about the account as a whole: its features, plugins and limits."""

from collections.abc import Iterable

from provisioner import address as addresses
from provisioner.live.state import AccountFacts
from provisioner.liveagent.rows.codec import Row
from provisioner.model.account_plugins import PLUGINS


def account_facts(row: Row) -> AccountFacts:
    """Return the facts of the account from its row on the extended surface."""
    most, features = row.get("max_custom_roles"), row.get("features") or {}
    return AccountFacts(
        plan=row.get("plan"),
        features={
            service: features[name] == "Y"
            for service, name in (("chats", "chat"), ("calls", "call"))
            if features.get(name) is not None
        },
        plugins={
            name: value == "Y"
            for name, value in (row.get("plugins") or {}).items()
            if value is not None
        },
        chat_routing=row.get("chat_routing"),
        max_custom_roles=None if most is None else int(most),
        timezone=row.get("timezone"),
        key_agent=row.get("key_agent_id"),
        creator=row.get("creator_id"),
    )


def active_plugins(rows: Iterable[Row]) -> dict[str, bool]:
    """Return the plugins of `PLUGINS` to whether they are active, as far as the rows show it.

    Args:
        rows: of PluginRow (D). A plugin is found by its name in the panel (I).
    """
    names = {addresses.fold(plugin.name): plugin.key for plugin in PLUGINS}
    return {
        names[name]: active
        for row in rows
        if (name := addresses.fold(str(row.get("name")))) in names
        and isinstance(active := row.get("active"), bool)
    }
