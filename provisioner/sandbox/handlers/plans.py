"""Handlers of device plans: the hours of a device in a department.

The fields are known, but neither the numbers of days nor the format of times: they are switches.
"""

import re

from provisioner.sandbox.call import Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.devices import find, find_department
from provisioner.sandbox.policy import require_device_manager
from provisioner.sandbox.switches import Switches

_WEEK = 7
_TIMES = {
    "HH:MM:SS": re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII),
    "HH:MM": re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII),
}


def list_plans(call: Call) -> list[Row]:
    """List the plans of a device by department."""
    device = find(call, call.number("deviceId"))
    plans_of: dict[str, list[Row]] = {}
    for row in call.database.all(
        "SELECT * FROM device_plans WHERE device_id = ? ORDER BY department_id, id", (device["id"],)
    ):
        plans_of.setdefault(row["department_id"], []).append(_public(row, call.switches))
    return [
        {"department_id": department_id, "plans": plans}
        for department_id, plans in plans_of.items()
    ]


def create_plans(call: Call) -> list[Row]:
    """Add plans to a device department."""
    row = _device_department(call)
    return [_add(call, row, plan) for plan in call.body["DeviceDepartments"]]


def delete_plans(call: Call) -> JsonObject:
    """Delete all plans of a device department."""
    row = _device_department(call)
    call.database.run(
        "DELETE FROM device_plans WHERE device_id = ? AND department_id = ?",
        (row["device_id"], row["department_id"]),
    )
    return {}


def _device_department(call: Call) -> Row:
    row = find_department(call, call.number("deviceId"), call.path["departmentId"])
    require_device_manager(call, row["user_id"])
    return row


def _add(call: Call, row: Row, plan: JsonObject) -> Row:
    _check(plan, call.switches)
    values = {
        "device_id": row["device_id"],
        "department_id": row["department_id"],
        "day": day_of(plan["day"], call.switches),
        "start": plan["start"],
        "end": plan["end"],
        "title": plan.get("title", ""),
    }
    plan_id = call.database.run(
        "INSERT INTO device_plans (device_id, department_id, day, start, end, title)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        tuple(values.values()),
    ).lastrowid
    return _public({"id": plan_id} | values, call.switches)


def day_of(number: int, switches: Switches) -> int:
    """Return the stored day, which counts from Monday = 0, for a number of the API."""
    return (number - switches.plan_day_base - (switches.plan_first_day == "sun")) % _WEEK


def number_of(day: int, switches: Switches) -> int:
    """Return the number of the API for a stored day."""
    return (day + (switches.plan_first_day == "sun")) % _WEEK + switches.plan_day_base


def _check(plan: JsonObject, switches: Switches) -> None:
    days = range(switches.plan_day_base, switches.plan_day_base + _WEEK)
    if plan["day"] not in days:
        raise InvalidError(f"Invalid value for 'day', must be one of {', '.join(map(str, days))}")
    form = _TIMES[switches.plan_time_format]
    for name in ("start", "end"):
        is_midnight = switches.plan_midnight == "24:00" and plan[name].startswith("24:00")
        if not form.fullmatch(plan[name].replace("24", "00", 1) if is_midnight else plan[name]):
            raise InvalidError(
                f"Invalid value for '{name}', must be a time like {switches.plan_time_format}"
            )


def _public(row: Row, switches: Switches) -> Row:
    """Return a plan in the API's shape, with ids for its start and its end (D: vendor's models)."""
    plan_id = row.pop("id")
    return row | {
        "day": number_of(row["day"], switches),
        "plan_id_start": str(2 * plan_id - 1),
        "plan_id_end": str(2 * plan_id),
    }
