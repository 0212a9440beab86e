"""Writes the record of a run while it happens.

A step is sent only after its start is on the disk. A step that can't be recorded must not start,
so a full disk stops the run in the same way as Ctrl-C does. The first line holds the hashes of
earlier records, and the last one the hash of everything before it; see `chain`.
"""

import hashlib
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
from provisioner.live.recorded_facts import NOTHING_RECORDED, RecordedFacts
from provisioner.planning.access.managed import ManagedObjects
from provisioner.planning.changes import Action
from provisioner.planning.desired_on_account import Unfinished
from provisioner.planning.plans.change_json import change_data
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data
from provisioner.redaction import redact
from provisioner.runs.owner_only import open_own_file
from provisioner.runs.record import Actor, Ending, Link, effect
from provisioner.runs.record_lines import FORMAT_VERSION
from provisioner.system import sync_folder


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Journal:
    """Appends to the record of one run; an `Observer` of the run.

    Attributes:
        id: the number of the run.
        hash: the hash in the last line; "" as long as there is none.
    """

    def __init__(
        self,
        file: Path,
        run_id: int,
        *,
        previous: Sequence[Link] = (),
        clock: Callable[[], str] = now,
    ) -> None:
        """Create the file of a record.

        Raises:
            OSError: the file can't be created.
        """
        self.id = run_id
        self.hash = ""
        self._previous = previous
        self._content = hashlib.sha256()
        self._file = file
        self._clock = clock
        self._problem: OSError | None = None
        self._changes: dict[str, Any] = {}
        self._known = RecordedFacts()
        self._ended = False
        self._out = open_own_file(file, os.O_APPEND | os.O_EXCL)
        self._length = 0

    def __enter__(self) -> Self:
        """Return the journal itself."""
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
        known: RecordedFacts = NOTHING_RECORDED,
        managed: ManagedObjects | None = None,
        allowed: Mapping[str, int | str] | None = None,
    ) -> None:
        """Record the start of a run.

        `unfinished` are objects that earlier runs created, with the fields still to be written.
        `allowed` is what the option `--allow` permits the run.

        Raises:
            ProvisionerError: the record can't be written.
        """
        self._changes = {str(change.address): change for change in plan.effective}
        self._known = known
        new, outside = _unfinished_of(plan, unfinished or {})
        self._append(
            "run",
            format_version=FORMAT_VERSION,
            id=self.id,
            previous=[asdict(link) for link in self._previous],
            command=command,
            target=plan.target,
            url=url,
            actor=asdict(actor),
            plan=plan_data(plan)["checksum"],
            roles=dict(roles or {}),
            new=_named(new),
            left=_named(outside),
            facts=asdict(known),
            resource_changes=[change_data(change) for change in plan.effective],
            **({} if managed is None else {"managed": managed}),
            **({"allowed": dict(allowed)} if allowed else {}),
        )
        self._sync()
        self._sync_folder()
        if self._problem:
            # Nothing was written yet, so nobody needs this record.
            with suppress(OSError):
                self._file.unlink()
        self._raise_problem()

    def started(self, steps: Sequence[Step]) -> None:
        """Record the steps that are about to start, and wait until the disk has them."""
        entries = []
        for step in steps:
            before, after = effect(step, self._changes.get(str(step.address)))
            entries.append({"step": step.id, "before": before, "after": after})
        self._append("started", steps=entries)
        self._sync()
        self._raise_problem()

    def ended(self, outcome: Outcome) -> None:
        """Record the end of a step. It is on the disk after the next start, or at the end."""
        self._append(
            "step",
            step=outcome.step.id,
            status=outcome.status.value,
            error=outcome.error.summary if outcome.error else outcome.because,
            uncertain=outcome.uncertain,
        )

    def end(self, report: Report) -> Diagnostic | None:
        """Record the end of the run.

        Returns:
            The reason why the record is incomplete, or None.
        """
        remarks = [value.diagnostic.summary for value in report.not_applied]
        remarks += [reason.summary for reason in (report.stopped, report.unverified) if reason]
        if self._problem:
            remarks.append(self._finding().summary)
        complete = report.complete and not self._problem
        self._known = self._known.updated(report.facts)
        return self._end(Ending.COMPLETE if complete else Ending.INCOMPLETE, remarks)

    def end_by(self, reason: Diagnostic) -> None:
        """Record that a run ended without a report, unless its end is already recorded."""
        if not self._ended:
            self._end(Ending.INCOMPLETE, [reason.summary])

    def _end(self, ending: Ending, remarks: Sequence[str]) -> Diagnostic | None:
        self._append("end", ending=ending.value, remarks=[*remarks], facts=asdict(self._known))
        self._ended = True
        self._sync()
        if self._problem:
            self.hash = ""
            return self._finding()
        return None

    def _append(self, event: str, **content: Any) -> None:
        entry = {"event": event, "at": self._clock(), **content}
        text = redact(json.dumps(entry, ensure_ascii=False, separators=(",", ":"))) + "\n"
        # UTF-8 has no lone surrogates, which texts of an account may contain; JSON escapes them.
        line = text.encode(errors="backslashreplace")
        if event == "end":
            line, self.hash = _sealed(line, self._content)
        try:
            written = 0
            while written < len(line):
                written += os.write(self._out, line[written:])
            self._length += len(line)
            self._content.update(line)
        except OSError as problem:
            self._problem = self._problem or problem
            # Half a line would make later lines unreadable.
            with suppress(OSError):
                os.ftruncate(self._out, self._length)

    def _sync(self) -> None:
        try:
            os.fsync(self._out)
        except OSError as problem:
            self._problem = self._problem or problem

    def _sync_folder(self) -> None:
        """Wait until the disk has the name of the new file."""
        try:
            sync_folder(self._file.parent)
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
            hint="free disk space or allow writing there",
        )


def _sealed(line: bytes, content: "hashlib._Hash") -> tuple[bytes, str]:
    """Return the last line with the hash of everything before that hash, and the hash."""
    start = line.removesuffix(b"}\n") + b',"hash":"'
    digest = content.copy()
    digest.update(start)
    return start + digest.hexdigest().encode() + b'"}\n', digest.hexdigest()


def _unfinished_of(plan: Plan, unfinished: Unfinished) -> tuple[Unfinished, Unfinished]:
    """Return the objects that a run creates or finishes, and those that its plan leaves out."""
    created = {
        change.address: frozenset(change.after or {})
        for change in plan.effective
        if change.action is Action.CREATE
    }
    planned = {change.address for change in plan.changes}
    outside = {address: names for address, names in unfinished.items() if address not in planned}
    return {**unfinished, **created}, outside


def _named(fields: Unfinished) -> dict[str, list[str]]:
    return {str(address): sorted(names) for address, names in fields.items()}
