"""The codec of each field, and LiveAgent's letters with the YAML's words for them.

Each fact about LiveAgent is marked with its source: D documented, C seen in client code, I
inferred, U unknown.
"""

import operator
from collections.abc import Container, Iterable, Mapping
from typing import Any

from provisioner import address as addresses
from provisioner.live.state import LiveObject, unnamed_role
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
    """Return False: the codec only reads this field, and another call writes it."""
    return False


def _photo(checksum: Any) -> str:
    if not isinstance(checksum, str):
        raise TypeError
    return f"sha256:{checksum}" if checksum else ""


SERVICE_LETTERS = {"tickets": "M", "chats": "T", "calls": "P"}
"""M message, T chat, P phone (D: models Device and AgentStatus)."""

WEB_DEVICE = "W"
"""Device.type of the panel. LiveAgent creates one device per service with the agent (I)."""

ACTIVE, DELETED = "A", "X"
"""Agent.status of an account (D); a third letter is not documented."""

SYSTEM_AGENT = "system00"
"""The id of LiveAgent's own user (C)."""

CUSTOM_ROLE = "agent"
"""Agent.role of an agent with a custom role: `role` has no value for them (D), and a custom role
starts from the default agent's (D). A built-in role's `roleId` is its name (I)."""

NO_ROLE_ID = ""
"""The `roleId` of a built-in role with an unknown id. It is not sent: then `role` decides (I)."""

GENDER = letters({"M": "male", "F": "female", "X": "unspecified"})
VOICE = letters({"F": "outgoing", "N": "both"})

AGENT = (
    field("email", TEXT),
    field("name", TEXT),
    field("gender", GENDER, unset="unspecified", is_default=True),
    field("voice_status", VOICE, writable=_never),
    field("two_factor", YES_NO, "twofactor_auth", writable=_never, unset=False, is_default=True),
)
"""The fields of Agent that need no other list to be read, with the defaults (D: model Agent)."""

OPTIONAL_OF_AGENT = (
    *("status", "roleId", "gender", "avatar_url", "last_pswd_change", "voice_status"),
    "twofactor_auth",
)
"""The optional fields of Agent (D). An account that sends none of them for any agent leaves out all
of them, whatever they are."""

_EMPTY: Mapping[str, Any] = {"unset": ""}
"""A text that may be null: it is empty then."""

SETTINGS = (
    field("alias", TEXT, **_EMPTY),
    field("photo", Form(_photo, str, "a text"), "photo_sha256", writable=_never, **_EMPTY),
    field("to_solve_only", YES_NO),
    *(
        field(f"notifications.{channel}.{event}", YES_NO)
        for channel in ("email", "slack")
        for event in ("ticket_assigned", "customer_reply", "new_ticket")
    ),
    field("notifications.slack.user", TEXT_OR_NULL, **_EMPTY),
    field("signature", TEXT, **_EMPTY),
    field("chat.max_load", NUMBER, "max_chat_load"),
    field("chat.priority", NUMBER, "chat_priority"),
    field("panel.theme", TEXT, "panel_theme"),
    field("level", TEXT, **_EMPTY),
    field("sounds", MAPPING, unset={}),
    field("two_factor", YES_NO, "twofactor_auth", writable=operator.not_),
)
"""The agent settings of the extended surface. A photo is uploaded before it is written. Two-factor
login can only be switched off: the agent switches it on (D)."""

MEMBERSHIP = (
    field("role", TEXT),
    field("change_own_status", YES_NO),
    field("signature", TEXT, **_EMPTY),
)
"""The settings of a membership on the extended surface."""

PRESETS = {"online": "N", "offline": "F"}
"""Availability to `preset_status` of a Device (D)."""

_WORD = {letter: word for word, letter in PRESETS.items()}


def department(row: Row) -> LiveObject:
    """Return a department from its row of the grid, which has other keys than model Department."""
    name = str(row["name"])
    return LiveObject(addresses.department(name), str(row["id"]), {"name": name}, {"name": name})


def role(row: Row) -> LiveObject:
    """Return a custom role from its row."""
    name = str(row["name"])
    attributes = {"name": name, "permissions": dict(row.get("permissions") or {})}
    return LiveObject(addresses.role(name), str(row["id"]), attributes, raw=row)


def agent(
    row: Row,
    *,
    role_id: str,
    fields: Mapping[str, Any],
    roles: Mapping[str, str] | None,
    departments: Mapping[str, str],
    statuses: Iterable[Row],
    devices: Mapping[str, Row],
    memberships: Mapping[str, Mapping[str, Any]],
    settings: Row | None,
) -> LiveObject:
    """Return an agent from its rows in several lists.

    Args:
        row: of `/agents`.
        role_id: the id of the role, from either list of agents; "" if neither has it.
        fields: the fields that need no other list.
        roles: mapping from custom role id to name; None if the API does not list them.
        departments: mapping from department id to name.
        statuses: the agent's rows of AgentStatus, one for each membership.
        devices: mapping from service to the agent's web device.
        memberships: mapping from department id to the membership's fields in the agent settings.
        settings: the agent's settings; None on API v3.
    """
    attributes = {
        "role": _role_name(role_of(row), role_id, roles),
        "availability": {
            service: _WORD[devices[service]["preset_status"]]
            for service in SERVICES
            if service in devices and is_readable(devices[service])
        },
        "departments": {
            departments[status["departmentid"]]: {
                **services_of(status.get("preset_status") or ""),
                **memberships.get(status["departmentid"], {}),
            }
            for status in sorted(statuses, key=lambda row: departments[row["departmentid"]])
        },
        **fields,
    }
    raw = {"agent": row, "role_id": role_id, "devices": devices, "settings": settings}
    return LiveObject(addresses.agent(row["email"]), str(row["id"]), attributes, raw=raw)


