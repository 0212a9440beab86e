"""The privileges of an API key that the calls of the client need.

The scopes of a key are documented (D: vendor's README), but not which call needs which scope (I).
"""

from typing import NamedTuple


class ReadCall(NamedTuple):
    """A reading call, with the privilege that it needs.

    Attributes:
        path: the path of the list.
        privilege: the scope, such as `agent.read`.
        effect: the consequence if the key lacks it; "" if no plan can be made without the call.
    """

    path: str
    privilege: str
    effect: str = ""


V3_READS = (
    ReadCall("/agents", "agent.read"),
    ReadCall("/grid/agents", "agent.read"),
    ReadCall("/grid/departments", "agent.read"),
    ReadCall("/devices", "device.manage"),
    ReadCall("/settings", "settings.read", "the zone of planned hours must be in provisioner.yaml"),
)

FULL_READS = (
    ReadCall("/agents", "agent.read"),
    ReadCall("/grid/agents", "agent.read"),
    ReadCall("/grid/departments", "agent.read"),
    ReadCall("/agents/profiles", "agent.read"),
    ReadCall("/roles", "agent.read"),
    ReadCall("/roles/permissions", "agent.read"),
    ReadCall("/account", "settings.read"),
)

WRITES = ("agent.manage", "device.manage")
"""The privileges that an apply needs, besides those of a plan."""
