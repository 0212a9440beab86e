"""An apply of a fleet: its waves, its report, and its exit code."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provisioner.cli.fleet.account_apply import apply_account
from provisioner.cli.fleet.file_checks import as_not_applied
from provisioner.cli.fleet.fleet_run import (
    DocumentFile,
    FleetWork,
    Progress,
    json_array,
    print_findings,
    results_of_applies,
)
from provisioner.cli.invocation import Exit, Invocation, worst_exit
from provisioner.cli.run.interruption import stop_on_signals
from provisioner.fleet.account_task import AccountResult
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult, ApplyTask
from provisioner.fleet.engines.local import LOCAL, run_local
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.stop_request import StopRequest
from provisioner.fleet.waves import Stage, run_waves
from provisioner.render.fleet import fleet_apply_comment, fleet_apply_text
from provisioner.render.fleet.fleet_apply_json import planless_json
from provisioner.render.fleet.fleet_apply_texts import state

if TYPE_CHECKING:
    from provisioner.cli.fleet.packed_apply import Applying

_RECORDS = "provisioner runs, in the project of each account, lists what was done."


@dataclass(frozen=True, slots=True)
class FleetApply:
    """One apply of a fleet.

    Attributes:
        invocation: the output and the exit code.
        work: the accounts to apply.
        stages: the accounts in the order of the apply.
        task: returns the task of an account.
        format_: the format of the report.
        unfit: the accounts with files that can't be applied; with any, no account begins.
        untouched: the results of accounts that are left out.
    """

    invocation: Invocation
    work: FleetWork
    stages: Sequence[Stage]
    task: Callable[[FleetAccount], ApplyTask]
    format_: str
    unfit: Mapping[str, AccountResult] = field(default_factory=dict)
    untouched: Sequence[ApplyResult] = ()
    _stop: StopRequest = field(default_factory=StopRequest)

    def run(self) -> int:
        """Apply the accounts, print the report of all of them, and return the exit code.

        Raises:
            TargetError: the engine can't be used; nothing was written.
        """
        console, asked = self.invocation.console, self._stop
        if self.unfit:
            return self._print_unfit()
        with DocumentFile() as documents:
            with self._applying() as apply:
                # From here on, accounts may be changed, whatever happens in this process.
                self.invocation.fix_exit_code(Exit.INCOMPLETE, _RECORDS)
                with stop_on_signals(asked.ask, console.print_note, asked.end):
                    results = self._results(apply, documents)
            print_findings(console, results, self.work.fleet.folder)
            console.print_report(self._report(results, documents), elsewhere=_RECORDS)
        code = _exit_of(results, stopped=asked.asked)
        self.invocation.fix_exit_code(code, _RECORDS)
        return code

    def _print_unfit(self) -> int:
        """Print the report of a run of which no account begins, and return the exit code."""
        results = self._with_untouched(as_not_applied(self.work.accounts, self.unfit))
        with DocumentFile() as none:
            print_findings(self.invocation.console, results, self.work.fleet.folder)
            self.invocation.console.print_result(self._report(results, none))
        return _exit_of(results, stopped=False)

    @contextmanager
    def _applying(self) -> Iterator["Applying"]:
        work = self.work
        if work.engine == LOCAL:
            yield lambda tasks: run_local(apply_account, tasks, work.jobs, self._stop)
            return
        # Imported here: it needs what the other engine does not.
        from provisioner.cli.fleet.packed_apply import applying_on_workers  # noqa: PLC0415

        with applying_on_workers(work.engine, work.fleet, work.jobs, self._stop) as apply:
            yield apply

    def _with_untouched(self, results: Iterable[ApplyResult]) -> list[ApplyResult]:
        """Return a result for each account, in the order of the fleet."""
        by_name = {one.account.name: one for one in (*results, *self.untouched)}
        names = [account.name for account in self.work.fleet.accounts]
        return [by_name[name] for name in names if name in by_name]

    def _results(self, apply: "Applying", documents: DocumentFile) -> list[ApplyResult]:
        """Return a result for each account, in the order of the fleet."""
        console = self.invocation.console
        progress = Progress(console, len(self.work.accounts), always=True)
        results: list[ApplyResult] = []

        def applied(begun: Iterable[FleetAccount]) -> Iterator[ApplyResult]:
            return results_of_applies(apply, map(self.task, begun))

        waves = (self.stages, self.work.fleet.waves, applied, self._stop)
        for result in run_waves(*waves, console.print_tip):
            results.append(documents.take(result))
            if result.outcome is not AccountOutcome.NOT_BEGUN:
                progress.show(result, state(result))
        return self._with_untouched(results)

    def _report(self, results: Sequence[ApplyResult], documents: DocumentFile) -> str:
        """Return the report; as JSON, it is an array of the documents of the runs."""
        console, name = self.invocation.console, self.work.fleet.folder.resolve().name
        match self.format_:
            case "json":
                stored = (documents.text(one.account.name, "json") for one in results)
                pairs = zip(stored, results, strict=True)
                return "".join(json_array(text or planless_json(one) for text, one in pairs))
            case "markdown":
                unfit = bool(self.unfit)
                return fleet_apply_comment.draw(results, name, self.work.folder, unfit=unfit)
            case "html":
                # Imported here: only this format needs the template engine, which loads slowly.
                from provisioner.render.fleet import fleet_list_pages  # noqa: PLC0415

                return "".join(fleet_list_pages.draw_apply(results, name, self.work.folder))
            case _:
                return fleet_apply_text.draw(
                    results,
                    self.work.folder,
                    unfit=bool(self.unfit),
                    color=console.color,
                    width=console.width,
                    verbose=console.verbose,
                )


def _exit_of(results: Sequence[ApplyResult], *, stopped: bool) -> Exit:
    """Return the worst code of the accounts that have begun.

    A run that a signal has stopped has the code of an apply alone: incomplete if it has written.
    """
    outcomes = {result.outcome for result in results}
    codes = [one.exit_code for one in results if one.outcome is not AccountOutcome.NOT_BEGUN]
    if stopped and not all(outcome.complete for outcome in outcomes):
        codes.append(Exit.INCOMPLETE if AccountOutcome.DONE in outcomes else Exit.ERROR)
    return worst_exit(codes)
