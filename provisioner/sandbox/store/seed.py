"""What a new account holds: its owner, who created it, and the department General.

And, so that every list has something to show: an extension, a registered visitor, and a small
Slack workspace.
"""

from provisioner.sandbox.database import Database
from provisioner.sandbox.store import agents, departments, devices, identifiers
from provisioner.sandbox.switches import Switches

OWNER_EMAIL = "owner@acme.example"
OWNER_NAME = "Account Owner"
DEFAULT_DEPARTMENT = "default"
SLACK_USERS = {"U02ABC": "Mia Chen", "U02DEF": "Bob Novak", "U02GHI": "Ana Silva"}


def seed(database: Database, switches: Switches) -> None:
    """Fill a fresh database."""
    owner_id = identifiers.agent_id()
    agents.add(
        database,
        {
            "id": owner_id,
            "email": OWNER_EMAIL,
            "name": OWNER_NAME,
            "role": "owner",
            "role_id": None,
            "gender": "X",
        },
    )
    agents.change(database, owner_id, {"is_creator": 1})
    devices.add_web_devices(database, owner_id, switches.new_device_preset)
    departments.add(database, "General", DEFAULT_DEPARTMENT)
    membership = departments.new_membership(DEFAULT_DEPARTMENT, owner_id, switches)
    departments.put_membership(database, membership, switches.new_membership_preset)
    database.run(
        "INSERT INTO extensions (id, number, agent_id, department_id)"
        " VALUES ('ext00001', '101', ?, ?)",
        (owner_id, DEFAULT_DEPARTMENT),
    )
    database.run(
        "INSERT INTO visitors (id, name, email, email_key) VALUES ('visit001', 'Vera Visitor',"
        " 'vera@shop.example', 'vera@shop.example')"
    )
    for user_id, name in SLACK_USERS.items():
        database.run(
            "INSERT INTO slack_users (id, name, real_name, display_name) VALUES (?, ?, ?, ?)",
            (user_id, name.partition(" ")[0].lower(), name, name),
        )
    database.run("INSERT INTO slack_conversations (id, name) VALUES ('C01GENERAL', 'general')")
