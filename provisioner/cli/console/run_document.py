"""The result of an apply or undo as one JSON document, in place of the plan and the report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from provisioner.address import Address
from provisioner.cli.invocation import Invocation
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.execution.report import Report
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import apply_json
from provisioner.runs.record import Run


class Ended(StrEnum):
    """How an apply or undo has ended."""

    APPLIED = "applied"
    NOTHING_TO_CHANGE = "nothing-to-change"
    PREVIEW = "preview"
    DECLINED = "declined"
    REFUSED = "refused"
    STOPPED = "stopped"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(slots=True)
class RunDocument:
    """Collects the result of an apply or undo.

    Attributes:
        command: `apply` or `undo`.
        plan: the plan; None before there is one.
        not_restored: what an undo can't restore.
        still_declared: the objects of which the files still declare what an undo takes back; None
            if that is not known, and for an apply.
        ended: how the run has ended.
        run: the id of the record, and its hash; None without a record.
        report: what happened; None before the end of the steps.
    """

    command: str
    plan: Plan | None = None
    not_restored: Sequence[Diagnostic] = ()
    still_declared: Sequence[Address] | None = None
    ended: Ended = Ended.FAILED
    run: tuple[int, str] | None = None
    report: Report | None = None
    _record: Run | None = None

    def reported(self, report: Report) -> None:
        """Take the report of a run."""
        self.report = report
        if report.complete:
            self.ended = Ended.APPLIED if report.outcomes else Ended.NOTHING_TO_CHANGE
        else:
            self.ended = Ended.STOPPED if report.untouched else Ended.INCOMPLETE

    def recorded(self, record: Run) -> None:
        """Take the record of a run that a fault has ended after its first write."""
        self.run, self._record, self.ended = (record.id, record.hash), record, Ended.INCOMPLETE

    def text(self, plan: Plan, **more: object) -> str:
        """Return the document, with more keys at its end."""
        run_id, run_hash = self.run or (None, "")
        return apply_json.as_text(
            {
                "command": self.command,
                "outcome": self.ended.value,
                "target": plan.target,
                "run": run_id,
                "hash": run_hash or None,
                "still_declared": None
                if self.still_declared is None
                else [*map(str, self.still_declared)],
                **apply_json.as_data(plan, self.report, self._record, self.not_restored),
                **more,
            }
        )


@contextmanager
def printed_document(invocation: Invocation) -> Iterator[None]:
    """Print the document of a run when the block ends, if the run has one.

    Nothing is printed if the run ends before there is a plan: then standard error has the reason.
    """
    document = invocation.document
    try:
        yield
    except RefusedError:
        if document:
            document.ended = Ended.REFUSED
        raise
    finally:
        if document and document.plan:
            text = document.text(document.plan)
            if invocation.may_have_written:
                invocation.console.print_report(text, elsewhere=invocation.outcome)
            else:
                invocation.console.print_result(text)
