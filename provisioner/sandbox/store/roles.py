"""Rows of custom roles: a name, and the permissions that differ from the default agent's."""

import json
from collections.abc import Iterable, Mapping

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store import identifiers

SELECT = "SELECT position, id, name FROM roles WHERE NOT deleted"


def undeleted(database: Database, role_id: str) -> Row | None:
    """Return one role that is not deleted."""
    return database.one(f"{SELECT} AND id = ?", (role_id,))


def by_name(database: Database, name: str) -> Row | None:
    """Return the role with this name; case-insensitive."""
    return database.one(f"{SELECT} AND name_key = ?", (name.casefold(),))


def count(database: Database) -> int:
    """Return the number of custom roles of the account."""
    number: int = database.value("SELECT count(*) FROM roles WHERE NOT deleted")
    return number


def add(database: Database, name: str, permissions: Mapping[str, str], role_id: str = "") -> str:
    """Insert a role and return its id."""
    new_id = role_id or identifiers.role_id()
    database.run(
        "INSERT INTO roles (id, name, name_key) VALUES (?, ?, ?)", (new_id, name, name.casefold())
    )
    _put_permissions(database, new_id, permissions)
    return new_id


def replace(database: Database, role_id: str, name: str, permissions: Mapping[str, str]) -> None:
    """Write a role as a whole."""
    database.run(
        "UPDATE roles SET name = ?, name_key = ? WHERE id = ?", (name, name.casefold(), role_id)
    )
    database.run("DELETE FROM role_permissions WHERE role_id = ?", (role_id,))
    _put_permissions(database, role_id, permissions)


def _put_permissions(database: Database, role_id: str, permissions: Mapping[str, str]) -> None:
    for name, value in permissions.items():
        database.run("INSERT INTO role_permissions VALUES (?, ?, ?)", (role_id, name, value))


def delete(database: Database, role_id: str) -> None:
    """Mark a role as deleted."""
    database.run("UPDATE roles SET deleted = 1 WHERE id = ?", (role_id,))


def emails_with(database: Database, role_id: str) -> list[str]:
    """Return the emails of the agents with this role."""
    rows = database.all(
        "SELECT email FROM agents WHERE role_id = ? AND status = 'A' ORDER BY email", (role_id,)
    )
    return [row["email"] for row in rows]


def permissions(database: Database, role_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return a mapping from role id to the permissions that differ from the defaults."""
    permissions_of: dict[str, dict[str, str]] = {role_id: {} for role_id in role_ids}
    rows = database.all(
        "SELECT role_id, name, value FROM role_permissions"
        " WHERE role_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(permissions_of)),),
    )
    for row in rows:
        permissions_of[row["role_id"]][row["name"]] = row["value"]
    return permissions_of
