"""Carrying a plan out: alone on its target, with a record, and stopped by signals."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import click

from provisioner.address import fold
from provisioner.app.apply_plan import ExecutablePlan, Provider, apply_plan
from provisioner.cli.account.connection import Connection
from provisioner.cli.console.output import color_on, put_at_last, say, show_findings
from provisioner.cli.console.plan_formats import put_plan
from provisioner.cli.console.progress import Talk, progress_of
from provisioner.cli.exits import Exit, account_written, ending_signals, is_account_written, leave
from provisioner.cli.files.workspace import workspace
from provisioner.cli.run.actor import actor
from provisioner.diagnostics import Diagnostic, RefusedError, Severity, fault
from provisioner.execution.report import Outcome, Report
from provisioner.execution.run_control import RunControl
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.account_writer import LiveAgentWriter
from provisioner.liveagent.http.client import Client
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.scope import Unfinished
from provisioner.render.terminal import apply_report as report_text
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs.journal import Journal
from provisioner.runs.lock import only_run
from provisioner.runs.record import Actor, Ending
from provisioner.runs.store import RunStore


@dataclass(frozen=True, slots=True)
class ExclusiveRun:
    """A run that is alone on its target.

    Attributes:
        connection: to the account.
        store: of the records.
        actor: who runs it.
        command: `apply` or `undo`.
        unfinished: what runs before it created, with the fields still to come.
        killed: whether the run before it was killed.
    """

    connection: Connection
    store: RunStore
    actor: Actor
    command: str
    unfinished: Unfinished
    killed: bool

    def apply(self, plan: Plan, basis: Basis, live: LiveState) -> int:
        """Do what a plan says, report what was done, and return the exit code.

        Whatever goes wrong after the first write, the record is ended, and the exit code is 4.

        Args:
            plan: the plan.
            basis: what it relies on.
            live: the account as it is now.

        Raises:
            ProvisionerError: there can be no record; nothing was written.
        """
        # A run that finds the last one's work done says so in a record, or it stays unfinished.
        if not (plan.effective or self.unfinished or self.killed):
            return Exit.DONE
        with (
            self.store.begin() as journal,
            _stop_on_signal(self.connection.client, self.connection.talk) as stopping,
        ):
            journal.begin(
                plan,
                command=self.command,
                url=self.connection.url,
                actor=self.actor,
                unfinished=self.unfinished,
                roles=basis.roles,
            )
            try:
                return self._do_and_report(plan, basis, live, journal, stopping)
            except BaseException as error:
                journal.end_by(fault(error))
                if is_account_written():
                    self._report_record(journal.id)
                raise

    def _do_and_report(
        self,
        plan: Plan,
        basis: Basis,
        live: LiveState,
        journal: Journal,
        stopping: Callable[[], bool],
    ) -> int:
        look = f"provisioner runs show {journal.id} lists what was done."
        report = self._do(plan, basis, live, journal, _FirstWrite(look), stopping)
        report = replace(report, unrecorded=journal.end(report))
        code = _exit_of(report)
        if plan.effective:
            text = report_text.report(report, plan.open_steps, color=color_on(sys.stdout))
            put_at_last(text, elsewhere=look)
        account_written(code, look)
        return code

    def _report_record(self, run_id: int) -> None:
        """Show what the record holds in place of the report, which a fault has prevented."""
        with suppress(Exception):
            text = runs_text.details(self.store.load(run_id), color=color_on(sys.stdout))
            put_at_last(text, elsewhere="the record has it.")

    def _do(
        self,
        plan: Plan,
        basis: Basis,
        live: LiveState,
        journal: Journal,
        first_write: "_FirstWrite",
        stopping: Callable[[], bool],
    ) -> Report:
        client = self.connection.client
        role_ids = {fold(name): role_id for role_id, name in basis.roles.items()}
        writer = LiveAgentWriter(client, live, role_ids, basis.attachments)
        executable = ExecutablePlan(plan, basis)
        with progress_of(plan, executable.graph, self.connection.talk) as progress:
            control = RunControl(
                # The record first: a step that can't be recorded must not start.
                observers=(journal, progress, first_write),
                is_stopping=stopping,
                pause=client.retries.pause,
                announce=self.connection.talk.note,
            )
            return apply_plan(executable, Provider(LiveAgentReader(client), writer), control)


@dataclass(frozen=True, slots=True)
class _FirstWrite:
    """Fixes the exit code before the first call that writes; see `Observer`.

    Attributes:
        look: says where a user sees what was written.
    """

    look: str

    def started(self, steps: Sequence[Step]) -> None:
        """Learn which steps are about to start."""
        if any(step.operation.writes for step in steps):
            account_written(Exit.INCOMPLETE, self.look)

    def ended(self, outcome: Outcome) -> None:
        """Do nothing: what was written stays written."""


def _exit_of(report: Report) -> Exit:
    if report.complete:
        return Exit.DONE
    return Exit.ERROR if report.untouched else Exit.INCOMPLETE


@contextmanager
def exclusive_run(
    root: Path, connection: Connection, lock_timeout: float, command: str = "apply"
) -> Iterator[ExclusiveRun]:
    """Be the only run on a target of a project, and tell of one that was killed.

    Raises:
        RefusedError: another run is at work there.
        ProvisionerError: records and locks can't be kept.
    """
    folder, who = workspace(root), actor(root)
    account = connection.url or connection.name
    with only_run(folder, account, who, timeout=lock_timeout, tell=say):
        store = RunStore(folder)
        last = store.last(connection.name, connection.url, _warn)
        killed = last is not None and last.ending is Ending.KILLED
        if last and killed:
            say(runs_text.killed(last))
        unfinished = last.unfinished() if last else {}
        yield ExclusiveRun(connection, store, who, command, unfinished, killed)


def _warn(finding: Diagnostic) -> None:
    show_findings((replace(finding, severity=Severity.WARNING),))


def show(plan: Plan) -> None:
    """Show a plan.

    Raises:
        RefusedError: the plan may not be applied.
    """
    put_plan(plan, "text")
    if plan.refused:
        raise RefusedError(*plan.refused)


def approved(plan: Plan, connection: Connection, *, yes: bool) -> bool:
    """Show a plan and ask, where there is something to ask about.

    Raises:
        RefusedError: the plan may not be applied.
    """
    show(plan)
    if yes or not plan.effective:
        return True
    if click.confirm(f"Apply this to {connection.name}?", err=True):
        return True
    say("Not applied; nothing was written.")
    return False


@contextmanager
def _stop_on_signal(client: Client, talk: Talk) -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether the run was asked to stop.

    The first Ctrl-C or SIGTERM asks: what is under way is finished and nothing new is started.
    The second ends the process at once.

    Args:
        client: ends all waiting for the account.
        talk: tells of it.
    """
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            talk.note("Stopped at once. Running apply again does the rest.")
            leave(Exit.INCOMPLETE)
        asked = True
        talk.note("Stopping: what is under way is finished, nothing new is started.")
        client.stop()

    signals = (signal.SIGINT, *ending_signals())
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield lambda: asked
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
