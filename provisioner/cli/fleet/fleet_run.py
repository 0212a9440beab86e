"""A run of a fleet: the tasks of its accounts go to an engine, and their results come back."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Self

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit
from provisioner.diagnostics import Diagnostic
from provisioner.fleet.account_task import AccountResult, AccountTask, failed_account
from provisioner.fleet.engines.local import run_local
from provisioner.render import readable


class DocumentFile:
    """The plans of accounts on the disk: those of a large fleet would fill the memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `__exit__`
        self._places: dict[tuple[str, str], tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def take(self, result: AccountResult) -> AccountResult:
        """Keep the documents of a result, and return the result without them."""
        for format_, text in result.documents.items():
            content = text.encode(errors="surrogatepass")
            start = self._file.seek(0, 2)
            self._file.write(content)
            self._places[result.account.name, format_] = (start, len(content))
        return replace(result, documents={})

    def text(self, account: str, format_: str) -> str | None:
        """Return a document of an account; None if it has none."""
        place = self._places.get((account, format_))
        if place is None:
            return None
        self._file.seek(place[0])
        return self._file.read(place[1]).decode(errors="surrogatepass")


def run_tasks(
    console: Console,
    function: Callable[[AccountTask], AccountResult],
    tasks: Iterable[AccountTask],
    jobs: int,
    total: int,
) -> Iterator[AccountResult]:
    """Yield the result of each task, as they come; the lost end of a worker is one, too."""
    shows_progress = not console.quiet and sys.stderr.isatty()
    for number, finished in enumerate(run_local(function, tasks, min(jobs, total)), start=1):
        result = finished.result or failed_account(
            finished.task.account,
            Diagnostic(
                code="worker-lost",
                summary=f"no result came from its worker: {finished.reason}",
                hint="run it again; if it happens again, look at the memory of the machine",
            ),
            exit_code=Exit.ERROR,
        )
        name = readable.harmless(result.account.name)
        if shows_progress:
            console.print_note(f"[{number}/{total}] {name}: {result.severity.value}")
        for message in result.messages:
            console.print_note(f"{name}: {message}")
        yield result
