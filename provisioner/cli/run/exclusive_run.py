"""Applies a plan: alone on its target, with a record, and until a signal asks it to stop."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from provisioner.address import fold
from provisioner.app.apply_plan import ExecutablePlan, Provider, apply_plan
from provisioner.app.open_project import Configured
from provisioner.cli.account.connection import Connection
from provisioner.cli.console.confirmation import confirm_plan, print_plan_to_apply
from provisioner.cli.console.progress import progress_of
from provisioner.cli.files.workspace import workspace
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.run.freeze_check import NOTHING_ALLOWED, Allowances, refuse_frozen
from provisioner.cli.run.interruption import stop_on_signals
from provisioner.cli.run.shared_run import current_actor, shared_lock
from provisioner.diagnostics import fault
from provisioner.execution.report import Outcome, Report
from provisioner.execution.run_control import RunControl
from provisioner.execution.steps import Step
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.account_writer import LiveAgentWriter
from provisioner.model.settings import Settings
from provisioner.planning.desired_on_account import Unfinished
from provisioner.planning.manual.left_open import left_open
from provisioner.planning.manual.new_agents import recorded_with
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.terminal import apply_report as report_text
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs.journal import Journal
from provisioner.runs.lock import only_run
from provisioner.runs.record import Actor, Ending, Run
from provisioner.runs.shared_lock import SharedLock
from provisioner.runs.store import RunStore


@dataclass(frozen=True, slots=True)
class ExclusiveRun:
    """The only run on a target while it lasts.

    Attributes:
        invocation: the output and the exit code.
        settings: the settings of the project.
        connection: the connection to the account.
        store: the records of runs.
        actor: the person and the machine, for the record.
        command: `apply` or `undo`.
        unfinished: objects that earlier runs created, with the fields that are still to be set.
        killed: whether the previous run was killed.
        recorded: facts about the account from earlier runs.
        applied: the last complete apply on the account, if any.
        lock: the lock that other machines respect, if the project has a place for it.
        allowed: what the option `--allow` permits the run.
    """

    invocation: Invocation
    settings: Settings
    connection: Connection
    store: RunStore
    actor: Actor
    command: str
    unfinished: Unfinished
    killed: bool
    recorded: RecordedFacts
    applied: Run | None = None
    lock: SharedLock | None = None
    allowed: Allowances = NOTHING_ALLOWED

    def confirm(self, plan: Plan, *, yes: bool) -> bool:
        """Print a plan and return whether to apply it; see `confirm_plan`.

        Raises:
            RefusedError: the plan may not be applied, or not now.
        """
        print_plan_to_apply(self.invocation, plan)
        self._check_freeze(plan)
        return confirm_plan(self.invocation, plan, yes=yes)

    def _check_freeze(self, plan: Plan) -> None:
        refuse_frozen(self.invocation, self.settings, plan, self.command, self.allowed)

    def apply(self, executable: ExecutablePlan, again: str = "") -> int:
        """Apply a plan, print the report, and return the exit code.

        `again` is how to do what an incomplete run misses; "": run the same command again.

        After the first write, any failure ends the record and gives the exit code 4.

        Raises:
            ProvisionerError: the record can't be written; nothing was written to the account.
        """
        plan = executable.plan
        known = self._known(plan, executable.basis)
        if not (plan.effective or self._needs_record(executable.basis, known)):
            return Exit.DONE
        self._check_freeze(plan)  # the answer to the question may have taken its time
        client, notes = self.connection.client, self.connection.notes
        with (
            self.store.begin(self._account) as journal,
            stop_on_signals(client.stop, notes.note, request=self.invocation.stop) as stopping,
        ):
            journal.begin(
                plan,
                command=self.command,
                url=self.connection.url,
                actor=self.actor,
                unfinished=self.unfinished,
                roles=executable.basis.roles,
                known=known,
                managed=executable.basis.managed,
                allowed=self.allowed.as_data(),
            )
            try:
                return self._apply_and_report(executable, journal, stopping, again)
            except BaseException as error:
                journal.end_by(fault(error))
                if self.invocation.may_have_written:
                    self._print_record(journal.id)
                raise
            finally:
                self.invocation.interrupted = stopping()

    @property
    def _account(self) -> str:
        return self.connection.url or self.connection.name

    def _known(self, plan: Plan, basis: Basis) -> RecordedFacts:
        """Return the facts for the record. An undo changes nothing of what people have to do."""
        known = recorded_with(self.recorded, plan.changes, plan.manual_steps)
        if basis.managed is None:
            return known
        steps = left_open(known.left_open, plan.changes, plan.manual_steps, basis.managed)
        return replace(known, left_open=steps)

    def _needs_record(self, basis: Basis, known: RecordedFacts) -> bool:
        """Return whether a run without changes needs a record.

        After an unfinished run, it shows that the work of that run is done. After an edit of the
        files, it shows what they set: a later plan can then name what they set no more. After
        manual work, it shows that this was done: a later loss is then a change of the account.
        """
        applied = self.applied.managed if self.applied else None
        is_new = basis.managed is not None and basis.managed != applied
        is_new |= known.left_open != self.recorded.left_open
        return bool(self.unfinished or self.killed or is_new)

    def _apply_and_report(
        self,
        executable: ExecutablePlan,
        journal: Journal,
        stopping: Callable[[], bool],
        again: str,
    ) -> int:
        outcome = f"provisioner runs show {journal.id} lists what was done."
        first_write = _FirstWrite(self.invocation, outcome)
        report = self._apply(executable, journal, first_write, stopping)
        requests = self.connection.client.meter.statistics()
        report = replace(report, unrecorded=journal.end(report), requests=requests)
        code = _exit_of(report)
        if document := self.invocation.document:
            document.run = journal.id, journal.hash
            document.reported(report)
        if executable.plan.effective:
            if document is None:
                color = self.invocation.console.color
                again = again or f"Run {self.command} again"
                text = report_text.report(report, executable.plan, color=color, again=again)
                self.invocation.console.print_report(text, elsewhere=outcome)
            if journal.hash:
                self.invocation.console.print_tip(runs_text.head(journal.id, journal.hash))
            if note := report_text.learned(report.facts, executable.basis.roles):
                self.invocation.console.print_tip(note)
        self.invocation.fix_exit_code(code, outcome)
        return code

    def _print_record(self, run_id: int) -> None:
        """Print the record in place of a report that a fault has prevented."""
        with suppress(Exception):
            record = self.store.load(run_id)
            if self.invocation.document:
                self.invocation.document.recorded(record)
                return
            text = runs_text.details(record, color=self.invocation.console.color)
            self.invocation.console.print_report(text, elsewhere="the record has it.")

    def _apply(
        self,
        executable: ExecutablePlan,
        journal: Journal,
        first_write: "_FirstWrite",
        stopping: Callable[[], bool],
    ) -> Report:
        client, notes = self.connection.client, self.connection.notes
        plan, basis = executable.plan, executable.basis
        role_ids = {fold(name): role_id for role_id, name in basis.roles.items()}
        writer = LiveAgentWriter(client, executable.live, role_ids, basis.attachments)
        with progress_of(plan, executable.graph, self.invocation.console, notes) as progress:
            control = RunControl(
                # The lock comes first, and then the record: without them, no step may start. The
                # exit code comes last: it changes only if all others let the step start.
                observers=(*([self.lock] if self.lock else []), journal, progress, first_write),
                is_stopping=stopping,
                pause=client.retries.pause,
                announce=notes.tip,
                lag_seconds=client.capabilities["list_lag_seconds"],
            )
            provider = Provider(LiveAgentReader(client), writer)
            concurrency = self.connection.parallelism
            return apply_plan(executable, provider, control, concurrency=concurrency)


@dataclass(frozen=True, slots=True)
class _FirstWrite:
    """Fixes the exit code before the first step that writes; an observer of the apply.

    Attributes:
        invocation: holds the exit code.
        outcome: the end of a sentence that names where to look up what was written.
    """

    invocation: Invocation
    outcome: str

    def started(self, steps: Sequence[Step]) -> None:
        """Fix the exit code if one of the steps writes."""
        if any(step.operation.writes for step in steps):
            self.invocation.fix_exit_code(Exit.INCOMPLETE, self.outcome)

    def ended(self, outcome: Outcome) -> None:
        """Do nothing: a write can't be taken back."""


