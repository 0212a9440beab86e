"""Compares values right before they are overwritten with the plan's reading of them.

The API has no conditional writes, so without this check a write could silently overwrite what
another run, or a person in the panel, has changed since the plan. Only values that the write
touches are compared. A change in the milliseconds between the check and the write goes unnoticed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.execution.report import CONFLICT
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.rows import codecs, device_hours, row_shapes
from provisioner.liveagent.rows.lists import read_cursor, read_device_hours, read_row
from provisioner.liveagent.rows.row_checks import Row, RowCheck
from provisioner.model.hours_form import HoursForm

_SHAPES = {
    Kind.AGENT: row_shapes.AGENT,
    Kind.ROLE: row_shapes.ROLE,
    Kind.DEPARTMENT: row_shapes.WHOLE_DEPARTMENT,
}

COMPARED_BEFORE_DELETION = {
    Kind.AGENT: ("email", "name", "role", "roleId"),
    Kind.ROLE: ("name", "permissions"),
    Kind.DEPARTMENT: ("name",),
}
"""The fields by which an object is recognised as the one that the plan deletes. A department must
have no new members either."""


class ConflictChecks:
    """Checks that an account still has the values of the plan's reading, from several threads.

    A value that somebody has meanwhile set as declared is not a conflict.
    """

    def __init__(self, client: Client, form: HoursForm) -> None:
        """Make the checks."""
        self._client = client
        self._form = form
        self._settings: dict[str, Row] = {}
        self._services: dict[str, dict[str, dict[str, bool]]] = {}

    def current_row(
        self,
        address: Address,
        path: str,
        before: Row,
        wanted: Mapping[str, Any],
        shape: RowCheck | None = None,
    ) -> Row:
        """Return the current row of an object, to be sent back whole.

        `before` is its row from the plan's reading. Without `shape`, it is a row of the object
        itself.

        Raises:
            RejectedError: somebody changed a value that is to be written since the plan was
                made, and not to the value that is wanted.
        """
        row = read_row(self._client, path, shape or _SHAPES[address.kind])
        _compare(address, before, row, wanted)
        return row

    def is_gone(self, address: Address, path: str, before: Row) -> bool:
        """Return whether an object that is to be deleted is already gone.

        Raises:
            RejectedError: somebody changed it so that it is not what the plan deletes.
        """
        try:
            row = read_row(self._client, path, _SHAPES[address.kind])
        except RejectedError as error:
            if error.status in GONE:
                return True
            raise
        compared = COMPARED_BEFORE_DELETION[address.kind]
        changed = [name for name in compared if row.get(name) != before.get(name)]
        if {*(row.get("agent_ids") or ())} - {*(before.get("agent_ids") or ())}:
            changed.append("members")
        if changed:
            raise _conflict(address, changed)
        return False

    def read_agent_settings(self, path: str, agent_id: str) -> None:
        """Read an agent's settings again, for the checks that follow."""
        self._settings[agent_id] = read_row(self._client, path, row_shapes.AGENT_SETTINGS)

    def check_agent_settings(
        self, address: Address, agent_id: str, before: Row, wanted: Mapping[str, Any]
    ) -> None:
        """Compare the fields that are to be written with the settings as read again.

        Raises:
            RejectedError: see `current_row`.
        """
        _compare(address, before, self._settings[agent_id], wanted)

    def check_membership(
        self,
        address: Address,
        agent_id: str,
        before: Row,
        department_id: str,
        wanted: Mapping[str, Any] | None,
    ) -> None:
        """Compare a membership with the agent settings as read again.

        `before` are the settings from the plan's reading. `wanted` is None to end the membership.

        Raises:
            RejectedError: see `current_row`.
        """
        old, current = (
            next(
                (row for row in settings["memberships"] if row["department_id"] == department_id),
                None,
            )
            for settings in (before, self._settings[agent_id])
        )
        if current == old:
            return
        as_wanted = (current is None) == (wanted is None) and all(
            (current or {}).get(name) == value for name, value in (wanted or {}).items()
        )
        if not as_wanted:
            raise _conflict(address, ["membership"])

    def read_services(self) -> None:
        """Read the services of all memberships again, for the checks that follow."""
        self._services = {
            row["agentid"]: {
                status["departmentid"]: codecs.services_of(status.get("preset_status") or "")
                for status in row.get("departments_statuses") or ()
            }
            for row in read_cursor(
                self._client, "/grid/agents", "agentid", row_shapes.AGENT_STATUSES
            )
        }

    def check_service(
        self,
        address: Address,
        agent_id: str,
        department_id: str,
        service: str,
        *,
        before: object,
        wanted: object,
    ) -> None:
        """Compare a service of a membership with the services as read again.

        Raises:
            RejectedError: see `current_row`.
        """
        current = self._services.get(agent_id, {}).get(department_id, {}).get(service)
        _compare(address, {service: before}, {service: current}, {service: wanted})

    def check_hours(
        self,
        address: Address,
        device: Row,
        department_id: str,
        service: str,
        before: Mapping[str, str],
        wanted: Mapping[str, str],
    ) -> list[Row]:
        """Read the planned hours of a device in a department again and compare them.

        Returns:
            The shifts as the account has sent them.

        Raises:
            RejectedError: see `current_row`.
        """
        rows = read_device_hours(self._client, device["id"])
        shifts = [
            shift for row in rows if row["department_id"] == department_id for shift in row["plans"]
        ]
        of_service = [(service, shift) for shift in shifts]
        week: Mapping[str, Any] = device_hours.week(of_service, {department_id: ""}, self._form)
        current = week.get("", {}).get(service, {})
        _compare(address, {"hours": before}, {"hours": current}, {"hours": wanted})
        return shifts


def _compare(address: Address, before: Row, current: Row, wanted: Mapping[str, Any]) -> None:
    """Check that each field to be written has its old or its wanted value."""
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
