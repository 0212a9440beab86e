"""Applies a plan to embedded accounts: once without failures, and once for each failure.

The runs are those of `apply`, with records of their own in a temporary folder. After a
kill, no further request has an effect, and the record of the run ends at that moment.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from provisioner.address import Identity
from provisioner.app.apply_plan import ExecutablePlan
from provisioner.app.make_plan import Planned, PlanOptions, make_plan
from provisioner.app.open_project import Project
from provisioner.cli.account.connection import Connection
from provisioner.cli.console.output import Console
from provisioner.cli.files.earlier_versions import applied_files
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.offline.embedded_account import EmbeddedAccount, embedded_account
from provisioner.cli.run.exclusive_run import ExclusiveRun
from provisioner.cli.run.shared_run import current_actor
from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.snapshot_file import Snapshot
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.proving.rehearsal import (
    Injection,
    Rehearsal,
    RehearsedRun,
    Round,
    injections,
)
from provisioner.runs.record import Ending, Run
from provisioner.runs.store import RunStore
from provisioner.suggestions import shown_names

MOST_RUNS = 4
"""Runs of a round; a failure that needs more of them is a problem."""

Attributes = Mapping[Identity, Mapping[str, Any]]


class SilentConsole(Console):
    """Prints nothing: the rehearsal has a report of its own."""

    @staticmethod
    def print_result(text: str) -> None:
        """Print nothing."""

    def print_note(self, text: str) -> None:
        """Print nothing."""

    def print_diagnostics(self, findings: Any, path: str = ".") -> None:
        """Print nothing."""


@dataclass(frozen=True, slots=True)
class Rehearser:
    """Rehearses the plan of one project.

    Attributes:
        project: the project.
        stored: the snapshot that each account begins with.
        options: the options of the plan.
    """

    project: Project
    stored: Snapshot
    options: PlanOptions

    def rehearse(self, number: int) -> Rehearsal:
        """Return the result of an apply without failures, and of as many with one.

        Raises:
            RefusedError: the plan is refused; nothing was applied.
            ProvisionerError: there is no plan, or no account can be made from the snapshot.
        """
        plan = make_plan(self.project, self.stored, self.options).plan
        if plan.refused:
            raise RefusedError(*plan.refused)
        calm, state, writes, later = self._round(None, None)
        rounds = [calm]
        if not calm.problem and writes:
            rounds += [self._round(one, state)[0] for one in injections(number, writes)]
        return Rehearsal(plan, rounds, number, later)

    def _round(
        self, injection: Injection | None, wanted: Attributes | None
    ) -> tuple[Round, Attributes, int, int]:
        """Return a round, its last state, the writes of it, and the open manual steps."""
        settings, target = self.project.settings, self.options.target
        known, desired = settings.capabilities_of(target), self.project.desired_for(target)
        with tempfile.TemporaryDirectory(prefix="provisioner-") as name:
            folder = Path(name)
            with embedded_account(folder, self.stored, desired, known) as account:
                runs, problem = self._runs(account, folder, injection)
                writes = account.faults.writes
                second = EmbeddedRun(self, account, folder / "records").plan()
        state = {key: live.attributes for key, live in second.live.objects.items()}
        problem = problem or _not_empty(second) or _other_end(state, wanted)
        later = len(second.plan.open_steps)
        return Round(injection, account.faults.hit, runs, problem), state, writes, later

    def _runs(
        self, account: EmbeddedAccount, folder: Path, injection: Injection | None
    ) -> tuple[list[RehearsedRun], str]:
        """Apply until a run is complete; return the runs, and why none was complete."""
        records, saved = folder / "records", folder / "saved"
        account.faults.inject(injection, partial(_copy, records, saved))
        runs: list[RehearsedRun] = []
        problem = ""
        while len(runs) < MOST_RUNS:
            before = account.faults.requests
            code, problem = EmbeddedRun(self, account, records).apply()
            sent = account.faults.requests - before
            if account.faults.killed:
                shutil.rmtree(records)
                saved.rename(records)
                code = None
            runs.append(RehearsedRun(code, sent))
            account.faults.calm()
            if code == Exit.DONE:
                return runs, ""
        return runs, problem or _failed_step(
            RunStore(records).last(self.options.target, self.options.url)
        )


@dataclass(frozen=True, slots=True)
class EmbeddedRun:
    """One run on an embedded account, with its records in a folder."""

    rehearser: Rehearser
    account: EmbeddedAccount
    records: Path

    def plan(self) -> Planned:
        """Return a plan for the account as it is, as `provisioner plan` makes it."""
        console = SilentConsole(quiet=True)
        with self.account.connected(console, self.rehearser.options) as connection:
            return self._planned(connection, RunStore(self.records))[0]

    def apply(self) -> tuple[int | None, str]:
        """Apply the project; return the exit code, and the error of a run that has no report."""
        invocation = Invocation(SilentConsole(quiet=True))
        project, options = self.rehearser.project, self.rehearser.options
        try:
            with self.account.connected(invocation.console, options) as connection:
                store = RunStore(self.records)
                planned, run = self._planned(connection, store)
                if planned.plan.refused:
                    raise RefusedError(*planned.plan.refused)
                last = store.last(options.target, options.url)
                consent = replace(project.settings.consent, windows=())
                exclusive = ExclusiveRun(
                    invocation,
                    replace(project.settings, consent=consent),
                    connection,
                    store,
                    current_actor(project.root),
                    "apply",
                    unfinished=run.unfinished,
                    killed=last is not None and last.ending is Ending.KILLED,
                    recorded=run.recorded,
                    applied=store.last_applied(last),
                )
                return exclusive.apply(ExecutablePlan.of(planned, planned.live)), ""
        except ProvisionerError as error:
            return error.exit_code, _first(error.diagnostics)

    def _planned(self, connection: Connection, store: RunStore) -> tuple[Planned, PlanOptions]:
        given, project = self.rehearser.options, self.rehearser.project
        last = store.last(given.target, given.url)
        options = replace(
            connection.plan_options(given.allowed, given.scope),
            applied=partial(store.applied, given.target, given.url),
            applied_files=(
                applied_files(project.root, store.last_applied(last))
                if last
                else given.applied_files
            ),
            unfinished=last.unfinished() if last else {},
            recorded=last.facts() if last else RecordedFacts(),
        )
        return make_plan(project, LiveAgentReader(connection.client), options), options


def _copy(records: Path, saved: Path) -> None:
    """Copy the records as they are at the moment of a kill."""
    shutil.copytree(records, saved)


def _failed_step(last: Run | None) -> str:
    """Return why the last of too many runs was not complete."""
    steps = last.steps.values() if last else ()
    errors = [f"{one.step}: {one.error}" for one in steps if one.error]
    remarks = list(last.remarks) if last else []
    return next(iter([*errors, *remarks]), f"no run of {MOST_RUNS} was complete")


def _first(findings: tuple[Diagnostic, ...]) -> str:
    return findings[0].summary if findings else "the run failed"


def _not_empty(second: Planned) -> str:
    if second.plan.refused:
        return f"the second plan is refused: {_first(second.plan.refused)}"
    left = [str(change.address) for change in second.plan.effective]
    return f"the second plan is not empty: {shown_names(left)}" if left else ""


def _other_end(state: Attributes, wanted: Attributes | None) -> str:
    """Return how a state differs from that of the round without failures."""
    if wanted is None or state == wanted:
        return ""
    keys = sorted(state.keys() | wanted.keys())
    names = [
        f"{kind}/{name}" for kind, name in keys if _at(state, kind, name) != _at(wanted, kind, name)
    ]
    return f"the account ends otherwise than without the failure: {shown_names(names)}"


def _at(state: Attributes, kind: Any, name: str) -> Mapping[str, Any] | None:
    return state.get((kind, name))
