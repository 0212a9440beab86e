"""Fills a new account: its owner, who created it, and the department General.

So that no list is empty, it also has an extension, a registered visitor, and a small Slack
workspace. An agent's history can be added on demand.
"""

from datetime import date, timedelta

from provisioner.sandbox.database import Database
from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.store import agents, departments, devices, identifiers, keys, reports
from provisioner.sandbox.switches import Switches

OWNER_EMAIL = "owner@acme.example"
OWNER_NAME = "Account Owner"
DEFAULT_DEPARTMENT = "default"
LAST_DAY = date(2026, 5, 29)
SLACK_USERS = {"U02ABC": "Mia Chen", "U02DEF": "Bob Novak", "U02GHI": "Ana Silva"}


_ACTIVE_DAYS = 7
_PHONES = ("Pixel 8", "iPhone 15")
# The activity of a Monday; each later day of the week has a tenth more.
_MONDAY = {
    "worktime": 27000,
    "answers": 20,
    "newAnswerAvgTime": 900,
    "nextAnswerAvgTime": 600,
    "calls": 10,
    "missed_calls": 1,
    "call_seconds": 1800,
    "call_avg_time": 180,
    "chats": 10,
    "chat_answers": 60,
    "missed_chats": 1,
    "chatPickupAvgTime": 20,
    "chatAvgTime": 400,
    "rewards": 10,
    "punishments": 1,
    "not_ranked": 20,
    "created_tickets": 10,
    "resolved_tickets": 20,
}


def seed(database: Database, switches: Switches) -> None:
    """Insert the first rows of a new database."""
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


def seed_activity(database: Database, email: str, last_day: date, switches: Switches) -> None:
    """Add an agent's days of work, two phone logins, and two-factor authentication.

    An agent with days of work is not changed.

    Raises:
        SandboxError: there is no such agent.
    """
    agent = agents.by_email(database, email)
    if agent is None:
        raise SandboxError(f"There is no agent {email}.")
    agent_id = agent["id"]
    if not reports.is_empty(database, agent_id):
        return
    for number in range(_ACTIVE_DAYS):
        day = last_day - timedelta(number)
        tenths = 10 + day.weekday()
        done = {column: value * tenths // 10 for column, value in _MONDAY.items()}
        reports.add(database, agent_id, day, done)
    for name in _PHONES:
        key = {
            "agent_id": agent_id,
            "name": name,
            "type": "P",
            "installid": name.lower().replace(" ", "-"),
            "valid_to_date": f"{last_day + timedelta(365)} 08:00:00",
        }
        key_id = keys.add(database, key)
        devices.add_mobile_device(database, key | {"id": key_id}, name, switches)
    agents.change(database, agent_id, {"twofactor_auth": "Y"})
