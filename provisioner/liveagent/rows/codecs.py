"""LiveAgent's letters and rows, and the YAML's words for them.

Each fact stands once, with its mark in the list of what is known of the API: D documented,
C seen in client code, I inferred, U unknown.
"""

import operator
from collections.abc import Container, Iterable, Mapping
from typing import Any

from provisioner import address as addresses
from provisioner.live.state import AccountFacts, LiveObject, unnamed_role
from provisioner.liveagent.rows.codec import (
    MAPPING,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    YES_NO,
    Form,
    Row,
    field,
    letters,
    write,
)
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES


def _never(_value: object) -> bool:
    """Return that a field is read by a codec and written by a call of its own."""
    return False


def _photo(checksum: Any) -> str:
    if not isinstance(checksum, str | None):
        raise TypeError
    return f"sha256:{checksum}" if checksum else ""


SERVICE_LETTERS = {"tickets": "M", "chats": "T", "calls": "P"}
"""M message, T chat, P phone (D: models Device and AgentStatus)."""

WEB_DEVICE = "W"
"""The device that the panel uses; LiveAgent makes one for each service with the agent (I)."""

DELETED = "X"
"""Agent.status of a deleted account (D)."""

SYSTEM_AGENT = "system00"
"""The id of LiveAgent's own user (C)."""

CUSTOM_ROLE = "agent"
"""Agent.role of an agent with a custom role: `role` has no value for them (D), and a custom role
starts from the default agent's (D). A built-in role's `roleId` is its name (I)."""

NO_ROLE_ID = ""
"""The `roleId` that leaves the decision to `role` (I), for a built-in role whose id is unknown."""

VOICE = letters({"F": "outgoing", "N": "both"})

AGENT = (
    field("email", TEXT),
    field("name", TEXT),
    field("gender", letters({"M": "male", "F": "female", "X": "unspecified"})),
    field("voice_status", VOICE, writable=_never),
    field("two_factor", YES_NO, "twofactor_auth", writable=_never),
)
"""The fields of Agent that need no other list to be read (D: model Agent)."""

SETTINGS = (
    field("alias", TEXT),
    field("photo", Form(_photo, str, "a text"), "photo_sha256", writable=_never),
    field("to_solve_only", YES_NO),
    *(
        field(f"notifications.{channel}.{event}", YES_NO)
        for channel in ("email", "slack")
        for event in ("ticket_assigned", "customer_reply", "new_ticket")
    ),
    field("notifications.slack.user", TEXT_OR_NULL),
    field("signature", TEXT),
    field("chat.max_load", NUMBER, "max_chat_load"),
    field("chat.priority", NUMBER, "chat_priority"),
    field("panel.theme", TEXT, "panel_theme"),
    field("level", TEXT),
    field("sounds", MAPPING),
    field("two_factor", YES_NO, "twofactor_auth", writable=operator.not_),
)
"""The agent settings of the extended surface. A photo is uploaded before it is written; two-factor
login can be switched off, and on by the agent only (D)."""

MEMBERSHIP = (
    field("role", TEXT),
    field("change_own_status", YES_NO),
    field("signature", TEXT),
)
"""The settings of a membership on the extended surface."""

_STATUS = {"online": "N", "offline": "F"}
_WORD = {letter: word for word, letter in _STATUS.items()}


def department(row: Row) -> LiveObject:
    """Read a department of the grid, which has other words than a department read by itself."""
    name = str(row["name"])
    return LiveObject(addresses.department(name), str(row["id"]), {"name": name}, {"name": name})


def role(row: Row) -> LiveObject:
    """Read a custom role."""
    name = str(row["name"])
    attributes = {"name": name, "permissions": dict(row["permissions"])}
    return LiveObject(addresses.role(name), str(row["id"]), attributes, raw=row)


