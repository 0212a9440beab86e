"""The privileges of an API key that the calls of the client need.

The scopes of a key are documented (D: vendor's README), but not which call needs which scope (I).
docs/surfaces.md lists the least privileges of a plan and of an apply.
"""

import re
from typing import NamedTuple

PLAN, APPLY = ("agent.read", "device.manage"), ("agent.read", "agent.manage", "device.manage")
"""The least privileges of a plan and of an apply on v3."""

PLAN_FULL = ("agent.read", "settings.read")
APPLY_FULL = (*APPLY, "settings.read")
"""The same on the full surface."""

_NEEDED = tuple(
    (re.compile(methods), re.compile(paths), privilege)
    for methods, paths, privilege in (
        ("GET", "/grid/plugins", "plugin_settings.read"),
        ("GET", "/agents|/grid|/departments|/roles|/reports|/files/", "agent.read"),
        ("POST", "/files", "file.add"),
        ("GET|PUT|POST|DELETE", "/agents|/departments|/roles", "agent.manage"),
        ("GET|PUT|POST|DELETE", "/devices", "device.manage"),
        ("GET", "/settings|/account|/slack", "settings.read"),
        ("GET", "/apikeys", "api.read"),
        ("DELETE", "/apikeys", "api.delete"),
    )
)
"""Methods, beginning of the path, and privilege; the first row that matches counts."""


def needed_privilege(method: str, path: str) -> str:
    """Return the privilege that a call needs (I), or "" if it is unknown.

    Args:
        method: GET, POST, PUT or DELETE.
        path: below `/api/v3`.
    """
    matching = (
        privilege
        for methods, paths, privilege in _NEEDED
        if methods.fullmatch(method) and paths.match(path)
    )
    return next(matching, "")


class ReadCall(NamedTuple):
    """A reading call of a plan.

    Attributes:
        path: the path of the list.
        effect: the consequence if the key may not make it; "" if there is no plan without it.
    """

    path: str
    effect: str = ""


V3_READS = (
    ReadCall("/agents"),
    ReadCall("/grid/agents"),
    ReadCall("/grid/departments"),
    ReadCall("/devices"),
    ReadCall("/settings", "the zone of planned hours must be in provisioner.yaml"),
)

FULL_READS = (
    ReadCall("/agents"),
    ReadCall("/grid/agents"),
    ReadCall("/grid/departments"),
    ReadCall("/agents/profiles"),
    ReadCall("/roles"),
    ReadCall("/roles/permissions"),
    ReadCall("/account"),
)
