"""Keys of the account itself: of API v1, and of single sign-on."""

import secrets

from provisioner.sandbox.database import Database

V1, SSO = "v1", "sso"


def value(database: Database, kind: str) -> str:
    """Return a key; empty before the first one is made."""
    key: str | None = database.value("SELECT value FROM account_keys WHERE kind = ?", (kind,))
    return key or ""


def renew(database: Database, kind: str) -> str:
    """Replace a key and return the new one."""
    new = secrets.token_hex(16)
    database.run(
        "INSERT INTO account_keys (kind, value) VALUES (?, ?)"
        " ON CONFLICT (kind) DO UPDATE SET value = excluded.value",
        (kind, new),
    )
    return new
