"""Handlers of phones, the phone of an agent, extensions, and the caller's mobile devices."""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import ForbiddenError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers import agents as agent_handlers
from provisioner.sandbox.handlers import departments as department_handlers
from provisioner.sandbox.handlers.user_models import PHONE
from provisioner.sandbox.paging import Listing, by_cursor, by_page, count, listed
from provisioner.sandbox.policy import require_configuration, require_device_manager
from provisioner.sandbox.store import agents, devices, phones

_PHONES = Listing(
    phones.SELECT,
    {"userId": "agent_id"} | {field.name: field.name for field in PHONE.fields},
)
_EXTENSIONS = Listing(
    phones.SELECT_EXTENSIONS,
    {name: name for name in ("id", "number", "status", "agent_id", "department_id")},
)
_COLUMNS = {"I": "api_phone_id", "S": "sip_phone_id"}


def list_phones(call: Call) -> Answer:
    """List phones."""
    return listed(call, [_public(row) for row in by_page(call, _PHONES)])


def get_phone(call: Call) -> Row:
    """Read a phone; _app_ and _web_ are the caller's own."""
    phone_id: str | None = call.path["phoneId"]
    if phone_id in phones.OWN:
        phone_id = phones.of_agent(call.database, call.caller["agent_id"], phones.OWN[phone_id])
    return _read(call, phone_id)


def get_agent_phone(call: Call) -> Row:
    """Read the phone that an agent uses; "me" is the caller."""
    return _read(call, _agent(call)[_COLUMNS[call.query["type"]]])


def put_agent_phone(call: Call) -> JsonObject:
    """Set the phone that an agent uses; "me" is the caller."""
    agent = _agent(call)
    require_device_manager(call, agent["id"])
    phone = _read(call, call.query["phoneId"])
    column = _COLUMNS[call.body.get("type", "I")]
    agents.change(call.database, agent["id"], {column: phone["id"]})
    return {}


def list_mobile_devices(call: Call) -> list[Row]:
    """List the caller's mobile devices; the first one is created if there is none."""
    agent_id = call.caller["agent_id"]
    if not devices.own(call.database, agent_id, "A"):
        devices.add_mobile_device(call.database, call.caller, "LivePhone", call.switches)
    return devices.own(call.database, agent_id, "A")


def list_extensions(call: Call) -> Answer:
    """List extensions."""
    rows, headers = by_cursor(call, _EXTENSIONS)
    return Answer([_extension(call, row) for row in rows], headers=headers)


def count_extensions(call: Call) -> Row:
    """Count extensions."""
    return {"count": count(call, _EXTENSIONS)}


def get_extension(call: Call) -> Row:
    """Read an extension."""
    return _extension(call, _stored_extension(call))


def put_extension(call: Call) -> Row:
    """Change an extension's number, department or status."""
    require_configuration(call)
    extension = _stored_extension(call)
    number, department_id = call.body.get("number"), call.body.get("departmentId")
    if number is not None:
        holder = call.database.value("SELECT id FROM extensions WHERE number = ?", (number,))
        if holder not in {None, extension["id"]}:
            raise ForbiddenError(f"Number {number} is in use")
    if department_id is not None:
        department_handlers.read(call, department_id)
    call.database.run(
        "UPDATE extensions SET number = coalesce(?, number), status = coalesce(?, status),"
        " department_id = coalesce(?, department_id) WHERE id = ?",
        (number, call.body.get("status"), department_id, extension["id"]),
    )
    return _extension(call, _stored_extension(call))


def _stored_extension(call: Call) -> Row:
    phone = call.database.one(
        f"SELECT * FROM ({phones.SELECT_EXTENSIONS}) WHERE id = ?", (call.path["extensionId"],)
    )
    if phone is None:
        raise MissingError(NO_ROW)
    return phone


def _extension(call: Call, row: Row) -> Row:
    agent_id, department_id = row["agent_id"], row["department_id"]
    return {
        "id": row["id"],
        "number": row["number"],
        "status": row["status"],
        "agent": agent_handlers.read(call, agent_id) if agent_id else None,
        "department": department_handlers.read(call, department_id) if department_id else None,
    }


def _agent(call: Call) -> Row:
    agent_id = call.path["agentId"]
    return agent_handlers.undeleted(call, call.caller["agent_id"] if agent_id == "me" else agent_id)


def _read(call: Call, phone_id: str | None) -> Row:
    phone = call.database.one(f"{phones.SELECT} AND p.id = ?", (phone_id,))
    if phone is None:
        raise MissingError(NO_ROW)
    return _public(phone)


def _public(row: Row) -> Row:
    del row["position"]
    return row
