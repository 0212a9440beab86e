"""Where the current row of the object of a step is found."""

from typing import Any

from provisioner.address import Kind
from provisioner.execution.operations import Operation
from provisioner.execution.steps import Step, address_of
from provisioner.live.state import Surface
from provisioner.liveagent.account_index import AccountIndex
from provisioner.liveagent.current_rows import RowSource
from provisioner.liveagent.http.client import quoted
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.codecs import device_number
from provisioner.liveagent.rows.row_checks import Row

_SHAPES = {
    Kind.AGENT: row_shapes.AGENT,
    Kind.ROLE: row_shapes.ROLE,
    Kind.DEPARTMENT: row_shapes.WHOLE_DEPARTMENT,
}


class RowSources:
    """Finds sources by the ids of an account."""

    def __init__(self, index: AccountIndex, surface: Surface) -> None:
        self._index = index
        self._surface = surface

    def own(self, step: Step) -> RowSource:
        """Return the source of the object itself."""
        address = address_of(step)
        object_id = self._index.id(address)
        path = f"/{address.kind.plural}/{quoted(object_id)}"
        return RowSource(path, _SHAPES[address.kind], object_id)

    def settings(self, step: Step) -> RowSource:
        """Return the source of an agent's settings."""
        own = self.own(step)
        return RowSource(f"{own.path}/profile", row_shapes.AGENT_SETTINGS, own.row_id)

    def device(self, step: Step) -> RowSource:
        """Return the source of an agent's web device; the settings of the agent show it, too."""
        address = address_of(step)
        device = self._index.device(address, step.service)
        number = device_number(device)
        path = f"/devices/{quoted(device['id'])}"
        if self._surface is Surface.V3:
            return RowSource(path, row_shapes.DEVICE, str(number))

        def part(settings: Row) -> Row | None:
            devices = settings.get("devices") or ()
            return next((row for row in devices if device_number(row) == number), None)

        return RowSource(path, row_shapes.DEVICE, self._index.id(address), part)

    def hours(self, step: Step) -> RowSource:
        """Return the source of the shifts of a device in a department: its `plans`."""
        device = self._index.device(address_of(step), step.service)
        department = self._index.department_id(step)
        path = f"/devices/{quoted(device['id'])}/plans"

        def alone(rows: Any) -> Row:
            own = (row["plans"] for row in rows if row["department_id"] == department)
            return {"plans": [shift for plans in own for shift in plans]}

        return RowSource(path, row_shapes.HOURS_OF_DEVICE, "", alone=alone)

    def sent_whole(self, step: Step) -> RowSource:
        """Return the source of the object that a step sends back whole."""
        return self.own(step) if step.operation is Operation.UPDATE_AGENT else self.device(step)
