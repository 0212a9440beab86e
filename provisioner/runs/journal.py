"""Writing the record of a run while it happens.

Nothing is sent before the disk has what is about to happen. What cannot be recorded must not be
started: a full disk stops the run like an interrupt does.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.execution.report import Outcome, Report
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action
from provisioner.planning.desired_on_account import Unfinished
from provisioner.planning.plans.plan_data import Plan, change_data
from provisioner.redaction import redact
from provisioner.runs.owner_only import open_own_file
from provisioner.runs.record import FORMAT_VERSION, Actor, Ending, effect


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Journal:
    """Appends to one record; see `provisioner.execution.executor.Observer`."""

    def __init__(self, file: Path, run_id: int, *, clock: Callable[[], str] = now) -> None:
        """Begin a record.

        Args:
            file: where to; it must not exist.
            run_id: the run's number.
            clock: tells the time.

        Raises:
            OSError: the file can't be made.
        """
        self.id = run_id
        self._file = file
        self._clock = clock
        self._problem: OSError | None = None
        self._changes: dict[str, Any] = {}
        self._ended = False
        self._out = open_own_file(file, os.O_APPEND | os.O_EXCL)
        self._length = 0

    def __enter__(self) -> Self:
        """Use it until the end of a run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        with suppress(OSError):
            os.close(self._out)

    def begin(
        self,
        plan: Plan,
        *,
        command: str,
        url: str,
        actor: Actor,
        unfinished: Unfinished | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        """Record who is about to do what.

        Args:
            plan: what.
            command: `apply` or `undo`.
            url: the account's address.
            actor: who.
            unfinished: what runs before this one created, with the fields still to come.
            roles: role id to name, where the API lists no roles.

        Raises:
            ProvisionerError: it can't be recorded.
        """
        self._changes = {str(change.address): change for change in plan.effective}
        new, left = _new(plan, unfinished or {})
        self._append(
            "run",
            format_version=FORMAT_VERSION,
            id=self.id,
            command=command,
            target=plan.target,
            url=url,
            actor=asdict(actor),
            plan=plan.as_data()["checksum"],
            roles=dict(roles or {}),
            new=_named(new),
            left=_named(left),
            resource_changes=[change_data(change) for change in plan.effective],
        )
        self._sync()
        self._sync_folder()
        if self._problem:
            # Nothing was written yet, so there is nothing to be known of this run.
            with suppress(OSError):
                self._file.unlink()
        self._raise_problem()

    def started(self, steps: Sequence[Step]) -> None:
        """Record what is about to be sent, and see that the disk has it."""
        entries = []
        for step in steps:
            before, after = effect(step, self._changes.get(str(step.address)))
            entries.append({"step": step.id, "before": before, "after": after})
        self._append("started", steps=entries)
        self._sync()
        self._raise_problem()

    def ended(self, outcome: Outcome) -> None:
        """Record how a step ended. The next start, or the end, sees that the disk has it."""
        self._append(
            "step",
            step=outcome.step.id,
            status=outcome.status.value,
            error=outcome.error.summary if outcome.error else outcome.because,
            uncertain=outcome.uncertain,
        )

    def end(self, report: Report) -> Diagnostic | None:
        """Record how the run ended.

        Returns:
            What is missing from the record, if anything is.
        """
        remarks = [value.finding.summary for value in report.not_applied]
        remarks += [found.summary for found in (report.stopped, report.unverified) if found]
        if self._problem:
            remarks.append(self._finding().summary)
        complete = report.complete and not self._problem
        return self._end(Ending.COMPLETE if complete else Ending.INCOMPLETE, remarks)

    def end_by(self, reason: Diagnostic) -> None:
        """Record that a run has ended without a report, unless its end is recorded already."""
        if not self._ended:
            self._end(Ending.INCOMPLETE, [reason.summary])

    def _end(self, ending: Ending, remarks: Sequence[str]) -> Diagnostic | None:
        self._append("end", ending=ending.value, remarks=[*remarks])
        self._ended = True
        self._sync()
        return self._finding() if self._problem else None

    def _append(self, event: str, **content: Any) -> None:
        entry = {"event": event, "at": self._clock(), **content}
        text = redact(json.dumps(entry, ensure_ascii=False, separators=(",", ":"))) + "\n"
        # A lone surrogate in an account's text is no UTF-8; JSON can spell it out.
        line = text.encode(errors="backslashreplace")
        try:
            written = 0
            while written < len(line):
                written += os.write(self._out, line[written:])
            self._length += len(line)
        except OSError as problem:
            self._problem = self._problem or problem
            # Half a line would spoil the lines behind it, once the disk takes them again.
            with suppress(OSError):
                os.ftruncate(self._out, self._length)

    def _sync(self) -> None:
        try:
            os.fsync(self._out)
        except OSError as problem:
            self._problem = self._problem or problem

    def _sync_folder(self) -> None:
        """See that the disk knows the new file by its name, too."""
        try:
            descriptor = os.open(self._file.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            self._problem = self._problem or problem

    def _raise_problem(self) -> None:
        if self._problem:
            raise ProvisionerError(self._finding())

    def _finding(self) -> Diagnostic:
        reason = self._problem.strerror if self._problem else ""
        return Diagnostic(
            code="run-record-unwritable",
            summary=f"the record {self._file} can't be written: {reason}",
            hint="make room or allow writing there, and run again: it does the rest",
        )


def _new(plan: Plan, unfinished: Unfinished) -> tuple[Unfinished, Unfinished]:
    """Return what a run creates or is to finish, and what of that it does not look at."""
    created = {
        change.address: frozenset(change.after or {})
        for change in plan.effective
        if change.action is Action.CREATE
    }
    seen = {change.address for change in plan.changes}
    left = {address: names for address, names in unfinished.items() if address not in seen}
    return {**unfinished, **created}, left


def _named(fields: Unfinished) -> dict[str, list[str]]:
    return {str(address): sorted(names) for address, names in fields.items()}
