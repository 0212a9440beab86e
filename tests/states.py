"""The content of an account by names instead of ids, so that two accounts can be compared."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support import Account


def state(live: Account) -> Any:
    """Return the content of an account by names instead of ids."""
    departments = {row["department_id"]: row["name"] for row in live.everything("/departments")}
    roles = {row["id"]: row["name"] for row in live.everything("/roles")}
    profiles = {row["agent_id"]: row for row in live.everything("/agents/profiles")}
    agents = live.everything("/agents")
    emails = {row["id"]: row["email"] for row in agents}
    devices = {row["id"]: row for row in live.everything("/devices")}
    return {
        "departments": sorted(departments.values()),
        "roles": sorted((row["name"], row["permissions"]) for row in live.everything("/roles")),
        "agents": sorted(
            (row["email"], row["name"], row["gender"], row["voice_status"], row["role"],
             roles.get(row["roleId"], ""))
            for row in agents
        ),
        "devices": sorted(
            (emails[row["agent_id"]], row["service_type"], row["preset_status"])
            for row in devices.values()
        ),
        "profiles": sorted(
            (emails[agent_id], repr(_by_name(profile, departments)))
            for agent_id, profile in profiles.items()
        ),
    }  # fmt: skip


def _by_name(profile: dict[str, Any], departments: dict[str, str]) -> dict[str, Any]:
    # An empty text and no text look the same in the panel.
    named = {
        key: None if value == "" else value
        for key, value in profile.items()
        if key not in {"agent_id", "photo", "devices"}
    }
    named["memberships"] = sorted(
        (
            departments[row["department_id"]],
            row["role"],
            row["change_own_status"],
            row["signature"] or "",
        )
        for row in profile["memberships"]
    )
    named["plans"] = sorted(
        (
            departments[row["department_id"]],
            row["service_type"],
            row["day"],
            row["start"],
            row["end"],
        )
        for row in profile["plans"]
    )
    return named


def mails(database: Path) -> list[tuple[str, str]]:
    """Return recipient and kind of each mail, from the database of a sandbox."""
    query = "SELECT email, kind FROM mails JOIN agents ON agents.id = agent_id"
    with closing(sqlite3.connect(database)) as connection:
        return sorted((str(email), str(kind)) for email, kind in connection.execute(query))
