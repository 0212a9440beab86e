"""The scopes of API keys, such as `agent.read`: an object and a privilege."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.sandbox.errors import SandboxError

SCOPES: Mapping[str, tuple[str, ...]] = {
    "agent": ("own", "read", "manage"),
    "agent_status": ("own", "read", "manage"),
    "device": ("own", "manage"),
    "phone": ("own", "read", "write"),
    "user": ("read", "write"),
    "file": ("add",),
    "hosting": ("login",),
    "api": ("read", "read_own", "write", "write_own", "delete"),
    "sso": ("read", "read_own", "write", "write_own"),
    "settings": ("read", "write"),
    "plugin_settings": ("read",),
    "eventlogs": ("read",),
    "time_report": ("read",),
}
"""Object to privileges (D: vendor's README, as far as it concerns agents, keys and reports)."""

NAMES = tuple(f"{of}.{privilege}" for of, privileges in SCOPES.items() for privilege in privileges)

OWN = frozenset(name for name in NAMES if name.endswith("own"))
"""Scopes that hold for objects of the key's own agent only."""

# The scopes of calls, of which one suffices (I: which call needs which scope is in no document).
AGENT_READ = ("agent.read",)
AGENT_READ_OR_OWN = (*AGENT_READ, "agent.own")
AGENT_MANAGE = ("agent.manage",)
AGENT_MANAGE_OR_OWN = (*AGENT_MANAGE, "agent.own")
STATUS_READ = ("agent_status.read",)
STATUS_READ_OR_OWN = (*STATUS_READ, "agent_status.own")
STATUS_MANAGE_OR_OWN = ("agent_status.manage", "agent_status.own")
DEVICE = ("device.manage",)
DEVICE_OR_OWN = (*DEVICE, "device.own")
PHONE_READ = ("phone.read", "phone.own")
PHONE_WRITE = ("phone.write", "phone.own")
SETTINGS_READ = ("settings.read",)
API_READ = ("api.read", "api.read_own")
API_WRITE = ("api.write", "api.write_own")
API_DELETE = ("api.delete", "api.write_own")

ANY = "all"
"""The value of the switch `key_scopes` that selects every scope."""


def parse(text: str) -> tuple[str, ...]:
    """Return the scopes of a text such as `agent.read,device.manage`.

    Raises:
        SandboxError: a scope is unknown.
    """
    if text == ANY:
        return NAMES
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise SandboxError(f"API keys have no scope {name!r}.{hint}")
    return names


def to_json(names: Iterable[str]) -> str:
    """Return scopes as the text that is stored."""
    privileges_of: dict[str, list[str]] = {}
    for name in names:
        of, _, privilege = name.partition(".")
        privileges_of.setdefault(of, []).append(privilege)
    rows = [{"object": of, "privileges": names} for of, names in privileges_of.items()]
    return json.dumps(rows)


def from_rows(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the scopes of rows of ApiPrivilege."""
    return frozenset(
        f"{row['object']}.{privilege}" for row in rows for privilege in row["privileges"]
    )


def from_json(text: str) -> frozenset[str]:
    """Return the scopes of a stored text."""
    return from_rows(json.loads(text))
