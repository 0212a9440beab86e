"""The checks of each list's rows: the values that this tool relies on.

A field with a codec is not listed here: its codec checks it. Fields that are optional in the
documented models may be missing or null.
"""

import re
from typing import Any

from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.device_hours import day_number
from provisioner.liveagent.rows.row_checks import (
    RowCheck,
    listed,
    mapped,
    one_of,
    optional,
    plain,
    record,
)

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?")
_DAYS = range(8)
"""All numbers that days may have, whichever day is the first and whether it is 0 or 1 (U)."""


def _is_identifier(value: object) -> bool:
    """Return whether a value can be an id; ids of devices and keys are numbers (D)."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _is_number(value: object) -> bool:
    """Return whether a value is a whole number; the API may send numbers as strings (C)."""
    if isinstance(value, str):
        return value.isascii() and value.isdecimal() and len(value) < 20
    return isinstance(value, int) and not isinstance(value, bool)


def _is_day(value: Any) -> bool:
    """Return whether a value is the number of a day in any form (U)."""
    try:
        return day_number(value) in _DAYS
    except (TypeError, ValueError):
        return False


TEXT = plain("a text", lambda value: isinstance(value, str))
NAME = plain(
    "a text that is not blank", lambda value: isinstance(value, str) and value.strip() != ""
)
IDENTIFIER = plain("an id", _is_identifier)
ID = plain("an id or an empty text", lambda value: value == "" or _is_identifier(value))
NUMBER = plain("a whole number", _is_number)
DAY = plain("the number of a day from 0 to 7", _is_day)
TIME = plain(
    "a time such as 09:00:00", lambda value: isinstance(value, str) and bool(_TIME.fullmatch(value))
)
SERVICE = one_of(*codecs.SERVICE_LETTERS.values())

LETTER_OF_STATUS = one_of("N", "F")

_LIVING_AGENT = record(
    id=IDENTIFIER, email=NAME, name=TEXT, role=NAME, status=optional(TEXT), roleId=optional(ID)
)
_OTHER_AGENT = record(id=IDENTIFIER, email=optional(TEXT), status=optional(TEXT))


def _agent(row: Any, path: str) -> None:
    """Check an Agent; deleted agents and the system agent may lack fields."""
    _OTHER_AGENT(row, path)
    if row.get("status") != codecs.DELETED and row["id"] != codecs.SYSTEM_AGENT:
        _LIVING_AGENT(row, path)


AGENT: RowCheck = _agent
AGENT_STATUSES = record(
    agentid=IDENTIFIER,
    departments_statuses=optional(
        listed(record(departmentid=IDENTIFIER, preset_status=optional(TEXT)))
    ),
)
"""A row of the grid of agents. An agent without memberships has null or no list (D)."""

DEPARTMENT = record(id=IDENTIFIER, name=NAME)
"""A row of the grid of departments."""

WHOLE_DEPARTMENT = record(
    department_id=IDENTIFIER, name=NAME, agent_ids=optional(listed(IDENTIFIER))
)
"""A row of model Department, which a single department is read as."""

_ANY_DEVICE = record(id=IDENTIFIER, type=TEXT, service_type=TEXT)
_WEB_DEVICE = record(agent_id=IDENTIFIER, preset_status=LETTER_OF_STATUS)


def _device(row: Any, path: str) -> None:
    """Check a Device; of other devices than the panel's only the type matters."""
    _ANY_DEVICE(row, path)
    if row["type"] == codecs.WEB_DEVICE:
        _WEB_DEVICE(row, path)


DEVICE: RowCheck = _device
_SHIFT = {"department_id": IDENTIFIER, "day": DAY, "start": TIME, "end": TIME}
DEVICE_HOURS = record(department_id=IDENTIFIER, plans=listed(record(**_SHIFT)))
"""The planned hours of a device in a department."""

AGENT_SETTINGS = record(
    agent_id=IDENTIFIER,
    photo=optional(IDENTIFIER),
    sounds=optional(mapped(TEXT)),
    memberships=listed(record(department_id=IDENTIFIER)),
    devices=listed(DEVICE),
    plans=listed(record(service_type=SERVICE, **_SHIFT)),
)
"""An agent's settings on the extended surface."""

ROLE = record(id=IDENTIFIER, name=NAME, permissions=mapped(TEXT))
PERMISSION = record(name=NAME, default=TEXT)
ACCOUNT = record(
    plan=optional(TEXT),
    features=record(chat=TEXT, call=TEXT),
    plugins=mapped(TEXT),
    chat_routing=optional(TEXT),
    max_custom_roles=optional(NUMBER),
    timezone=optional(TEXT),
    key_agent_id=optional(IDENTIFIER),
    creator_id=optional(IDENTIFIER),
    profile_defaults=record(),
    deleted_agents=optional(listed(record(id=IDENTIFIER, email=optional(TEXT)))),
)
"""The account itself, on the extended surface."""

SETTING = record(name=TEXT, value=optional(TEXT))
API_KEY = record(
    id=IDENTIFIER,
    key=optional(TEXT),
    userid=optional(ID),
    name=optional(TEXT),
    type=optional(TEXT),
    valid_to_date=optional(TEXT),
)
REPORT = record(id=IDENTIFIER)
