"""Fills a new account with given rows, in the letters of the API, instead of those of `seed`."""

from collections.abc import Mapping
from typing import Any

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store import agents, departments, devices, profiles, roles, scopes
from provisioner.sandbox.switches import Switches

Contents = Mapping[str, Any]
"""The rows of an account.

    departments: `id` and `name`.
    roles: `id`, `name`, and the `permissions` that differ from those of a default agent.
    agents: the columns of an agent, and optionally `settings` (columns of `profiles`, and
        `photo_sha256`), `presets` (service to letter), `memberships` and `plans`.
    slack_users: id to name.
    creator, key_agent: ids of the agents who created the account and who own the key.
"""


def load(database: Database, contents: Contents, switches: Switches, api_key: str) -> None:
    """Insert the rows of an account into an empty database."""
    for row in contents["departments"]:
        departments.add(database, row["name"], row["id"])
    for row in contents["roles"]:
        roles.add(database, row["name"], row["permissions"], row["id"])
    for row in contents["agents"]:
        _add_agent(database, row, switches)
    agents.change(database, contents["creator"], {"is_creator": 1})
    for user_id, name in contents["slack_users"].items():
        database.run(
            "INSERT INTO slack_users (id, name, real_name, display_name) VALUES (?, ?, ?, ?)",
            (user_id, name, name, name),
        )
    database.run(
        "INSERT INTO api_keys (key, privileges, agent_id, name) VALUES (?, ?, ?, 'Sandbox')",
        (api_key, scopes.to_json(scopes.NAMES), contents["key_agent"]),
    )


def _add_agent(database: Database, row: Row, switches: Switches) -> None:
    agent_id = row["id"]
    agents.add(database, {"gender": "X"} | row)
    others: Row = {name: row[name] for name in _OTHERS if name in row}
    if others:
        agents.change(database, agent_id, others)
    devices.add_web_devices(database, agent_id, switches.new_device_preset)
    for values in row.get("memberships", ()):
        membership = departments.new_membership(values["department_id"], agent_id, switches)
        changed = {name: values[name] for name in membership if name in values}
        departments.put_membership(database, membership | changed, "F")
    ids = {one["service_type"]: one["id"] for one in devices.own(database, agent_id, "W")}
    for service, letter in row.get("presets", {}).items():
        devices.change(database, ids[service], {"preset_status": letter})
    for values in row.get("memberships", ()):
        for service in values["services"]:
            allowed = {"preset_status": "N", "online_status": "N", "work_allocation_allowed": 1}
            devices.change_department(database, ids[service], values["department_id"], allowed)
    for shift in row.get("plans", ()):
        database.run(
            "INSERT INTO device_plans (device_id, department_id, day, start, end, title)"
            " VALUES (?, ?, ?, ?, ?, '')",
            (ids[shift["service_type"]], *(shift[name] for name in _SHIFT)),
        )
    if "settings" in row:
        profiles.write(database, agent_id, _with_photo(database, row["settings"]))


_OTHERS = ("status", "twofactor_auth")
_SHIFT = ("department_id", "day", "start", "end")


def _with_photo(database: Database, settings: Row) -> Row:
    """Return settings with the id of a file in place of a photo's checksum."""
    checksum = settings.pop("photo_sha256", "")
    if not checksum:
        return settings
    database.run(
        "INSERT OR IGNORE INTO files (id, name, type, content, sha256)"
        " VALUES (?, 'photo', 'image/png', ?, ?)",
        (checksum, b"", checksum),
    )
    return settings | {"photo": checksum}
