"""Rows of API keys, and the keys of the account itself.

A key of a deleted agent does not work.
"""

import secrets
from collections.abc import Iterable

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store import scopes

# Kinds of keys of the account itself: of API v1, and of single sign-on.
V1, SSO = "v1", "sso"

SELECT = """
    SELECT k.id, k.key, k.valid_to_date, a.role, k.name, k.type, k.installid,
        k.agent_id AS userid, k.whitelist, k.privileges
    FROM api_keys k JOIN agents a ON a.id = k.agent_id WHERE a.status = 'A'"""


def find(database: Database, key: str) -> Row | None:
    """Return a key with the role of its agent, or None."""
    return database.one(
        "SELECT k.id, k.agent_id, k.type, k.valid_to_date, k.whitelist, k.privileges, a.role,"
        " a.role_id"
        " FROM api_keys k JOIN agents a ON a.id = k.agent_id WHERE k.key = ? AND a.status = 'A'",
        (key,),
    )


def read(database: Database, key_id: int) -> Row | None:
    """Return a key by its number, or None."""
    return database.one(f"{SELECT} AND k.id = ?", (key_id,))


def add(database: Database, values: Row) -> int:
    """Insert a new random key and return its number.

    Without privileges, it has every scope.
    """
    privileges = {"privileges": scopes.to_json(scopes.NAMES)}
    values = privileges | values | {"key": secrets.token_hex(16)}
    columns, marks = ", ".join(values), ", ".join("?" for _ in values)
    cursor = database.run(
        f"INSERT INTO api_keys ({columns}) VALUES ({marks})", tuple(values.values())
    )
    return cursor.lastrowid or 0


def change(database: Database, key_id: int, values: Row) -> None:
    """Write some columns of a key."""
    columns = ", ".join(f"{column} = ?" for column in values)
    database.run(f"UPDATE api_keys SET {columns} WHERE id = ?", (*values.values(), key_id))


def regenerate(database: Database, key_id: int) -> None:
    """Change the value of a key; the old value no longer works."""
    change(database, key_id, {"key": secrets.token_hex(16)})


def delete(database: Database, key_id: int) -> None:
    """Delete a key and the device of a phone app that logged in with it."""
    database.run("DELETE FROM api_keys WHERE id = ?", (key_id,))


def add_for_creator(database: Database, key: str, names: Iterable[str]) -> None:
    """Add a key of the account's creator with these scopes, or change the scopes of the key."""
    database.run(
        "INSERT INTO api_keys (key, privileges, agent_id, name)"
        " SELECT ?, ?, id, 'Sandbox' FROM agents WHERE is_creator"
        " ON CONFLICT (key) DO UPDATE SET privileges = excluded.privileges",
        (key, scopes.to_json(names)),
    )


def account_key(database: Database, kind: str) -> str:
    """Return a key of the account itself; empty before the first one is made."""
    key: str | None = database.value("SELECT value FROM account_keys WHERE kind = ?", (kind,))
    return key or ""


def renew_account_key(database: Database, kind: str) -> str:
    """Replace a key of the account itself and return the new one."""
    new = secrets.token_hex(16)
    database.run(
        "INSERT INTO account_keys (kind, value) VALUES (?, ?)"
        " ON CONFLICT (kind) DO UPDATE SET value = excluded.value",
        (kind, new),
    )
    return new
