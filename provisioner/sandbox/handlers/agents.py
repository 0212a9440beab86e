"""Handlers of agents: list, read, create, change, delete, undelete."""

from typing import NamedTuple

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError, NotAllowedError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.models import AGENT
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import require_manager, require_still_owned
from provisioner.sandbox.store import agents, departments, devices, identifiers, roles

COLUMNS = {field.name: field.name for field in AGENT.fields}


class RoleChoice(NamedTuple):
    """The role of an agent: a built-in one; for a custom role, `agent` and its id."""

    role: str
    role_id: str | None


def list_agents(call: Call) -> Answer:
    """List agents; deleted ones only with the switch list_deleted_agents."""
    switches = call.switches
    select = agents.listed(
        switches.role_id_shape,
        with_deleted=switches.list_deleted_agents,
        with_service_user=switches.service_user == "agents",
    )
    rows = [_public(row) for row in by_page(call, Listing(select, COLUMNS))]
    if switches.agent_rows == "short":
        for row in rows:
            del row["sip_phone_id"], row["api_phone_id"]
    return listed(call, rows)


def get_agent(call: Call) -> Row:
    """Read an agent; a deleted one has status X."""
    return read(call, call.path["agentId"])


def read(call: Call, agent_id: str) -> Row:
    """Return one agent in the API's shape.

    Raises:
        MissingError: no agent has this id.
    """
    row = call.database.one(
        f"{agents.select(call.switches.role_id_shape)} WHERE id = ?", (agent_id,)
    )
    if row is None:
        raise MissingError(NO_ROW)
    return _public(row)


def undeleted(call: Call, agent_id: str) -> Row:
    """Return the stored row of an agent who is not deleted.

    Raises:
        MissingError: no such agent has this id.
    """
    stored = agents.stored(call.database, agent_id)
    if stored is None or stored["status"] == "X":
        raise MissingError(NO_ROW)
    return stored


def create_agent(call: Call) -> Row:
    """Create an agent; not documented today, but in use (D: changelog 2026-03-16)."""
    if call.switches.creates_agents == "404":
        raise MissingError("Not Found")
    if call.switches.creates_agents == "405":
        raise NotAllowedError("Method not allowed. Must be one of: GET")
    return add_account(call, identifiers.agent_id())


def add_account(call: Call, agent_id: str) -> Row:
    """Create the agent of the body with all defaults of a new one, and return it.

    Raises:
        InvalidError: the email is in use, or the role does not exist.
        ForbiddenError: the caller may not create such an agent.
    """
    given = call.body
    choice = choose_role(call, given, RoleChoice("agent", None))
    require_manager(call, choice.role)
    _require_free(call, given["email"], "")
    agents.add(
        call.database,
        {
            "id": agent_id,
            "email": given["email"],
            "name": given["name"],
            "role": choice.role,
            "role_id": choice.role_id,
            "gender": given.get("gender", "X"),
            "voice_status": call.switches.new_agent_voice,
        },
    )
    if call.switches.web_devices == "each_service":
        devices.add_web_devices(call.database, agent_id, call.switches.new_device_preset)
    if call.switches.join_all_departments:
        _join_all(call, agent_id)
    if call.switches.registration_mail_on_api_create:
        agents.send_mail(call.database, agent_id, "registration")
    _note(call, agent_id, "create")
    return read(call, agent_id)


def update_agent(call: Call) -> Row:
    """Change an agent."""
    agent_id = call.path["agentId"]
    stored = undeleted(call, agent_id)
    given = call.body
    if call.switches.put_defaults_missing_fields:
        given = {"role": "agent", "gender": "X"} | given
    before = RoleChoice(stored["role"], stored["role_id"])
    after = choose_role(call, given, before)
    require_manager(call, before.role, after.role)
    if after != before:
        if after.role != before.role:
            require_still_owned(call, stored)
        _note(call, agent_id, "role change")
        log_out(call, agent_id)
    if "email" in given:
        _require_free(call, given["email"], agent_id)
    writable = ["name", "email", "gender"]
    if call.switches.avatar_url_writable:
        writable.append("avatar_url")
    changed = {name: given[name] for name in writable if name in given}
    agents.change(call.database, agent_id, changed | after._asdict())
    return read(call, agent_id)


