"""Replaces the planned hours of a device in a department.

The API can only delete all shifts there and add new ones, so a refusal of the new ones must not
lose the old ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.pacing import Slots
from provisioner.liveagent.http.sending import LookedAt
from provisioner.liveagent.rows.codecs import device_number
from provisioner.liveagent.rows.device_hours import ShiftRow, copied_rows, shift_rows
from provisioner.liveagent.rows.row_checks import Row
from provisioner.model.hours_form import HoursForm

_BAD_REQUEST = {400, 422}


@dataclass(frozen=True, slots=True)
class HoursLook:
    """The shifts of a device in a department, as a look has shown them.

    Attributes:
        shifts: the shifts as the account has sent them, to be put back after a refusal; none if
            they were not read.
        until: the time after which no write may rely on them.
        slots: keep places below the limit per minute for the writes.
    """

    shifts: Sequence[ShiftRow]
    until: float
    slots: Slots


class HoursWriter:
    """Writes planned hours in the form of one account, from several threads at once."""

    def __init__(self, client: Client, form: HoursForm) -> None:
        self._client = client
        self._form = form

    def replace_hours(
        self,
        device: Row,
        department: str,
        week: Mapping[str, str],
        look: Callable[[bool], HoursLook],
        *,
        is_planned: bool,
    ) -> None:
        """Replace the shifts of a device in a department.

        Args:
            device: the device.
            department: the id of the department.
            week: the canonical week of the device's service; empty for no hours.
            look: looks at the present shifts, right before each try of the first write. It takes
                whether they may have been deleted by an earlier try.
            is_planned: whether the device has hours there now.

        Raises:
            TargetError: the new hours were not added, or may not have been.
        """
        number = device_number(device)
        path = f"/devices/{number}/departments/{quoted(department)}/plans"
        rows = shift_rows(week, number, department, self._form)
        body = {"DeviceDepartments": rows} if rows else None
        current: list[ShiftRow] = []
        slots = Slots()

        def prepare(is_retry: bool) -> LookedAt:
            nonlocal slots
            seen = look(is_retry)
            slots = seen.slots
            current[:] = current if is_retry else seen.shifts
            return LookedAt(None if is_planned else body, seen.until, seen.slots)

        if is_planned:
            self._client.delete(path, prepare)
        if body is None:
            return
        try:
            if is_planned:
                self._add(path, lambda: self._client.call("POST", path, body=body, slots=slots))
            else:
                self._add(path, lambda: self._client.write("POST", path, prepare, repeatable=False))
        except RejectedError as refusal:
            error = self._about(refusal)
            if is_planned:
                error = self._put_back(path, [*copied_rows(current, number, department)], error)
            raise error from refusal
        except TargetError as error:
            # The old hours are deleted, whether or not the new ones were added.
            error.uncertain = error.uncertain or is_planned
            raise

    def _add(self, path: str, add: Callable[[], object]) -> None:
        """Add shifts exactly once: before a retry, delete what the first try may have added."""
        is_retry = False

        def attempt() -> None:
            nonlocal is_retry
            if is_retry:
                self._client.delete(path)
            is_retry = True
            add()

        self._client.retries.run(attempt, lambda error: error.sent and error.uncertain)

    def _put_back(
        self, path: str, rows: Sequence[Mapping[str, Any]], refusal: RejectedError
    ) -> RejectedError:
        """Add the old shifts again, and return the error for the refusal of the new ones."""
        [problem] = refusal.diagnostics
        try:
            if not rows:
                raise RejectedError(
                    Diagnostic(code="target-error", summary="they were not read"), status=0
                )
            body = {"DeviceDepartments": rows}
            self._add(path, lambda: self._client.call("POST", path, body=body))
        except TargetError as error:
            summary = f"{problem.summary}; the former hours are deleted, and adding them again "
            failed = replace(problem, summary=f"{summary}failed: {error}")
            return _rejected(failed, refusal.status, uncertain=True)
        summary = f"{problem.summary}; the former hours are in place again"
        return _rejected(replace(problem, summary=summary), refusal.status, uncertain=False)

    def _about(self, refusal: RejectedError) -> RejectedError:
        """Return a refusal of new hours with the form that they had."""
        [problem] = refusal.diagnostics
        if refusal.status not in _BAD_REQUEST:
            return refusal
        hint = (
            f"the hours were sent with the days {self._form.described()} and times as "
            f"{self._form.times}; if the account has another form, set `hours` of the target in "
            "provisioner.yaml"
        )
        return _rejected(replace(problem, hint=hint), refusal.status, uncertain=refusal.uncertain)


def _rejected(problem: Diagnostic, status: int, *, uncertain: bool) -> RejectedError:
    error = RejectedError(problem, status)
    error.uncertain = uncertain
    return error
