"""Compares values right before they are overwritten with the plan's reading of them.

The API has no conditional writes, so without this check a write could silently overwrite what
another run, or a person in the panel, has changed since the plan. Only values that the write
touches are compared. A value that somebody has meanwhile set as declared is not a conflict.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.execution.report import CONFLICT
from provisioner.liveagent.rows import codecs, device_hours
from provisioner.liveagent.rows.row_checks import Row
from provisioner.model.hours_form import HoursForm

COMPARED_BEFORE_DELETION = {
    Kind.AGENT: ("email", "name", "role", "roleId"),
    Kind.ROLE: ("name", "permissions"),
    Kind.DEPARTMENT: ("name",),
}
"""The fields by which an object is recognised as the one that the plan deletes. A department must
have no new members either."""


def check_deletion(address: Address, before: Row, current: Row) -> None:
    """Check that an object is still what the plan deletes.

    Raises:
        RejectedError: somebody changed it.
    """
    compared = COMPARED_BEFORE_DELETION[address.kind]
    changed = [name for name in compared if current.get(name) != before.get(name)]
    if {*(current.get("agent_ids") or ())} - {*(before.get("agent_ids") or ())}:
        changed.append("members")
    if changed:
        raise _conflict(address, changed)


def check_membership(
    address: Address,
    before: Row,
    current: Row,
    department_id: str,
    wanted: Mapping[str, Any] | None,
) -> None:
    """Compare a membership in the agent settings of the plan's reading with the current ones.

    `wanted` is None to end the membership.

    Raises:
        RejectedError: see `check_fields`.
    """
    old, new = (
        next(
            (row for row in settings["memberships"] if row["department_id"] == department_id), None
        )
        for settings in (before, current)
    )
    if new == old:
        return
    as_wanted = (new is None) == (wanted is None) and all(
        (new or {}).get(name) == value for name, value in (wanted or {}).items()
    )
    if not as_wanted:
        raise _conflict(address, ["membership"])


def check_service(
    address: Address,
    statuses: Row,
    department_id: str,
    service: str,
    *,
    before: object,
    wanted: object,
) -> None:
    """Compare a service of a membership with the current services of the agent.

    Raises:
        RejectedError: see `check_fields`.
    """
    letters = {
        status["departmentid"]: status.get("preset_status") or ""
        for status in statuses.get("departments_statuses") or ()
    }
    known = department_id in letters
    current = codecs.services_of(letters[department_id]).get(service) if known else None
    check_fields(address, {service: before}, {service: current}, {service: wanted})


def check_hours(
    address: Address,
    shifts: Sequence[Row],
    service: str,
    form: HoursForm,
    before: Mapping[str, str],
    wanted: Mapping[str, str],
) -> None:
    """Compare the planned hours of a device in a department with its current shifts.

    Raises:
        RejectedError: see `check_fields`.
    """
    of_service = [(service, shift) for shift in shifts]
    departments = {shift["department_id"]: "" for shift in shifts}
    week: Mapping[str, Any] = device_hours.week(of_service, departments, form)
    current = week.get("", {}).get(service, {})
    check_fields(address, {"hours": before}, {"hours": current}, {"hours": wanted})


def check_fields(address: Address, before: Row, current: Row, wanted: Mapping[str, Any]) -> None:
    """Check that each field to be written has its old or its wanted value.

    Raises:
        RejectedError: somebody changed a value that is to be written since the plan was made, and
            not to the value that is wanted.
    """
    changed = sorted(
        name
        for name, value in wanted.items()
        if current.get(name) != before.get(name) and current.get(name) != value
    )
    if changed:
        raise _conflict(address, changed)


def _conflict(address: Address, names: Iterable[str]) -> RejectedError:
    return RejectedError(
        Diagnostic(
            code=CONFLICT,
            summary=f"{address}: {', '.join(names)} changed since the plan was made",
            hint="look at the plan again: it shows what would be overwritten (provisioner plan)",
        ),
        status=0,
    )
