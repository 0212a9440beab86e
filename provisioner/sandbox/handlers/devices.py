"""Handlers of devices and device departments: an agent's availability, overall and by department.

The preset status is the wanted one, the online status the current one. A device has both, and so
has each device department.
"""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.agents import undeleted as undeleted_agent
from provisioner.sandbox.handlers.departments import undeleted as undeleted_department
from provisioner.sandbox.handlers.models import DEVICE, DEVICE_DEPARTMENT
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import require_device_manager, require_feature
from provisioner.sandbox.store import devices

LISTING = Listing(devices.SELECT, {field.name: field.name for field in DEVICE.fields}, "id")
DEPARTMENTS_LISTING = Listing(
    f"{devices.SELECT_DEPARTMENTS} WHERE r.device_id = ?",
    {field.name: field.name for field in DEVICE_DEPARTMENT.fields},
    "department_id",
)
_AVAILABILITY = {"online_status", "preset_status"}


def list_devices(call: Call) -> Answer:
    """List devices."""
    return listed(call, by_page(call, LISTING))


def get_device(call: Call) -> Row:
    """Read a device."""
    return find(call, call.number("deviceId"))


def create_device(call: Call) -> Row:
    """Create a phone device; no other can be created (C: a 2026 client)."""
    given = call.body
    if given["service_type"] != "P":
        raise InvalidError("Invalid value for 'service_type', must be one of P")
    if not given.get("phone_id"):
        raise InvalidError("phone_id cannot be empty for phone device")  # D: changelog 2021-11-11
    agent = undeleted_agent(call, given["agent_id"])
    require_device_manager(call, agent["id"])
    device_id = devices.add(
        call.database,
        {
            "agent_id": agent["id"],
            "phone_id": given["phone_id"],
            "type": given["type"],
            "service_type": "P",
            "route_if_offline": given.get("route_if_offline", "Y"),
            **_availability(call, given, {"online_status": "N"} | given),
        },
    )
    devices.connect(call.database, agent["id"], call.switches.new_membership_preset)
    return find(call, device_id)


def update_device(call: Call) -> Row:
    """Change a device; its agent, type and service can't be changed."""
    before = find(call, call.number("deviceId"))
    require_device_manager(call, before["agent_id"])
    given = call.body
    if call.switches.put_defaults_missing_fields:
        given = {"online_status": "N", "route_if_offline": "Y"} | given
    for name in ("agent_id", "type", "service_type"):
        if given.get(name, before[name]) != before[name]:
            raise InvalidError(f"Invalid value for '{name}', must be one of {before[name]}")
    changed = {name: given.get(name, before[name]) for name in ("phone_id", "route_if_offline")}
    if given.keys() & _AVAILABILITY:
        changed |= _availability(call, before, given)
    devices.change(call.database, before["id"], changed)
    return find(call, before["id"])


def delete_device(call: Call) -> JsonObject:
    """Delete a device."""
    device = find(call, call.number("deviceId"))
    require_device_manager(call, device["agent_id"])
    devices.delete(call.database, device["id"])
    return {}


def list_device_departments(call: Call) -> Answer:
    """List the departments of a device."""
    device = find(call, call.number("deviceId"))
    rows = by_page(call, DEPARTMENTS_LISTING, (device["id"],))
    return listed(call, [_public(row) for row in rows])


def list_department_devices(call: Call) -> list[Row]:
    """List all devices of a department, without pages."""
    department = undeleted_department(call)
    rows = devices.departments(call.database, "r.department_id = ?", (department["id"],))
    return [_public(row) for row in rows]


def get_device_department(call: Call) -> Row:
    """Read a device department."""
    return _public(find_department(call, call.number("deviceId"), call.path["departmentId"]))


def update_device_department(call: Call) -> Row:
    """Change a device department; it must exist."""
    key = {"device_id": call.number("deviceId"), "department_id": call.path["departmentId"]}
    return _change_department(call, call.body | key)


def update_device_departments(call: Call) -> list[Row]:
    """Change many device departments, all of them or none."""
    rows, limit = call.body["DeviceDepartments"], call.switches.batch_limit
    if limit and len(rows) > limit:
        raise InvalidError(f"Invalid value for 'DeviceDepartments', must be at most {limit} rows")
    return [_change_department(call, row) for row in rows]


def find(call: Call, device_id: int) -> Row:
    """Return one device.

    Raises:
        MissingError: no device has this id.
    """
    device = devices.find(call.database, device_id)
    if device is None:
        raise MissingError(NO_ROW)
    return device


def find_department(call: Call, device_id: int, department_id: str) -> Row:
    """Return one device department.

    Raises:
        MissingError: the device's agent is not a member there.
    """
    rows = devices.departments(
        call.database, "r.device_id = ? AND r.department_id = ?", (device_id, department_id)
    )
    if not rows:
        raise MissingError(f"{NO_ROW}: device {device_id}, department '{department_id}'")
    return rows[0]


def _change_department(call: Call, given: Row) -> Row:
    device_id, department_id = given["device_id"], given["department_id"]
    before = find_department(call, device_id, department_id)
    if given.get("user_id", before["user_id"]) != before["user_id"]:
        raise InvalidError(f"Invalid value for 'user_id', must be one of {before['user_id']}")
    require_device_manager(call, before["user_id"])
    if not given.keys() & _AVAILABILITY:
        raise InvalidError("Missing required property 'online_status'")
    changed = _availability(call, before, given)
    allowed = given.get("work_allocation_allowed", changed["preset_status"] == "N")
    changed["work_allocation_allowed"] = int(allowed)
    devices.change_department(call.database, device_id, department_id, changed)
    return _public(before | changed)


def _availability(call: Call, device: Row, given: Row) -> Row:
    """Return preset and online status from a body with at least one of them."""
    online = given.get("online_status", given.get("preset_status"))
    preset = given.get("preset_status", online)
    if preset == "N":
        require_feature(call, device["service_type"])
    if device["type"] == "W" and call.switches.web_devices_need_panel:
        online = "F"
    return {"preset_status": preset, "online_status": online}


def _public(row: Row) -> Row:
    shown = {field.name: row[field.name] for field in DEVICE_DEPARTMENT.fields}
    return shown | {"work_allocation_allowed": bool(row["work_allocation_allowed"])}
