"""Handlers of rows of AgentStatus, and of the two grids."""

from provisioner.sandbox.call import Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.handlers.agents import undeleted
from provisioner.sandbox.handlers.departments import LISTING as DEPARTMENTS
from provisioner.sandbox.paging import Listing, by_cursor, count
from provisioner.sandbox.store import agents, statuses

_GRID_COLUMNS = {
    "agentid": "id",
    "system_name": "name",
    "username": "email",
    "roleid": "roleId",
    "twofa": "twofactor_auth",
    "last_pswd_change": "last_pswd_change",
    "userstatus": "status",
}
_DEPARTMENTS = Listing(
    DEPARTMENTS.select,
    {
        "id": "department_id",
        "name": "name",
        "agent_count": DEPARTMENTS.columns["agent_count"],
    },
)


def get_status(call: Call) -> list[Row]:
    """Read an agent's status in each of the agent's departments."""
    agent = undeleted(call, call.path["agentId"])
    return of_agents(call, [agent["id"]])[agent["id"]]


def of_agents(call: Call, agent_ids: list[str]) -> dict[str, list[Row]]:
    """Return a mapping from agent id to rows of AgentStatus."""
    return statuses.of_agents(call.database, agent_ids, letter_r=call.switches.status_letter_r)


def grid_agents(call: Call) -> Answer:
    """List agents with their status in every department."""
    rows, headers = by_cursor(call, _agents(call))
    statuses = of_agents(call, [row["id"] for row in rows])
    return Answer([_agent_row(row, statuses[row["id"]]) for row in rows], headers=headers)


def count_grid_agents(call: Call) -> Row:
    """Count agents."""
    return {"count": count(call, _agents(call))}


def grid_departments(call: Call) -> Answer:
    """List departments for a grid."""
    rows, headers = by_cursor(call, _DEPARTMENTS)
    return Answer(
        [
            {"id": row["department_id"], "name": row["name"], "agent_count": row["agent_count"]}
            for row in rows
        ],
        headers=headers,
    )


def count_grid_departments(call: Call) -> Row:
    """Count departments."""
    return {"count": count(call, _DEPARTMENTS)}


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name as grids show them: the first word, and the rest."""
    firstname, _, lastname = name.partition(" ")
    return firstname, lastname


def _agents(call: Call) -> Listing:
    switches = call.switches
    select = agents.listed(
        switches.role_id_shape,
        with_deleted=switches.grid_lists_deleted_agents,
        with_service_user=switches.service_user == "grid",
    )
    return Listing(select, _GRID_COLUMNS)


def _agent_row(row: Row, departments_statuses: list[Row]) -> Row:
    firstname, lastname = split_name(row["name"])
    return {
        "agentid": row["id"],
        "firstname": firstname,
        "lastname": lastname,
        "system_name": row["name"],
        "username": row["email"],
        "countrycode": "",
        "avatar_url": row["avatar_url"],
        "roleid": row["roleId"],
        "departments_statuses": departments_statuses,
        "twofa": row["twofactor_auth"],
        "last_pswd_change": row["last_pswd_change"],
        "userstatus": row["status"],
    }
