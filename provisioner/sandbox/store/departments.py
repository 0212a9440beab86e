"""Rows of departments and memberships."""

import json
from collections.abc import Iterable

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store import devices, identifiers
from provisioner.sandbox.switches import Switches

SELECT = """
    SELECT position, id AS department_id, name, mailaccount_id,
        (SELECT count(*) FROM memberships WHERE department_id = departments.id) AS agent_count
    FROM departments WHERE NOT deleted"""


def undeleted(database: Database, department_id: str) -> Row | None:
    """Return one department that is not deleted."""
    return database.one("SELECT * FROM departments WHERE id = ? AND NOT deleted", (department_id,))


def by_name(database: Database, name: str) -> Row | None:
    """Return the department with this name; case-insensitive."""
    return database.one(
        "SELECT * FROM departments WHERE name_key = ? AND NOT deleted", (name.casefold(),)
    )


def add(database: Database, name: str, department_id: str = "") -> str:
    """Insert a department and return its id."""
    new_id = department_id or identifiers.department_id()
    database.run(
        "INSERT INTO departments (id, name, name_key) VALUES (?, ?, ?)",
        (new_id, name, name.casefold()),
    )
    return new_id


def rename(database: Database, department_id: str, name: str) -> None:
    """Change the name of a department."""
    database.run(
        "UPDATE departments SET name = ?, name_key = ? WHERE id = ?",
        (name, name.casefold(), department_id),
    )


def delete(database: Database, department_id: str, *, with_memberships: bool) -> None:
    """Mark a department as deleted; its memberships end, unless they are not deleted with it."""
    if with_memberships:
        database.run("DELETE FROM memberships WHERE department_id = ?", (department_id,))
    database.run("UPDATE departments SET deleted = 1 WHERE id = ?", (department_id,))


def members(database: Database, department_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return a mapping from department id to ids of its agents, in the order of their creation."""
    agents_of: dict[str, list[str]] = {department_id: [] for department_id in department_ids}
    rows = database.all(
        "SELECT m.department_id, m.agent_id FROM memberships m JOIN agents a ON a.id = m.agent_id"
        " WHERE m.department_id IN (SELECT value FROM json_each(?)) ORDER BY a.position",
        (json.dumps(list(agents_of)),),
    )
    for row in rows:
        agents_of[row["department_id"]].append(row["agent_id"])
    return agents_of


def membership(database: Database, department_id: str, agent_id: str) -> Row | None:
    """Return one membership, or None."""
    return database.one(
        "SELECT * FROM memberships WHERE department_id = ? AND agent_id = ?",
        (department_id, agent_id),
    )


def new_membership(department_id: str, agent_id: str, switches: Switches) -> Row:
    """Return a new membership with its defaults."""
    return {
        "department_id": department_id,
        "agent_id": agent_id,
        "role": switches.new_membership_role,
        "change_own_status": "N",
        "signature": None,
    }


def put_membership(database: Database, values: Row, preset: str) -> None:
    """Create or change a membership, and add the agent's devices to the department."""
    key = (values["department_id"], values["agent_id"])
    settings = (values["role"], values["change_own_status"], values["signature"])
    database.run(
        "INSERT INTO memberships (department_id, agent_id, role, change_own_status, signature)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (department_id, agent_id) DO UPDATE SET"
        " role = excluded.role, change_own_status = excluded.change_own_status,"
        " signature = excluded.signature",
        (*key, *settings),
    )
    devices.connect(database, values["agent_id"], preset)


def delete_membership(database: Database, department_id: str, agent_id: str) -> None:
    """Delete a membership and its device departments."""
    database.run(
        "DELETE FROM memberships WHERE department_id = ? AND agent_id = ?",
        (department_id, agent_id),
    )


def end_memberships(database: Database, agent_id: str) -> None:
    """Delete all memberships of an agent, and store them for `restore_memberships`."""
    database.run("DELETE FROM former_memberships WHERE agent_id = ?", (agent_id,))
    database.run(
        "INSERT INTO former_memberships"
        " (department_id, agent_id, role, change_own_status, signature)"
        " SELECT department_id, agent_id, role, change_own_status, signature"
        " FROM memberships WHERE agent_id = ?",
        (agent_id,),
    )
    database.run("DELETE FROM memberships WHERE agent_id = ?", (agent_id,))


def restore_memberships(database: Database, agent_id: str, preset: str) -> None:
    """Restore the memberships that `end_memberships` stored, in departments that still exist."""
    database.run(
        "INSERT INTO memberships (department_id, agent_id, role, change_own_status, signature)"
        " SELECT department_id, agent_id, role, change_own_status, signature"
        " FROM former_memberships"
        " WHERE agent_id = ? AND department_id IN (SELECT id FROM departments WHERE NOT deleted)",
        (agent_id,),
    )
    devices.connect(database, agent_id, preset)
