"""Handlers of users (agents, visitors and the system), and the conversion of a visitor."""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import MissingError
from provisioner.sandbox.handlers.agents import add_account, read, undeleted
from provisioner.sandbox.handlers.departments import undeleted as undeleted_department
from provisioner.sandbox.handlers.statuses import split_name
from provisioner.sandbox.paging import Listing, by_cursor
from provisioner.sandbox.store import agents

SYSTEM_USER = "system00"  # C: seen in clients


def get_user(call: Call) -> list[Row]:
    """Read an agent, a visitor or the system user, as an array (D: vendor's clients)."""
    user_id = call.path["userId"]
    if user_id == SYSTEM_USER:
        return [_user(user_id, "System", "", "system")]
    agent = agents.stored(call.database, user_id)
    if agent is not None:
        return [_user(user_id, agent["name"], agent["email"], agent["role"], agent["avatar_url"])]
    visitor = call.database.one("SELECT * FROM visitors WHERE id = ?", (user_id,))
    if visitor is None:
        raise MissingError(NO_ROW)
    return [_user(user_id, visitor["name"], visitor["email"], "reg_visitor")]


def convert_visitor(call: Call) -> Row:
    """Convert the registered visitor with this email into an agent with the same id."""
    email = call.body["email"].casefold()
    visitor = call.database.one("SELECT id FROM visitors WHERE email_key = ?", (email,))
    if visitor is None:
        raise MissingError(NO_ROW)
    call.database.run("DELETE FROM visitors WHERE id = ?", (visitor["id"],))
    return add_account(call, visitor["id"])


def find_agent(call: Call) -> Row:
    """Read the agent with this email; deleted agents are not found."""
    agent = agents.by_email(call.database, call.body["value"])
    if agent is None:
        raise MissingError(NO_ROW)
    return read(call, undeleted(call, agent["id"])["id"])


def list_invitable(call: Call) -> Answer:
    """List the agents of a department for an invitation to a chat."""
    department = undeleted_department(call)
    listing = Listing(
        "SELECT a.position, a.id AS agentid, a.name AS system_name, a.avatar_url FROM agents a"
        " JOIN memberships m ON m.agent_id = a.id WHERE m.department_id = ?",
        {"agentid": "agentid", "system_name": "system_name"},
    )
    rows, headers = by_cursor(call, listing, (department["id"],))
    return Answer([_invitable(row) for row in rows], headers=headers)


def _invitable(row: Row) -> Row:
    firstname, lastname = split_name(row["system_name"])
    return {
        "agentid": row["agentid"],
        "firstname": firstname,
        "lastname": lastname,
        "system_name": row["system_name"],
        "avatar_url": row["avatar_url"],
        "chats": 0,
    }


def _user(user_id: str, name: str, email: str, role: str, avatar_url: str | None = None) -> Row:
    return {"id": user_id, "name": name, "email": email, "role": role, "avatar_url": avatar_url}
