"""Rows of agent settings; NULL, or a missing row, stands for the default."""

import json
from collections.abc import Iterable

from provisioner.sandbox.database import Database, Row

_EVENTS = {"ticket_assigned": "Y", "customer_reply": "Y", "new_ticket": "N"}

# The settings of a new agent (U).
DEFAULTS: Row = {
    "alias": None,
    "to_solve_only": "N",
    "notifications": {
        "email": _EVENTS,
        "slack": {"user": None} | dict.fromkeys(_EVENTS, "N"),
    },
    "signature": "",
    "max_chat_load": 5,
    "chat_priority": 50,
    "panel_theme": "bright",
    "level": None,
    "sounds": {},
    "photo": None,
}
_JSON = ("notifications", "sounds")

SELECT = f"""
    SELECT a.position, a.id AS agent_id, {", ".join(f"p.{name}" for name in DEFAULTS)},
        f.sha256 AS photo_sha256, a.twofactor_auth
    FROM agents a
    LEFT JOIN profiles p ON p.agent_id = a.id
    LEFT JOIN files f ON f.id = p.photo
    WHERE a.status = 'A'"""


def read(row: Row) -> Row:
    """Return a row of `SELECT` with its defaults."""
    settings = {}
    for name, default in DEFAULTS.items():
        value = row[name]
        if value is None:
            settings[name] = default
        else:
            settings[name] = json.loads(value) if name in _JSON else value
    return settings | {name: row[name] for name in ("agent_id", "photo_sha256", "twofactor_auth")}


def write(database: Database, agent_id: str, values: Row) -> None:
    """Write some settings; None resets a setting to its default."""
    database.run("INSERT OR IGNORE INTO profiles (agent_id) VALUES (?)", (agent_id,))
    if not values:
        return
    stored = {
        name: json.dumps(value) if name in _JSON and value is not None else value
        for name, value in values.items()
    }
    columns = ", ".join(f"{name} = ?" for name in stored)
    database.run(f"UPDATE profiles SET {columns} WHERE agent_id = ?", (*stored.values(), agent_id))


def memberships(database: Database, agent_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return a mapping from agent id to memberships, in the order of departments."""
    return _of_agents(
        database,
        agent_ids,
        "SELECT m.agent_id, m.department_id, m.role, m.change_own_status, m.signature"
        " FROM memberships m JOIN departments d ON d.id = m.department_id"
        " WHERE m.agent_id IN (SELECT value FROM json_each(?)) ORDER BY d.position",
    )


def plans(database: Database, agent_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return a mapping from agent id to the sorted plans of the agent's web devices."""
    return _of_agents(
        database,
        agent_ids,
        "SELECT v.agent_id, p.device_id, v.service_type, p.department_id, p.day, p.start, p.end,"
        " p.title FROM device_plans p JOIN devices v ON v.id = p.device_id"
        " WHERE v.type = 'W' AND v.agent_id IN (SELECT value FROM json_each(?))"
        " ORDER BY p.device_id, p.department_id, p.day, p.start, p.end, p.title",
    )


def sounds(database: Database, agent_id: str) -> dict[str, str]:
    """Return the sounds of an agent: alert to sound."""
    stored = database.value("SELECT sounds FROM profiles WHERE agent_id = ?", (agent_id,))
    return dict(json.loads(stored)) if stored else {}


def _of_agents(
    database: Database, agent_ids: Iterable[str], statement: str
) -> dict[str, list[Row]]:
    rows_of: dict[str, list[Row]] = {agent_id: [] for agent_id in agent_ids}
    for row in database.all(statement, (json.dumps(list(rows_of)),)):
        rows_of[row.pop("agent_id")].append(row)
    return rows_of
