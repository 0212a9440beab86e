"""Stores the records of runs in PATH/.provisioner/runs/: a numbered file for each run."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from provisioner.address import Identity
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.documents.files.saved_json import read_saved
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.changes import Action
from provisioner.runs.chain import Checked, check_chain, link_to
from provisioner.runs.journal import Journal
from provisioner.runs.owner_only import make_own_folder
from provisioner.runs.record import Link, Run
from provisioner.runs.record_lines import damaged, parse

SUFFIX = ".jsonl"

LATEST = 20
"""Number of records that are read for the objects that runs created or changed."""

_NAME = re.compile(r"(\d{6}|[1-9]\d{6,14})\.jsonl", re.ASCII)


class RunStore:
    """Reads records and starts new ones. It never changes or removes a record."""

    def __init__(self, workspace: Path) -> None:
        """Use the folder PATH/.provisioner, which need not exist."""
        self._folder = workspace / "runs"

    def all(self) -> Iterator[Run | Diagnostic]:
        """Yield all runs, the latest first. A diagnostic replaces a run with a damaged record."""
        for number in sorted(self.numbers(), reverse=True):
            try:
                yield self.load(number)
            except ProvisionerError as error:
                yield error.diagnostics[0]

    def load(self, number: int) -> Run:
        """Return the run with a number.

        Raises:
            ProvisionerError: there is no such run, or its record can't be read.
        """
        file = self._file(number)
        try:
            run = parse(read_saved(file), str(file))
        except FileNotFoundError as error:
            raise ProvisionerError(
                Diagnostic(
                    code="unknown-run",
                    summary=f"there is no record of a run {number}",
                    hint="provisioner runs lists those that there are",
                )
            ) from error
        except OSError as error:
            raise ProvisionerError(damaged(str(file), error.strerror or str(error))) from error
        if run.id != number:
            raise ProvisionerError(damaged(str(file), f"it is the one of run {run.id}"))
        return run

    def last(
        self, target: str, url: str, on_damage: Callable[[Diagnostic], None] = lambda _finding: None
    ) -> Run | None:
        """Return the last run on a target with the same account address.

        `on_damage` gets the diagnostic of each later record that can't be read. The record may
        belong to this target.
        """
        for run in self.all():
            if isinstance(run, Diagnostic):
                on_damage(run)
            elif (run.target, run.url) == (target, url):
                return run
        return None

    def last_applied(self, last: Run | None) -> Run | None:
        """Return the last complete apply on the account of a run, or None."""
        if last is None or last.is_complete_apply:
            return last
        account = (last.target, last.url)
        return next(
            (
                run
                for run in self.all()
                if isinstance(run, Run)
                and (run.target, run.url) == account
                and run.is_complete_apply
            ),
            None,
        )

    def facts(self, target: str, url: str) -> RecordedFacts:
        """Return the facts about an account that runs on it have learned."""
        last = self.last(target, url)
        return last.facts() if last else RecordedFacts()

    def applied(self, target: str, url: str) -> frozenset[Identity]:
        """Return the objects that the latest runs on an account created or changed."""
        return frozenset(
            change.address.identity
            for run in islice(self.all(), LATEST)
            if not isinstance(run, Diagnostic) and (run.target, run.url) == (target, url)
            for change in run.changes
            if change.action is not Action.DELETE
        )

    def checked(self) -> list[Checked]:
        """Return what the chain proves about each record; see `check_chain`.

        Raises:
            ProvisionerError: a record can't be read.
        """
        return check_chain({number: self._content(number) for number in self.numbers()})

    def begin(self, account: str = "") -> Journal:
        """Return the journal of a new run, with the next number and the hashes of earlier records.

        Args:
            account: the account of the run; see `Run.account`.

        Raises:
            ProvisionerError: the record can't be written.
        """
        try:
            make_own_folder(self._folder)
            while True:
                number = max(self.numbers(), default=0) + 1
                try:
                    return Journal(self._file(number), number, previous=self._links(account))
                except FileExistsError:
                    continue  # a run on another target was faster
        except OSError as error:
            raise ProvisionerError(
                Diagnostic(
                    code="run-record-unwritable",
                    summary=f"no record can be begun in {self._folder}: {error.strerror}",
                    hint="make room or allow writing there; without a record nothing is written",
                )
            ) from error

    def _links(self, account: str) -> list[Link]:
        """Return the hashes of the last record, and of the last one of an account."""
        links: list[Link] = []
        numbers = sorted(self.numbers(), reverse=True)
        for number in numbers:
            content, is_own = b"", False
            with suppress(ProvisionerError):
                content = self._content(number)
                is_own = parse(content, "").account == account
            if number == numbers[0] or is_own:
                # The run of another account may be writing its next line.
                whole = content if is_own else content[: content.rfind(b"\n") + 1]
                links += [link_to(number, whole)] if whole else []
            if is_own:
                break
        return links

    def _content(self, number: int) -> bytes:
        file = self._file(number)
        try:
            return read_saved(file)
        except OSError as error:
            raise ProvisionerError(damaged(str(file), error.strerror or str(error))) from error

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06}{SUFFIX}"

    def numbers(self) -> list[int]:
        """Return the numbers of the recorded runs, in any order."""
        names = (file.name for file in self._folder.glob(f"*{SUFFIX}"))
        return [int(match[1]) for name in names if (match := _NAME.fullmatch(name))]
