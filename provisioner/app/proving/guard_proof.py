"""Plans each known mistake, and finds what stops it."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from provisioner.app.account_reading import check_still_true
from provisioner.app.earlier_files import files_of_project
from provisioner.app.make_plan import Planned, PlanOptions, make_plan
from provisioner.app.open_project import Project, open_project
from provisioner.app.proving.account_mistakes import ACCOUNT_MISTAKES
from provisioner.app.proving.file_mistakes import FILE_MISTAKES
from provisioner.app.proving.group_mistakes import GROUP_MISTAKES
from provisioner.app.proving.people_mistakes import PEOPLE_MISTAKES
from provisioner.app.proving.project_copy import Case, Injected, Make, NotApplicableError
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, Severity
from provisioner.documents import IsShared
from provisioner.live.reader_protocol import Reader
from provisioner.live.snapshot_file import Snapshot
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.proving.catalogue import CATALOGUE, MUST_STOP, KnownMistake
from provisioner.planning.proving.proof import GuardProof, MistakeOutcome, Stop, Verdict

MAKERS: dict[str, Make] = {
    **FILE_MISTAKES,
    **PEOPLE_MISTAKES,
    **GROUP_MISTAKES,
    **ACCOUNT_MISTAKES,
}
"""Mistake to the function that makes it."""

FailingReader = Callable[[str], AbstractContextManager[Reader]]
"""Returns a reader of the same account with answers that fail in one way.

Raises:
    NotApplicableError: this machine can't make answers fail.
"""


def prove(
    project: Project,
    stored: Snapshot,
    options: PlanOptions,
    is_shared: IsShared,
    failing: FailingReader,
) -> GuardProof:
    """Return what becomes of each known mistake in a project. Nothing is written.

    Args:
        project: the project, with the values of the day.
        stored: the account.
        options: the options of a plan.
        is_shared: which files outside of the project it may link to.
        failing: returns a reader that fails.

    Raises:
        ProvisionerError: the project can't be planned as it is.
    """
    target = options.target
    options = replace(options, applied_files=files_of_project(project, target, "the project"))
    case = Case.of(project, target, stored.live, is_shared)
    calm = _Planned.of(make_plan(project, stored, options))
    judge = _Judge(case, stored, options, calm, failing)
    demanded = project.settings.must_stop
    must = MUST_STOP if demanded is None else demanded
    verdicts = [replace(judge.verdict(one), must_stop=one.name in must) for one in CATALOGUE]
    return GuardProof(target, options.snapshot_time, verdicts)


@dataclass(frozen=True, slots=True)
class _Planned:
    """The parts of a plan that a mistake may change."""

    refused: frozenset[tuple[str, str]]
    warned: frozenset[tuple[str, str]]
    changes: dict[tuple[str, str], object]
    released: int
    approvals: int

    @classmethod
    def of(cls, planned: Planned) -> "_Planned":
        plan = planned.plan
        return cls(
            _texts(plan.refused),
            _texts((*planned.warnings, *plan.warnings)),
            _changes(plan),
            len(plan.released),
            plan.approvals.required if plan.approvals else 0,
        )


def _texts(findings: Iterable[Diagnostic]) -> frozenset[tuple[str, str]]:
    return frozenset((one.code, one.summary) for one in findings)


def _changes(plan: Plan) -> dict[tuple[str, str], object]:
    return {(str(one.address), one.action.value): one.after for one in plan.effective}


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the mistakes of one project; see `prove`."""

    case: Case
    stored: Snapshot
    options: PlanOptions
    calm: _Planned
    failing: FailingReader

    def verdict(self, mistake: KnownMistake) -> Verdict:
        """Return what becomes of a mistake."""
        try:
            injected = MAKERS[mistake.name](self.case)
            return self._judged(mistake, injected)
        except NotApplicableError as error:
            return Verdict(mistake, MistakeOutcome.NOT_APPLICABLE, reason=str(error))

    def _judged(self, mistake: KnownMistake, injected: Injected) -> Verdict:
        command = "validate"
        try:
            project = self._opened(injected)
            command = "plan"
            planned = self._planned(project, injected)
            refused = [one for one in planned.plan.refused if self._is_new(one)]
            if not refused and injected.later:
                command = "apply"
                later = replace(self.stored, live=injected.later)
                check_still_true(planned.plan, planned.basis, later)
        except ProvisionerError as error:
            refused = [one for one in error.diagnostics if one.severity is Severity.ERROR]
            return Verdict(mistake, MistakeOutcome.STOPPED, _stops(refused, command))
        if refused:
            return Verdict(mistake, MistakeOutcome.STOPPED, _stops(refused, command))
        return self._not_refused(mistake, planned)

    def _opened(self, injected: Injected) -> Project:
        case = self.case
        project = open_project(case.project.root, case.is_shared, injected.unsaved)
        day = case.project.desired.day
        if day is None:
            raise InvalidProjectError(*project.findings)
        return project.on(day)

    def _planned(self, project: Project, injected: Injected) -> Planned:
        if injected.fault:
            with self.failing(injected.fault) as reader:
                return make_plan(project, reader, self.options)
        live = injected.account or self.stored.live
        return make_plan(project, replace(self.stored, live=live), self.options)

    def _is_new(self, finding: Diagnostic) -> bool:
        return (finding.code, finding.summary) not in self.calm.refused

    def _not_refused(self, mistake: KnownMistake, planned: Planned) -> Verdict:
        result, calm = _Planned.of(planned), self.calm
        changes = [
            change
            for change, after in result.changes.items()
            if change not in calm.changes or calm.changes[change] != after
        ]
        shown = sorted({code for code, _ in result.warned - calm.warned})
        if result.released > calm.released:
            shown.append("released")
        if result.approvals > calm.approvals:
            shown.append(f"approvals={result.approvals}")
        outcome = MistakeOutcome.SLIPPED if changes else MistakeOutcome.HARMLESS
        return Verdict(mistake, outcome, changes=changes, shown=shown)


def _stops(findings: Iterable[Diagnostic], command: str) -> list[Stop]:
    """Return the first finding of each code, and of each rule of the team."""
    stops: dict[tuple[str, str], Stop] = {}
    for one in findings:
        stop = Stop(one.code, one.summary.splitlines()[0], command, one.rule)
        stops.setdefault((one.code, one.rule), stop)
    return list(stops.values())