def _exit_of(report: Report) -> Exit:
    if report.complete:
        return Exit.DONE
    return Exit.ERROR if report.untouched else Exit.INCOMPLETE


@contextmanager
def exclusive_run(
    invocation: Invocation,
    project: Configured,
    connection: Connection,
    lock_timeout: float,
    command: str = "apply",
    allowed: Allowances = NOTHING_ALLOWED,
    starter: Actor | None = None,
) -> Iterator[ExclusiveRun]:
    """Hold the lock of a target, and print a note if the previous run on it was killed.

    `lock_timeout` is the number of seconds to wait for another run to end, `allowed` is what the
    run may do in spite of a freeze, and `starter` is who has started it on another machine.

    Raises:
        RefusedError: another run is still at work on the target, or the place of the lock that
            the project shares with other machines can't be used.
        ProvisionerError: records and locks can't be written.
    """
    console = invocation.console
    root = project.root
    folder, actor = workspace(root), current_actor(root, starter)
    account = connection.url or connection.name

    own = only_run(folder, account, actor, timeout=lock_timeout, announce=console.print_note)
    shared = shared_lock(
        project.settings.lock,
        root,
        connection.url,
        actor,
        timeout=lock_timeout,
        announce=console.print_note,
    )
    with own, shared as lock:
        if lock:
            connection.client.guard_by(lock.guard)
        store = RunStore(folder)
        last = store.last(connection.name, connection.url, console.print_warning)
        killed = last is not None and last.ending is Ending.KILLED
        if last and killed:
            console.print_note(runs_text.killed(last))
        yield ExclusiveRun(
            invocation,
            project.settings,
            connection,
            store,
            actor,
            command,
            unfinished=last.unfinished() if last else {},
            killed=killed,
            recorded=last.facts() if last else RecordedFacts(),
            applied=store.last_applied(last),
            lock=lock,
            allowed=allowed,
        )
