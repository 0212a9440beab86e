"""Rows of agents; deleted ones are only marked, so that their email stays in use."""

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store import identifiers

# roleId of the built-in roles, by the switch role_id_shape.
BUILT_IN_ROLE_IDS = {
    "name": {"agent": "agent", "admin": "admin", "owner": "owner"},
    "opaque": {"agent": "agent001", "admin": "admin001", "owner": "owner001"},
}


def select(role_id_shape: str) -> str:
    """Return the statement that reads agents in the API's shape."""
    cases = " ".join(
        f"WHEN '{role}' THEN '{public}'"
        for role, public in BUILT_IN_ROLE_IDS[role_id_shape].items()
    )
    return f"""
        SELECT position, id, name, email, role, coalesce(role_id, CASE role {cases} END) AS roleId,
            avatar_url, online_status, status, gender, last_pswd_change, twofactor_auth,
            voice_status, sip_phone_id, api_phone_id
        FROM agents"""


def listed(role_id_shape: str, *, with_deleted: bool, with_service_user: bool) -> str:
    """Return the statement that reads a list of agents in the API's shape.

    A service user is no row of the table.
    """
    statement = select(role_id_shape)
    if not with_deleted:
        statement += " WHERE status = 'A'"
    return f"{statement} UNION ALL {_SERVICE_USER}" if with_service_user else statement


# In the order of the columns of `select`.
_SERVICE_USER = """
    SELECT 0, 'bot00001', 'Chat Bot', 'chat.bot@acme.example', 'agent', NULL, NULL, 'N', 'A', 'X',
        NULL, 'N', 'N', NULL, NULL"""


def stored(database: Database, agent_id: str) -> Row | None:
    """Return one agent's row, deleted or not."""
    return database.one("SELECT * FROM agents WHERE id = ?", (agent_id,))


def by_email(database: Database, email: str) -> Row | None:
    """Return the agent with this email, deleted or not; case-insensitive."""
    return database.one("SELECT * FROM agents WHERE email_key = ?", (email.casefold(),))


def add(database: Database, values: Row) -> None:
    """Insert an agent.

    Args:
        database: the database.
        values: id, email, name, role, role_id, gender; voice_status, which is N if it is missing.
    """
    database.run(
        "INSERT INTO agents (id, email, email_key, name, role, role_id, gender,"
        " voice_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            values["id"],
            values["email"],
            values["email"].casefold(),
            values["name"],
            values["role"],
            values["role_id"],
            values["gender"],
            values.get("voice_status", "N"),
        ),
    )


def change(database: Database, agent_id: str, values: Row) -> None:
    """Write some columns of an agent."""
    if "email" in values:
        values = values | {"email_key": values["email"].casefold()}
    columns = ", ".join(f"{column} = ?" for column in values)
    database.run(f"UPDATE agents SET {columns} WHERE id = ?", (*values.values(), agent_id))


def creator(database: Database) -> str:
    """Return the id of the agent who created the account."""
    agent_id: str = database.value("SELECT id FROM agents WHERE is_creator")
    return agent_id


def owners(database: Database) -> int:
    """Return the number of owners who are not deleted."""
    count: int = database.value("SELECT count(*) FROM agents WHERE role = 'owner' AND status = 'A'")
    return count


def send_mail(database: Database, agent_id: str, kind: str) -> None:
    """Record a mail that the real product would send."""
    database.run(
        "INSERT INTO mails (agent_id, kind, sent_at) VALUES (?, ?, ?)",
        (agent_id, kind, identifiers.now()),
    )


def note_event(database: Database, agent_id: str, kind: str, caller_id: str) -> None:
    """Add an entry to the audit log."""
    database.run(
        "INSERT INTO events (agent_id, kind, caller_id, happened_at) VALUES (?, ?, ?, ?)",
        (agent_id, kind, caller_id, identifiers.now()),
    )
