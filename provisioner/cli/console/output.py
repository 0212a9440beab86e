"""The output of one run: results to standard output, everything else to standard error."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from provisioner.cli.console.streams import silence
from provisioner.diagnostics import Diagnostic, ProvisionerError, Severity, in_order
from provisioner.redaction import redact

_CHUNK = 1 << 16
"""Characters of a long result that are written with one call."""


@dataclass(slots=True)
class Console:
    """The output of one run; all threads of the run share it.

    Attributes:
        json_log: whether standard error gets one line of JSON for each event instead of text.
        color_choice: `auto`, `always` or `never`; None if the user has not chosen.
        quiet: whether to print no progress and no tips.
        verbose: whether to print more, such as each request.
    """

    json_log: bool = False
    color_choice: str | None = None
    quiet: bool = False
    verbose: bool = False

    @property
    def color(self) -> bool:
        """Whether to colour results."""
        return self.is_colored(sys.stdout)

    @property
    def width(self) -> int | None:
        """The columns of standard output; see `width_of`."""
        return self.width_of(sys.stdout)

    @staticmethod
    def width_of(stream: TextIO) -> int | None:
        """Return the columns of a stream; None if it is no terminal, so that no line is folded."""
        return _columns() if stream.isatty() else None

    def is_colored(self, stream: TextIO) -> bool:
        """Return whether to colour what goes to a stream.

        `auto` colours for a terminal. NO_COLOR and FORCE_COLOR change that unless they are empty;
        NO_COLOR is the stronger one, and FORCE_COLOR=0 forces nothing.
        """
        if self.color_choice in {"always", "never"}:
            return self.color_choice == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"

    @staticmethod
    def print_result(text: str) -> None:
        """Write a part of the result to standard output."""
        click.echo(redact(text), nl=False, color=True)

    @classmethod
    def print_lines(cls, lines: Iterable[str]) -> None:
        """Write a result of many lines to standard output while they are made."""
        waiting: list[str] = []
        length = 0
        for line in lines:
            waiting.append(line)
            length += len(line)
            if length >= _CHUNK:
                cls.print_result("".join(waiting))
                waiting, length = [], 0
        cls.print_result("".join(waiting))

    def print_summary(self, text: str) -> None:
        """Write to standard output that a command has done its work, unless the run is quiet."""
        if not self.quiet:
            self.print_result(text)

    def print_report(self, text: str, *, elsewhere: str) -> None:
        """Write the final report; a closed pipe or a full disk must not change the exit code.

        Args:
            text: the report.
            elsewhere: the end of a sentence that names another place with the same information.
                It is written to standard error if standard output does not take the report.
        """
        try:
            self.print_result(text)
            sys.stdout.flush()
        except (OSError, ValueError):
            silence(sys.stdout)
            self.print_note(f"The report can't be written to standard output; {elsewhere}")

    def print_note(self, text: str) -> None:
        """Write a message to standard error."""
        if self.json_log:
            self.log_event("message", text=text)
        else:
            _write_error(text)

    def print_tip(self, text: str) -> None:
        """Write a message that nobody needs to understand the result, unless the run is quiet."""
        if not self.quiet:
            self.print_note(text)

    def print_detail(self, text: str) -> None:
        """Write a message for people who look for the cause of something, if the run is verbose."""
        if self.verbose:
            self.print_note(text)

    @staticmethod
    def log_event(event: str, **fields: object) -> None:
        """Write an event to standard error, as a line of JSON with the time."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = {"at": time, "event": event, **fields}
        _write_error(json.dumps(entry, ensure_ascii=False))

    def print_warning(self, finding: Diagnostic) -> None:
        """Write an error as a warning, where the run goes on without what it is about."""
        self.print_diagnostics((replace(finding, severity=Severity.WARNING),))

    def print_diagnostics(self, findings: Sequence[Diagnostic], path: str = ".") -> None:
        """Write errors and warnings to standard error.

        `path` is the project's folder as the user typed it; paths of files start with it.
        """
        if self.json_log:
            for diagnostic in in_order(findings):
                self.log_event(
                    "finding",
                    code=diagnostic.code,
                    severity=diagnostic.severity.value,
                    summary=diagnostic.summary,
                    hint=diagnostic.hint,
                    place=path_prefix(path) + str(diagnostic.span) if diagnostic.span else None,
                )
        elif findings:
            color = self.is_colored(sys.stderr)
            _write_error(diagnostics_text(findings, path, color=color), newline=False)

    @contextmanager
    def reporting(self, path: str) -> Iterator[None]:
        """Print the diagnostics of a `ProvisionerError`, and exit with its code.

        Args:
            path: the project's folder as the user typed it.
        """
        try:
            yield
        except ProvisionerError as error:
            self.print_diagnostics(error.diagnostics, path)
            raise click.exceptions.Exit(error.exit_code) from error


def diagnostics_text(findings: Iterable[Diagnostic], path: str, *, color: bool) -> str:
    """Return errors and warnings as text that fits a stream.

    `path` is the project's folder as the user typed it; paths of files start with it.
    """
    # Imported here: most runs have nothing to report, and the start must not wait for YAML.
    from provisioner.documents import source_texts  # noqa: PLC0415
    from provisioner.git.checkout import shared_files  # noqa: PLC0415
    from provisioner.render.diagnostics import text as render_findings  # noqa: PLC0415

    root = Path(path)
    text = render_findings.as_text(
        tuple(findings),
        prefix=path_prefix(path),
        sources=source_texts(root, shared_files(root)),
        color=color,
        width=_columns(),
    )
    return redact(text)  # lines of the project's files may hold a key


def _columns() -> int:
    # Imported here: shutil loads libraries for archives, too.
    from shutil import get_terminal_size  # noqa: PLC0415

    return get_terminal_size().columns


def path_prefix(path: str) -> str:
    """Return the prefix that makes a path inside the project one from the current folder."""
    return "" if path in {"", "."} else path.rstrip("/") + "/"


def _write_error(text: str, *, newline: bool = True) -> None:
    """Write to standard error; a run must not end because nobody reads it."""
    try:
        click.echo(redact(text), nl=newline, err=True, color=None if newline else True)
    except (OSError, ValueError):
        silence(sys.stderr)