def agent(
    row: Row,
    *,
    own: Mapping[str, Any],
    roles: Mapping[str, str] | None,
    departments: Mapping[str, str],
    statuses: Iterable[Row],
    devices: Mapping[str, Row],
    more: Mapping[str, Any],
    memberships: Mapping[str, Mapping[str, Any]],
) -> LiveObject:
    """Read an agent.

    Args:
        row: of `/agents`.
        own: the fields of the row that need no other list to be read.
        roles: custom role id to name; None where they can't be listed.
        departments: department id to name.
        statuses: the agent's rows of AgentStatus, one for each membership.
        devices: service to the agent's web device.
        more: fields that are read elsewhere.
        memberships: department id to fields of the membership that are read elsewhere.
    """
    attributes = {
        "role": _role_name(row, roles),
        "availability": {
            service: _WORD[devices[service]["preset_status"]]
            for service in SERVICES
            if service in devices
        },
        "departments": {
            departments[status["departmentid"]]: {
                **services_of(status.get("preset_status") or ""),
                **memberships.get(status["departmentid"], {}),
            }
            for status in sorted(statuses, key=lambda row: departments[row["departmentid"]])
        },
        **own,
        **more,
    }
    raw = {"agent": row, "devices": devices}
    return LiveObject(addresses.agent(row["email"]), str(row["id"]), attributes, raw=raw)


def _role_name(row: Row, roles: Mapping[str, str] | None) -> str:
    """Return the name of an agent's role; of a custom role that can't be listed, its id."""
    role_id = str(row.get("roleId") or "")
    if roles is not None:
        return roles.get(role_id, str(row["role"]))
    if row["role"] != CUSTOM_ROLE or role_id in {NO_ROLE_ID, *BUILT_IN_ROLES}:
        return str(row["role"])
    return unnamed_role(role_id)


def services_of(letters: str) -> dict[str, bool]:
    """Read which services a department may send work of, from the letters of `preset_status`.

    A service's letter is there where the agent's device is to be online in the department (I:
    the letters are documented, the rule is inferred from them).
    """
    return {service: letter in letters for service, letter in SERVICE_LETTERS.items()}


def built_in_role_ids(rows: Iterable[Row], custom: Container[str] | None) -> dict[str, str]:
    """Learn the ids of built-in roles from the agents that have them: no call lists them (U).

    Args:
        rows: of `/agents`.
        custom: ids of the custom roles; None where they can't be listed, so that the id of an
            agent with the default role might be one of them.
    """
    return {
        row["role"]: row["roleId"]
        for row in rows
        if row.get("roleId")
        and (row["role"] != CUSTOM_ROLE if custom is None else row["roleId"] not in custom)
    }


def agent_fields(values: Mapping[str, Any], role_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of Agent for values of the YAML.

    Args:
        values: those of the agent's own fields that are to be written.
        role_ids: folded name of a role to its id; a built-in role may be missing.
    """
    fields = write(values, AGENT)
    if "role" in values:
        name = values["role"]
        fields["roleId"] = role_ids.get(addresses.fold(name), NO_ROLE_ID)
        fields["role"] = name if name in BUILT_IN_ROLES else CUSTOM_ROLE
    return fields


def device_fields(row: Row, value: str) -> dict[str, Any]:
    """Return a whole Device with another availability.

    `preset_status` is what is wanted and `online_status` what is in effect; clients send both
    alike (C: the phone app).
    """
    return {**row, "preset_status": _STATUS[value], "online_status": _STATUS[value]}


def is_available(row: Row, value: str) -> bool:
    """Tell whether a Device has the availability already."""
    return bool(row["preset_status"] == _STATUS[value])


def device_department(device: Row, department_id: str, *, wanted: bool) -> dict[str, Any]:
    """Return a DeviceDepartment: whether work of the device's service may come from there.

    Both the preset and the work allocation say so (I: which of the two rules is not known).
    """
    status = _STATUS["online" if wanted else "offline"]
    return {
        "device_id": device["id"],
        "department_id": department_id,
        "user_id": device["agent_id"],
        "online_status": status,
        "preset_status": status,
        "work_allocation_allowed": wanted,
    }


def account(row: Row) -> AccountFacts:
    """Return the facts of the account, from the extended surface."""
    most = row.get("max_custom_roles")
    return AccountFacts(
        plan=row.get("plan"),
        features={"chats": row["features"]["chat"] == "Y", "calls": row["features"]["call"] == "Y"},
        plugins={name: value == "Y" for name, value in row["plugins"].items()},
        chat_routing=row.get("chat_routing"),
        max_custom_roles=None if most is None else int(most),
        timezone=row.get("timezone"),
        key_agent=row.get("key_agent_id"),
        creator=row.get("creator_id"),
    )
