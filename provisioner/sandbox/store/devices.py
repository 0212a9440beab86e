"""Rows of devices, and of device departments: the state of a device in a department."""

import json
from collections.abc import Iterable

from provisioner.sandbox.database import Database, Parameters, Row
from provisioner.sandbox.store import phones
from provisioner.sandbox.switches import Switches

SERVICES = ("M", "T", "P")

# Devices of a deleted agent are kept, but not listed until the agent is undeleted.
SELECT = """
    SELECT v.id, v.agent_id, v.phone_id, v.type, v.service_type, v.online_status,
        v.preset_status, v.route_if_offline
    FROM devices v JOIN agents a ON a.id = v.agent_id WHERE a.status = 'A'"""

SELECT_DEPARTMENTS = """
    SELECT r.device_id, r.department_id, r.agent_id AS user_id, d.name AS department_name,
        r.online_status, r.preset_status, r.work_allocation_allowed, v.type, v.service_type
    FROM device_departments r
    JOIN devices v ON v.id = r.device_id
    JOIN departments d ON d.id = r.department_id"""


def of_agents(database: Database, agent_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return a mapping from agent id to web devices."""
    rows_of: dict[str, list[Row]] = {agent_id: [] for agent_id in agent_ids}
    rows = database.all(
        f"{SELECT} AND v.type = 'W' AND v.agent_id IN (SELECT value FROM json_each(?))"
        " ORDER BY v.id",
        (json.dumps(list(rows_of)),),
    )
    for row in rows:
        rows_of[row["agent_id"]].append(row)
    return rows_of


def add_web_devices(database: Database, agent_id: str, preset: str) -> None:
    """Create the devices of a new agent (C: one W device per service)."""
    web_phone = phones.add(database, agent_id, "W", "Web phone")
    for service in SERVICES:
        add(
            database,
            {
                "agent_id": agent_id,
                "phone_id": web_phone if service == "P" else None,
                "type": "W",
                "service_type": service,
                "online_status": "F",
                "preset_status": preset,
                "route_if_offline": "Y",
            },
        )


def add_mobile_device(database: Database, key: Row, name: str, switches: Switches) -> None:
    """Create the device of an agent who logs in to the phone app.

    The device is deleted with its key.
    """
    add(
        database,
        {
            "agent_id": key["agent_id"],
            "phone_id": phones.add(database, key["agent_id"], "A", name),
            "type": "A",
            "service_type": "P",
            "online_status": "F",
            "preset_status": switches.new_device_preset,
            "route_if_offline": "Y",
            "app_key_id": key["id"] if key["type"] == "P" else None,
        },
    )
    connect(database, key["agent_id"], switches.new_membership_preset)


def add(database: Database, values: Row) -> int:
    """Insert a device and return its number.

    Args:
        database: the database.
        values: all columns of the table devices but the id; app_key_id may be missing.
    """
    columns = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    cursor = database.run(
        f"INSERT INTO devices ({columns}) VALUES ({marks})", tuple(values.values())
    )
    return cursor.lastrowid or 0


def connect(database: Database, agent_id: str, preset: str) -> None:
    """Create the missing device departments of an agent's devices and memberships."""
    database.run(
        "INSERT OR IGNORE INTO device_departments (device_id, department_id, agent_id,"
        " online_status, preset_status, work_allocation_allowed)"
        " SELECT v.id, m.department_id, m.agent_id, 'F', ?, ? FROM memberships m"
        " JOIN devices v ON v.agent_id = m.agent_id WHERE m.agent_id = ?",
        (preset, int(preset == "N"), agent_id),
    )


def find(database: Database, device_id: int) -> Row | None:
    """Return one device, or None."""
    return database.one(f"{SELECT} AND v.id = ?", (device_id,))


def change(database: Database, device_id: int, values: Row) -> None:
    """Write some columns of a device."""
    columns = ", ".join(f"{column} = ?" for column in values)
    database.run(f"UPDATE devices SET {columns} WHERE id = ?", (*values.values(), device_id))


def delete(database: Database, device_id: int) -> None:
    """Delete a device and its device departments."""
    database.run("DELETE FROM devices WHERE id = ?", (device_id,))


def departments(database: Database, condition: str, parameters: Parameters) -> list[Row]:
    """Return device departments in the API's shape, ordered by device and department."""
    return database.all(
        f"{SELECT_DEPARTMENTS} WHERE {condition} ORDER BY r.device_id, d.position", parameters
    )


def change_department(database: Database, device_id: int, department_id: str, values: Row) -> None:
    """Write some columns of a device department."""
    columns = ", ".join(f"{column} = ?" for column in values)
    database.run(
        f"UPDATE device_departments SET {columns} WHERE device_id = ? AND department_id = ?",
        (*values.values(), device_id, department_id),
    )


def own(database: Database, agent_id: str, device_type: str) -> list[Row]:
    """Return an agent's devices of one type."""
    return database.all(
        f"{SELECT} AND v.agent_id = ? AND v.type = ? ORDER BY v.id", (agent_id, device_type)
    )
