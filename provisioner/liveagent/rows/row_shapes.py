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
    or_empty,
    plain,
    record,
)

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?")
_DAYS = range(8)
"""All numbers that days may have, whichever day is the first and whether it is 0 or 1 (U)."""


def _is_identifier(value: object) -> bool:
    """Return whether a value can be an id; ids of devices and keys are numbers (D)."""
    is_number = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return (isinstance(value, str) or is_number) and not isinstance(value, bool) and value != ""


def _is_number(value: object) -> bool:
    """Return whether a value is a whole number; the API may send numbers as strings (C)."""
    if isinstance(value, str):
        return value.isascii() and value.isdecimal() and len(value) < MOST_DIGITS
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (isinstance(value, int) or value.is_integer())
    )


def _is_day(value: Any) -> bool:
    """Return whether a value is the number of a day in any form (U)."""
    try:
        return day_number(value) in _DAYS
    except (TypeError, ValueError):
        return False


def _id_text(value: Any) -> str:
    """Return an id as text: 12, 12.0 and "12" are the same id."""
    return str(int(value)) if isinstance(value, float) else str(value)


def _device_id(value: Any) -> Any:
    """Return the id of a device as a whole number, which bodies of requests hold (D)."""
    return int(value) if _is_number(value) else value


MOST_DIGITS = 20
"""Digits of a text that is still read as a number."""

TEXT = plain("a text", lambda value: isinstance(value, str))
NAME = plain(
    "a text that is not blank", lambda value: isinstance(value, str) and value.strip() != ""
)
IDENTIFIER = plain("an id", _is_identifier, _id_text)
ID = plain("an id or an empty text", lambda value: value == "" or _is_identifier(value), _id_text)
DEVICE_ID = plain("an id", _is_identifier, _device_id)
NUMBER = plain("a whole number", _is_number, int)
DAY = plain("the number of a day from 0 to 7", _is_day)
TIME = plain(
    "a time such as 09:00:00", lambda value: isinstance(value, str) and bool(_TIME.fullmatch(value))
)
SERVICE = one_of(*codecs.SERVICE_LETTERS.values())

_LIVING_AGENT = record(
    id=IDENTIFIER, email=TEXT, name=TEXT, role=optional(TEXT), roleId=optional(ID)
)
_OTHER_AGENT = record(id=IDENTIFIER, email=optional(TEXT), status=optional(TEXT))


def _agent(row: Any, path: str) -> Any:
    """Check an Agent; deleted agents and the system agent may lack fields."""
    _OTHER_AGENT(row, path)
    if row.get("status") != codecs.DELETED and row["id"] != codecs.SYSTEM_AGENT:
        _LIVING_AGENT(row, path)
    return row


AGENT: RowCheck = _agent
AGENT_STATUSES = record(
    agentid=IDENTIFIER,
    departments_statuses=or_empty(
        listed(record(departmentid=IDENTIFIER, preset_status=optional(TEXT)))
    ),
    username=optional(TEXT),
    userstatus=optional(TEXT),
)
"""A row of the grid of agents. An agent without memberships has null or no list (D)."""

DEPARTMENT = record(id=IDENTIFIER, name=NAME)
"""A row of the grid of departments."""

WHOLE_DEPARTMENT = record(
    department_id=IDENTIFIER, name=NAME, agent_ids=optional(listed(IDENTIFIER))
)
"""A row of model Department, which a single department is read as."""

_ANY_DEVICE = record(id=DEVICE_ID, type=TEXT, service_type=TEXT)
_WEB_DEVICE = record(agent_id=optional(ID))


def _device(row: Any, path: str) -> Any:
    """Check a Device; of other devices than the panel's only the type matters."""
    _ANY_DEVICE(row, path)
    if row["type"] == codecs.WEB_DEVICE:
        _WEB_DEVICE(row, path)
    return row


DEVICE: RowCheck = _device
_SHIFT = {"department_id": IDENTIFIER, "day": DAY, "start": TIME, "end": TIME}
DEVICE_HOURS = record(department_id=IDENTIFIER, plans=or_empty(listed(record(**_SHIFT))))
"""The planned hours of a device in a department."""

HOURS_OF_DEVICE = listed(DEVICE_HOURS)
"""The planned hours of a device."""

AGENT_SETTINGS = record(
    agent_id=IDENTIFIER,
    photo=optional(ID),
    memberships=or_empty(listed(record(department_id=IDENTIFIER))),
    devices=optional(listed(DEVICE)),
    plans=optional(listed(record(service_type=SERVICE, **_SHIFT))),
)
"""An agent's settings on the extended surface."""

ROLE = record(id=IDENTIFIER, name=NAME, permissions=optional(mapped(TEXT)))
PERMISSION = record(name=NAME, default=TEXT, requires=optional(TEXT))
ACCOUNT = record(
    plan=optional(TEXT),
    features=optional(mapped(optional(TEXT))),
    plugins=optional(mapped(optional(TEXT))),
    chat_routing=optional(TEXT),
    max_custom_roles=optional(NUMBER),
    timezone=optional(TEXT),
    key_agent_id=optional(IDENTIFIER),
    creator_id=optional(IDENTIFIER),
    profile_defaults=optional(record()),
    deleted_agents=optional(listed(record(id=IDENTIFIER, email=optional(TEXT)))),
)
"""The account itself, on the extended surface."""

SLACK_USER = record(id=NAME, real_name=optional(TEXT))
NAMED = record(name=NAME, title=optional(TEXT))
"""A row of the lists of sounds, alerts and levels, on the extended surface."""

SETTING = record(name=TEXT)
API_KEY = record(id=IDENTIFIER, userid=optional(ID))
REPORT = record(id=IDENTIFIER)
ACTIVITY = record(id=ID)
