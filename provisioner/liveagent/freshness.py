"""Looking again, right before a write, whether what it overwrites is still as the plan saw it.

The API knows no conditional writes, so another run on another machine, or a person in the panel,
could be overwritten unseen. What is compared is only what the write touches. Between the look
and the write some milliseconds remain.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.liveagent.deletion import GONE
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.rows import codecs, device_plans, row_shapes
from provisioner.liveagent.rows.lists import Row, read_cursor, read_plans, read_row
from provisioner.liveagent.rows.row_parts import Part

_SHAPES = {
    Kind.AGENT: row_shapes.AGENT,
    Kind.ROLE: row_shapes.ROLE,
    Kind.DEPARTMENT: row_shapes.WHOLE_DEPARTMENT,
}

DELETED_BY = {
    Kind.AGENT: ("email", "name", "role", "roleId"),
    Kind.ROLE: ("name", "permissions"),
    Kind.DEPARTMENT: ("name",),
}
"""What of an object has to be as the plan saw it for its deletion to be meant. A department must
not have got members either."""


class Freshness:
    """Compares an account with the plan's reading of it, from several threads at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._profiles: dict[str, Row] = {}
        self._services: dict[str, dict[str, dict[str, bool]]] = {}

    def row(
        self,
        address: Address,
        path: str,
        before: Row,
        wanted: Mapping[str, Any],
        shape: Part | None = None,
    ) -> Row:
        """Return an object as it is right now, for sending it back whole.

        Args:
            address: for the message.
            path: of the object.
            before: its row as the plan saw it.
            wanted: the fields that are to be written.
            shape: checks the row; None for a row of the object itself.

        Raises:
            RejectedError: somebody changed what is to be written since the plan was made, and
                not to what is wanted.
        """
        row = read_row(self._client, path, shape or _SHAPES[address.kind])
        _compare(address, before, row, wanted)
        return row

    def is_gone(self, address: Address, path: str, before: Row) -> bool:
        """Tell whether an object that is to be deleted has gone already.

        Raises:
            RejectedError: it is not what the plan meant to delete any more.
        """
        try:
            row = read_row(self._client, path, _SHAPES[address.kind])
        except RejectedError as error:
            if error.status in GONE:
                return True
            raise
        changed = [name for name in DELETED_BY[address.kind] if row.get(name) != before.get(name)]
        if {*(row.get("agent_ids") or ())} - {*(before.get("agent_ids") or ())}:
            changed.append("members")
        if changed:
            raise _conflict(address, changed)
        return False

    def read_profile(self, path: str, agent_id: str) -> None:
        """Read an agent's profile again."""
        self._profiles[agent_id] = read_row(
            self._client, f"{path}/profile", row_shapes.AGENT_SETTINGS
        )

    def check_profile(
        self, address: Address, agent_id: str, before: Row, wanted: Mapping[str, Any]
    ) -> None:
        """Compare fields of a profile that was read again; see `row`."""
        _compare(address, before, self._profiles[agent_id], wanted)

    def check_membership(
        self,
        address: Address,
        agent_id: str,
        before: Row,
        department_id: str,
        wanted: Mapping[str, Any] | None,
    ) -> None:
        """Compare a membership in a profile that was read again; see `row`."""
        was, now = (
            next(
                (row for row in profile["memberships"] if row["department_id"] == department_id),
                None,
            )
            for profile in (before, self._profiles[agent_id])
        )
        if now == was:
            return
        as_wanted = (now is None) == (wanted is None) and all(
            (now or {}).get(name) == value for name, value in (wanted or {}).items()
        )
        if not as_wanted:
            raise _conflict(address, ["membership"])

    def read_services(self) -> None:
        """Read again which services the memberships of all agents have."""
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
        """Compare a service of a membership that was read again; see `row`."""
        now = self._services.get(agent_id, {}).get(department_id, {}).get(service)
        _compare(address, {service: before}, {service: now}, {service: wanted})

    def check_hours(
        self,
        address: Address,
        device: Row,
        department_id: str,
        service: str,
        before: Mapping[str, str],
        wanted: Mapping[str, str],
    ) -> None:
        """Compare the planned hours of a device in a department; see `row`."""
        rows = read_plans(self._client, device["id"])
        plans = [
            (service, plan)
            for row in rows
            if row["department_id"] == department_id
            for plan in row["plans"]
        ]
        week: Mapping[str, Any] = device_plans.week(plans, {department_id: ""})
        now = week.get("", {}).get(service, {})
        _compare(address, {"hours": before}, {"hours": now}, {"hours": wanted})


def _compare(address: Address, before: Row, now: Row, wanted: Mapping[str, Any]) -> None:
    """Check that what is to be written is as it was, or already as it is wanted."""
    changed = sorted(
        name
        for name, value in wanted.items()
        if now.get(name) != before.get(name) and now.get(name) != value
    )
    if changed:
        raise _conflict(address, changed)


def _conflict(address: Address, names: Iterable[str]) -> RejectedError:
    return RejectedError(
        Diagnostic(
            code="changed-meanwhile",
            summary=f"{address}: {', '.join(names)} changed since the plan was made",
            hint="run plan again and look at what would be undone",
        ),
        status=0,
    )
