"""Status letters: the services of an agent in a department.

M messages (tickets), T chat, P phone, R read (D: vendor's models), in one string in the order of
`LETTERS`, which agrees with the `TR` seen in clients.
"""

import json
from collections.abc import Iterable

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.store.devices import SERVICES

LETTERS = (*SERVICES, "R")


def _letters(column: str) -> str:
    """Return the SQL for the letters of services that a column shows as on and that get work."""
    return " || ".join(
        f"coalesce(max(CASE WHEN v.service_type = '{service}' AND r.{column} = 'N'"
        f" AND r.work_allocation_allowed THEN '{service}' END), '')"
        for service in SERVICES
    )


_SELECT = f"""
    SELECT m.agent_id, m.department_id,
        {_letters("online_status")} AS online_status,
        {_letters("preset_status")} AS preset_status,
        coalesce(max(r.work_allocation_allowed), 0) AS work_allocation_allowed
    FROM memberships m
    JOIN departments d ON d.id = m.department_id
    LEFT JOIN device_departments r
        ON r.department_id = m.department_id AND r.agent_id = m.agent_id
    LEFT JOIN devices v ON v.id = r.device_id"""


def of_agents(
    database: Database, agent_ids: Iterable[str], *, letter_r: bool
) -> dict[str, list[Row]]:
    """Return a mapping from agent id to rows of AgentStatus, in the order of departments.

    `letter_r` is whether a status with any service also has the letter R.
    """
    rows_of: dict[str, list[Row]] = {agent_id: [] for agent_id in agent_ids}
    rows = database.all(
        f"{_SELECT} WHERE m.agent_id IN (SELECT value FROM json_each(?))"
        " GROUP BY m.agent_id, m.department_id ORDER BY d.position",
        (json.dumps(list(rows_of)),),
    )
    for row in rows:
        rows_of[row["agent_id"]].append(
            {
                "departmentid": row["department_id"],
                "online_status": _with_read(row["online_status"], letter_r=letter_r),
                "preset_status": _with_read(row["preset_status"], letter_r=letter_r),
                "work_allocation_allowed": bool(row["work_allocation_allowed"]),
            }
        )
    return rows_of


def of_departments(
    database: Database, department_ids: Iterable[str], *, letter_r: bool
) -> dict[str, str]:
    """Return a mapping from department id to the letters of services with an online agent."""
    ids = list(department_ids)
    rows = database.all(
        f"SELECT r.department_id, {_letters('online_status')} AS online_status"
        " FROM device_departments r JOIN devices v ON v.id = r.device_id"
        " WHERE r.department_id IN (SELECT value FROM json_each(?)) GROUP BY r.department_id",
        (json.dumps(ids),),
    )
    letters = {row["department_id"]: row["online_status"] for row in rows}
    return {
        department_id: _with_read(letters.get(department_id, ""), letter_r=letter_r)
        for department_id in ids
    }


def _with_read(letters: str, *, letter_r: bool) -> str:
    return letters + LETTERS[-1] if letters and letter_r else letters
