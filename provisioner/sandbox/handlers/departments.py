"""Handlers of departments and memberships; v3 reads them, the extended surface writes them."""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.agents import undeleted as undeleted_agent
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import require_configuration
from provisioner.sandbox.store import departments, statuses
from provisioner.sandbox.store.seed import DEFAULT_DEPARTMENT

LISTING = Listing(
    departments.SELECT,
    {
        "department_id": "department_id",
        "name": "name",
        "agent_count": "CAST(agent_count AS INTEGER)",
        "mailaccount_id": "mailaccount_id",
    },
)


def list_departments(call: Call) -> Answer:
    """List departments with their members."""
    return listed(call, _public(call, by_page(call, LISTING)))


def get_department(call: Call) -> Row:
    """Read a department with its members."""
    return read(call, call.path["departmentId"])


def create_department(call: Call) -> Row:
    """Create a department."""
    require_configuration(call)
    name = call.body["name"]
    _require_free(call, name, "")
    return read(call, departments.add(call.database, name))


def rename_department(call: Call) -> Row:
    """Rename a department, also by letter case only (D: changelog 2024-07-01)."""
    require_configuration(call)
    department_id = undeleted(call)["id"]
    name = call.body["name"]
    _require_free(call, name, department_id)
    departments.rename(call.database, department_id, name)
    return read(call, department_id)


def delete_department(call: Call) -> JsonObject:
    """Delete a department, but never the default one (D: changelog 2025-08-07)."""
    require_configuration(call)
    department_id = undeleted(call)["id"]
    if department_id == DEFAULT_DEPARTMENT:
        raise InvalidError("The default department cannot be deleted")
    departments.delete(
        call.database,
        department_id,
        with_memberships=not call.switches.deleted_departments_in_statuses,
    )
    return {}


def get_membership(call: Call) -> Answer:
    """Read whether the agent is a member: Y or N."""
    department, agent = undeleted(call), undeleted_agent(call, call.path["agentId"])
    row = departments.membership(call.database, department["id"], agent["id"])
    answer = "N" if row is None else "Y"
    if call.switches.membership_answer == "text":
        return Answer(answer, media_type="text/plain")
    return Answer(answer)


def put_membership(call: Call) -> Row:
    """Create or change a membership; omitted properties keep their values."""
    require_configuration(call)
    department, agent = undeleted(call), undeleted_agent(call, call.path["agentId"])
    before = departments.membership(call.database, department["id"], agent["id"])
    new = departments.new_membership(department["id"], agent["id"], call.switches)
    key = {name: new[name] for name in ("department_id", "agent_id")}
    after = new | (before or {}) | call.body | key
    departments.put_membership(call.database, after, call.switches.new_membership_preset)
    return after


def delete_membership(call: Call) -> JsonObject:
    """End a membership; a missing membership is no error."""
    require_configuration(call)
    department, agent = undeleted(call), undeleted_agent(call, call.path["agentId"])
    departments.delete_membership(call.database, department["id"], agent["id"])
    return {}


def undeleted(call: Call) -> Row:
    """Return the stored row of the path's department.

    Raises:
        MissingError: no department has this id.
    """
    row = departments.undeleted(call.database, call.path["departmentId"])
    if row is None:
        raise MissingError(NO_ROW)
    return row


def read(call: Call, department_id: str) -> Row:
    """Return one department in the API's shape.

    Raises:
        MissingError: no department has this id.
    """
    statement = f"SELECT * FROM ({departments.SELECT}) WHERE department_id = ?"
    rows = call.database.all(statement, (department_id,))
    if not rows:
        raise MissingError(NO_ROW)
    return _public(call, rows)[0]


def _public(call: Call, rows: list[Row]) -> list[Row]:
    ids = [row["department_id"] for row in rows]
    members = departments.members(call.database, ids)
    online = statuses.of_departments(call.database, ids, letter_r=call.switches.status_letter_r)
    return [
        {
            "department_id": row["department_id"],
            "agent_count": row["agent_count"],
            "name": row["name"],
            "online_status": online[row["department_id"]],
            "agent_ids": members[row["department_id"]],
            "mailaccount_id": row["mailaccount_id"],
        }
        for row in rows
    ]


def _require_free(call: Call, name: str, department_id: str) -> None:
    holder = departments.by_name(call.database, name)
    if holder is not None and holder["id"] != department_id:
        raise InvalidError(f"Department '{holder['name']}' already exists")
