"""Rows of phones and extensions."""

from provisioner.sandbox.database import Database
from provisioner.sandbox.store import identifiers

# Ids for the caller's own phone of a type (C: phone app).
OWN = {"_app_": "A", "_web_": "W"}

SELECT = """
    SELECT p.position, p.id, p.type, p.number, p.name, 'N' AS reg_status, p.agent_id
    FROM phones p JOIN agents a ON a.id = p.agent_id WHERE a.status = 'A'"""

SELECT_EXTENSIONS = """
    SELECT e.position, e.id, e.number, e.agent_id, e.department_id,
        CASE WHEN e.status = 'E' AND a.online_status = 'N' THEN 'A' ELSE e.status END AS status
    FROM extensions e LEFT JOIN agents a ON a.id = e.agent_id"""


def add(database: Database, agent_id: str, phone_type: str, name: str) -> str:
    """Insert a phone and return its id."""
    phone_id = identifiers.agent_id()
    database.run(
        "INSERT INTO phones (id, type, name, agent_id) VALUES (?, ?, ?, ?)",
        (phone_id, phone_type, name, agent_id),
    )
    return phone_id


def of_agent(database: Database, agent_id: str, phone_type: str) -> str | None:
    """Return the id of the agent's first phone of this type, or None."""
    phone_id: str | None = database.value(
        "SELECT id FROM phones WHERE agent_id = ? AND type = ? ORDER BY position",
        (agent_id, phone_type),
    )
    return phone_id


def owner(database: Database, phone_id: str) -> str | None:
    """Return the id of the agent of a phone, or None."""
    agent_id: str | None = database.value("SELECT agent_id FROM phones WHERE id = ?", (phone_id,))
    return agent_id