def delete_agent(call: Call) -> JsonObject:
    """Mark an agent as deleted and end the memberships (D: changelog 2017-10-09)."""
    agent_id = call.path["agentId"]
    stored = undeleted(call, agent_id)
    require_manager(call, stored["role"])
    require_still_owned(call, stored)
    departments.end_memberships(call.database, agent_id)
    agents.change(call.database, agent_id, {"status": "X"})
    _note(call, agent_id, "delete")
    log_out(call, agent_id)
    return {}


def undelete_agent(call: Call) -> Row:
    """Undelete the agent with this id, this email, or both (U: which of them the API reads)."""
    key = call.switches.undelete_key
    agent_id: str = (key != "email" and call.body.get("id")) or ""
    email: str = (key != "id" and call.body.get("email")) or ""
    if not agent_id and not email:
        names = "'id' or 'email'" if key == "either" else f"'{key}'"
        raise InvalidError(f"Missing required property {names}")
    stored = (
        agents.stored(call.database, agent_id)
        if agent_id
        else agents.by_email(call.database, email)
    )
    if stored is None or (email and email.casefold() != stored["email_key"]):
        raise MissingError(NO_ROW)
    if stored["status"] != "X":
        raise InvalidError("Agent is not deleted")
    require_manager(call, stored["role"])
    agent_id = stored["id"]
    # The custom role may have been deleted after the agent.
    role_is_deleted = (
        stored["role_id"] and roles.undeleted(call.database, stored["role_id"]) is None
    )
    agents.change(
        call.database, agent_id, {"status": "A"} | ({"role_id": None} if role_is_deleted else {})
    )
    if call.switches.undelete_keeps_memberships:
        preset = call.switches.new_membership_preset
        departments.restore_memberships(call.database, agent_id, preset)
    _note(call, agent_id, "undelete")
    return read(call, agent_id)


def choose_role(call: Call, given: JsonObject, before: RoleChoice) -> RoleChoice:
    """Return the role of a body: from roleId where it differs from the current one, else from role.

    An empty or missing roleId removes a custom role (I).

    Raises:
        InvalidError: no role has this id, or it is empty and may not be.
    """
    built_in = agents.BUILT_IN_ROLE_IDS[call.switches.role_id_shape]
    wanted_id = given.get("roleId")
    if wanted_id == "" and call.switches.empty_role_id == "refused":
        raise InvalidError("Invalid value for 'roleId', must not be empty")
    if not wanted_id and (wanted_id is not None or call.switches.missing_role_id != "kept"):
        return RoleChoice(given.get("role", before.role), None)
    if wanted_id and wanted_id != (before.role_id or built_in[before.role]):
        for role, public_id in built_in.items():
            if wanted_id == public_id:
                return RoleChoice(role, None)
        if roles.undeleted(call.database, wanted_id) is None:
            raise InvalidError(f"Invalid value for 'roleId', there is no role '{wanted_id}'")
        return RoleChoice("agent", wanted_id)
    wanted = given.get("role", before.role)
    return before if wanted == before.role else RoleChoice(wanted, None)


def log_out(call: Call, agent_id: str) -> None:
    """End an agent's session: the panel closes, and the web devices go offline."""
    agents.change(call.database, agent_id, {"online_status": "F"})
    _note(call, agent_id, "logout")


def _require_free(call: Call, email: str, agent_id: str) -> None:
    holder = agents.by_email(call.database, email)
    if holder is None or holder["id"] == agent_id:
        return
    if call.switches.email_conflict == "bare":
        raise InvalidError("Bad request")
    if holder["status"] == "X":
        raise InvalidError(
            f"Email {email} belongs to the deleted agent {holder['id']}; undelete it"
        )
    raise InvalidError(f"Email {email} is already used by agent {holder['id']}")


def _join_all(call: Call, agent_id: str) -> None:
    preset = call.switches.new_membership_preset
    for department in call.database.all(departments.SELECT):
        department_id = department["department_id"]
        membership = departments.new_membership(department_id, agent_id, call.switches)
        departments.put_membership(call.database, membership, preset)


def _note(call: Call, agent_id: str, kind: str) -> None:
    agents.note_event(call.database, agent_id, kind, call.caller["agent_id"])


def _public(row: Row) -> Row:
    return {name: row[name] for name in COLUMNS}
