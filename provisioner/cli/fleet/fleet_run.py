"""A run of a fleet: the tasks of its accounts go to an engine, and their results come back."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO, Self, TypeVar

from provisioner.cli.console.output import Console
from provisioner.cli.fleet.account_places import shared_once
from provisioner.cli.fleet.lost_workers import RecordsOfRuns, lost
from provisioner.cli.invocation import Exit
from provisioner.fleet.account_task import (
    AccountResult,
    AccountTask,
    failed_account,
    untouched_account,
)
from provisioner.fleet.apply_task import ApplyResult, ApplyTask
from provisioner.fleet.engines.local import LOCAL, Finished, run_local
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.fleet_report import FleetReport, fleet_report
from provisioner.render import readable

Result = TypeVar("Result", AccountResult, ApplyResult)


@dataclass(frozen=True, slots=True)
class FleetWork:
    """The accounts of a fleet that a command works on, and where.

    Attributes:
        console: the output.
        fleet: the fleet.
        folder: its folder as the user named it.
        accounts: the accounts.
        engine: where the work is done.
        jobs: the most accounts at a time.
    """

    console: Console
    fleet: Fleet
    folder: str
    accounts: Sequence[FleetAccount]
    engine: str
    jobs: int


class DocumentFile:
    """The plans of accounts on the disk: those of a large fleet would fill the memory.

    The memory keeps what a full disk does not take: no account is left out of the report.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        with suppress(OSError):
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  see `__exit__`
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        self._kept: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file:
            self._file.close()

    def take(self, result: Result) -> Result:
        """Keep the documents of a result, and return the result without them."""
        for format_, text in result.documents.items():
            if not self._write((result.account.name, format_), text):
                self._kept[result.account.name, format_] = text
        return replace(result, documents={})

    def _write(self, key: tuple[str, str], text: str) -> bool:
        """Return whether the disk has taken a document."""
        content = text.encode(errors="surrogatepass")
        with suppress(OSError):
            if self._file:
                start = self._file.seek(0, os.SEEK_END)
                if self._file.write(content) == len(content):
                    self._places[key] = (start, len(content))
                    return True
        return False

    def text(self, account: str, format_: str) -> str | None:
        """Return a document of an account; None if it has none."""
        place = self._places.get((account, format_))
        if place is None or self._file is None:
            return self._kept.get((account, format_))
        self._file.seek(place[0])
        return self._file.read(place[1]).decode(errors="surrogatepass")


def plan_report(
    work: FleetWork,
    function: Callable[[AccountTask], AccountResult],
    tasks: Iterable[AccountTask],
    documents: DocumentFile,
    untouched: Iterable[FleetAccount] = (),
    since: str = "",
) -> FleetReport:
    """Return the report of the work on each task, and print its errors and warnings.

    `untouched` are the accounts that nothing has touched since the revision `since`.

    Raises:
        TargetError: the engine can't be used.
    """
    came = chain(_results(work, function, tasks), map(untouched_account, untouched))
    results, fleet = [documents.take(result) for result in came], work.fleet
    names = [account.name for account in fleet.accounts]
    report = fleet_report(fleet.folder.resolve().name, results, names, len(names), since)
    print_findings(work.console, report.results, fleet.folder)
    return report


def print_findings(
    console: Console, results: Iterable[AccountResult | ApplyResult], folder: Path
) -> None:
    """Print the errors and warnings of all accounts; those that accounts share are there once."""
    found = {one.account.name: (*one.errors, *one.warnings) for one in results}
    console.print_diagnostics(shared_once(found), str(folder))


def json_array(elements: Iterable[str]) -> Iterator[str]:
    """Yield an array of elements that are JSON already."""
    yield "["
    for number, element in enumerate(elements):
        yield f"{',' if number else ''}\n{element.rstrip()}"
    yield "\n]\n"


class Progress:
    """Numbers results as they come, and prints what the runs of the accounts would have."""

    def __init__(self, console: Console, total: int, *, always: bool = False) -> None:
        self._console = console
        self._total = total
        self._shown = not console.quiet and (always or sys.stderr.isatty())
        self._number = 0

    def show(self, result: AccountResult | ApplyResult, state: str) -> None:
        """Print the end of the work for an account, and its messages."""
        self._number += 1
        name = readable.harmless(result.account.name)
        if self._shown:
            self._console.print_note(f"[{self._number}/{self._total}] {name}: {state}")
        for message in result.messages:
            self._console.print_note(f"{name}: {message}")


def _results(
    work: FleetWork,
    function: Callable[[AccountTask], AccountResult],
    tasks: Iterable[AccountTask],
) -> Iterator[AccountResult]:
    """Yield the result of each task, as they come; the lost end of a worker is one, too."""
    total = len(work.accounts)
    jobs = max(1, min(work.jobs, total))
    came = run_local(function, tasks, jobs)
    if work.engine != LOCAL:
        # Imported here: it needs what the other engine does not.
        from provisioner.cli.fleet.packed_work import run_packed  # noqa: PLC0415

        came = run_packed(work.engine, work.fleet, function, tasks, jobs)
    progress = Progress(work.console, total)
    for finished in came:
        result = finished.result or failed_account(
            finished.task.account,
            lost(finished.reason, "run it again"),
            exit_code=Exit.ERROR,
        )
        progress.show(result, result.severity.value)
        yield result


def results_of_applies(
    apply: Callable[[Iterable[ApplyTask]], Iterable[Finished[ApplyTask, ApplyResult]]],
    tasks: Iterable[ApplyTask],
) -> Iterator[ApplyResult]:
    """Yield the result of each task, as they come; the lost end of a worker is one, too."""
    records = RecordsOfRuns()
    for finished in apply(records.noting(tasks)):
        yield finished.result or records.result_of_lost(finished)
