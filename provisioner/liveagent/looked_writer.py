"""Writes that rely on a look: each compares the current row with the plan right before."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.execution.steps import Step, address_of
from provisioner.live.state import LiveState
from provisioner.liveagent.account_index import AccountIndex
from provisioner.liveagent.conflict_checks import (
    check_deletion,
    check_fields,
    check_hours,
    check_membership,
    check_service,
)
from provisioner.liveagent.current_rows import CurrentRows, RowSource
from provisioner.liveagent.hours_writer import HoursLook
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Slots
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.http.sending import LookedAt
from provisioner.liveagent.row_sources import RowSources
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row


class LookedWriter:
    """Writes to objects of the plan's reading, from several threads at once.

    All methods that write raise a `RejectedError` if somebody changed a value that is to be written
    since the plan was made, and not to the value that is wanted.
    """

    def __init__(
        self, client: Client, index: AccountIndex, sources: RowSources, live: LiveState
    ) -> None:
        self._client = client
        self._index = index
        self._sources = sources
        self._rows = CurrentRows(client, live.paging.size)
        self._form = live.hours_form

    def read_page(self, step: Step) -> None:
        """Look at a page for the steps that rely on it."""
        if step.page is None:
            raise ValueError(f"step {step.id} has no page")
        proof = step.page.proof
        self._rows.read_page(step, step.page, self._sources.sent_whole(proof) if proof else None)

    def read_alone(self, step: Step, source: RowSource) -> None:
        """Look at one object for the steps that rely on it."""
        self._rows.read_alone(step, source)

    def put_whole(self, step: Step, fields: Mapping[str, Any], role_id: str = "") -> Any:
        """Send an object with other fields, and return the content of the answer.

        Args:
            step: the step.
            fields: the fields to write.
            role_id: the id of an agent's role. A row without it would lose a custom role (I).
        """
        address = address_of(step)

        def make(row: Row) -> dict[str, Any]:
            check_fields(address, self._index.row(address), row, fields)
            role = {"roleId": role_id} if role_id and not row.get("roleId") else {}
            return codecs.body({**row, **role, **fields})

        source = self._sources.own(step)
        return self._write(step, source, ("PUT", source.path), make)

    def delete(self, step: Step) -> None:
        """Delete an object; an object that is already gone is no error."""
        address, source = address_of(step), self._sources.own(step)

        def prepare(_is_retry: bool) -> LookedAt | None:
            try:
                row, shown = self._rows.of(step, source)
            except RejectedError as error:
                if error.status in GONE:
                    return None
                raise
            check_deletion(address, self._index.row(address), row)
            return LookedAt(None, shown.until, shown.slots)

        self._client.delete(source.path, prepare)

    def write_member(
        self, step: Step, method: str, path: str, body: Mapping[str, Any] | None
    ) -> None:
        """Write a membership; `body` is None to end it."""
        address, department = address_of(step), self._index.department_id(step)
        before = self._index.agent_settings(address)

        def make(row: Row) -> Mapping[str, Any] | None:
            check_membership(address, before, row, department, body)
            return body

        self._write(step, self._sources.settings(step), (method, path), make)

    def put_settings(self, step: Step, before: Row, fields: Mapping[str, Any]) -> None:
        """Write agent settings; `before` are those of the plan's reading."""

        def make(row: Row) -> Mapping[str, Any]:
            check_fields(address_of(step), before, row, fields)
            return fields

        source = self._sources.settings(step)
        self._write(step, source, ("PUT", source.path), make)

    def set_availability(self, step: Step, device: Row, value: str) -> None:
        """Set the availability of a device, unless the device already has it."""
        source = self._sources.device(step)
        wanted = {"preset_status": codecs.device_fields(device, value)["preset_status"]}

        def prepare(_is_retry: bool) -> LookedAt | None:
            row, shown = self._rows.of(step, source)
            check_fields(address_of(step), device, row, wanted)
            if codecs.is_available(row, value):
                return None
            body = codecs.body(codecs.device_fields(row, value))
            return LookedAt(body, shown.until, shown.slots)

        self._client.write("PUT", source.path, prepare)

    def post(
        self,
        step: Step,
        path: str,
        before: Row,
        wanted: Mapping[str, Any],
        params: Mapping[str, str],
    ) -> None:
        """Set fields of an object by a call that takes them as parameters."""

        def make(row: Row) -> None:
            check_fields(address_of(step), before, row, wanted)

        self._write(step, self._sources.own(step), ("POST", path), make, params)

    def look_at_hours(self, step: Step, is_retry: bool) -> HoursLook:
        """Look at the hours of a device in a department; a new agent has none.

        After `is_retry` they may be deleted, since an earlier try may have taken effect.
        """
        if not step.checked:
            return HoursLook((), math.inf, Slots())
        before, after = step.values["before"], step.values["after"]
        row, shown = self._rows.of(step, self._sources.hours(step), bool(before) + bool(after))
        shifts: Sequence[Row] = row["plans"]
        if shifts or not is_retry:
            check_hours(address_of(step), shifts, step.service, self._form, before, after)
        return HoursLook(shifts, shown.until, shown.slots)

    def set_services(self, steps: Sequence[Step], path: str, body: Mapping[str, Any]) -> None:
        """Set the services of several memberships with one call."""
        agents = [self._index.id(address_of(step)) for step in steps]

        def prepare(_is_retry: bool) -> LookedAt:
            rows, shown = self._rows.services(steps[0].look, agents)
            for step, row in zip(steps, rows, strict=True):
                department, before = self._index.department_id(step), step.values["before"]
                check_service(
                    address_of(step),
                    row,
                    department,
                    step.service,
                    before=before,
                    wanted=step.value,
                )
            return LookedAt(body, shown.until, shown.slots)

        self._client.write("PUT", path, prepare)

    def _write(
        self,
        step: Step,
        source: RowSource,
        call: tuple[str, str],
        make: Callable[[Row], Mapping[str, Any] | None],
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """Make a write that relies on a look, and return the content of its answer.

        Args:
            step: the step.
            source: the object to look at.
            call: method and path.
            make: compares the current row with the plan, and returns the body.
            params: query parameters.
        """

        def prepare(_is_retry: bool) -> LookedAt:
            row, shown = self._rows.of(step, source)
            return LookedAt(make(row), shown.until, shown.slots)

        return self._client.write(*call, prepare, params=params)