def role_of(row: Row) -> str:
    """Return the `role` of an Agent; a missing one is the documented default (D)."""
    return str(row.get("role") or CUSTOM_ROLE)


def is_known_role(row: Row, role_id: str, roles: Mapping[str, str] | None) -> bool:
    """Return whether an agent's role is documented, or a custom role that the API lists."""
    return role_of(row) in BUILT_IN_ROLES or role_id in (roles or {})


def _role_name(role: str, role_id: str, roles: Mapping[str, str] | None) -> str:
    """Return the name of an agent's role, or a placeholder with its id where it can't be listed."""
    if roles is not None:
        return roles.get(role_id, role)
    if role != CUSTOM_ROLE or role_id in {NO_ROLE_ID, *BUILT_IN_ROLES}:
        return role
    return unnamed_role(role_id)


def services_of(preset_status: str) -> dict[str, bool]:
    """Return for each service whether a department may assign its work to the agent.

    Args:
        preset_status: of AgentStatus. It has the letter of each service with a device
            that is to be online in the department (I: only the letters are documented).
    """
    return {service: letter in preset_status for service, letter in SERVICE_LETTERS.items()}


def built_in_role_ids(rows: Iterable[Row], custom: Container[str] | None) -> dict[str, str]:
    """Return built-in role to id, from the agents that have these roles: no call lists them (U).

    Args:
        rows: of `/agents`.
        custom: ids of the custom roles; None if they can't be listed. Then the id of an agent
            with the default role might be that of a custom role.
    """
    return {
        role_of(row): row["roleId"]
        for row in rows
        if row.get("roleId")
        and (role_of(row) != CUSTOM_ROLE if custom is None else row["roleId"] not in custom)
    }


def agent_fields(values: Mapping[str, Any], role_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of Agent for values of the YAML.

    `role_ids` maps folded names to ids; built-in roles may be missing.
    """
    fields = write(values, AGENT)
    if "role" in values:
        name = values["role"]
        fields["roleId"] = role_ids.get(addresses.fold(name), NO_ROLE_ID)
        fields["role"] = name if name in BUILT_IN_ROLES else CUSTOM_ROLE
    return fields


def body(row: Row) -> dict[str, Any]:
    """Return an object of the documented API as the body of a PUT or POST.

    Nulls and an empty `roleId` are left out, as LiveAgent's own client does (C).
    """
    return {
        name: value
        for name, value in row.items()
        if value is not None and (name, value) != ("roleId", NO_ROLE_ID)
    }


def undelete_body(fields: Row, agent_id: str = "") -> dict[str, Any]:
    """Return the Agent that undelete takes as its body (D); which fields it reads is unknown (U).

    Args:
        fields: the fields of Agent to set; those that are missing have the model's defaults (D).
        agent_id: the id of the deleted account; "" if it is not known.
    """
    given = {name: fields[name] for name in ("name", "email", "role", "gender") if name in fields}
    return {**({"id": agent_id} if agent_id else {}), "role": CUSTOM_ROLE, "gender": "X", **given}


def device_number(device: Row) -> int:
    """Return the id of a device: a float in the models, a whole number in paths (D)."""
    return int(float(device["id"]))


def device_fields(row: Row, value: str) -> dict[str, Any]:
    """Return a whole Device with another availability.

    `preset_status` is the wanted status and `online_status` the current one; clients send the
    same value in both (C: the phone app).
    """
    number = device_number(row)
    return {**row, "id": number, "preset_status": PRESETS[value], "online_status": PRESETS[value]}


def is_available(row: Row, value: str) -> bool:
    """Return whether a Device already has the availability."""
    return bool(row.get("preset_status") == PRESETS[value])


def is_readable(device: Row) -> bool:
    """Return whether a Device has a documented availability."""
    return isinstance(letter := device.get("preset_status"), str) and letter in _WORD


def device_department(device: Row, department_id: str, *, wanted: bool) -> dict[str, Any]:
    """Return a DeviceDepartment that allows or forbids work of a device's service.

    The preset and the work allocation are both sent (I: which of the two decides is not known).
    """
    status = PRESETS["online" if wanted else "offline"]
    return {
        "device_id": device_number(device),
        "department_id": department_id,
        "user_id": device["agent_id"],
        "online_status": status,
        "preset_status": status,
        "work_allocation_allowed": wanted,
    }
