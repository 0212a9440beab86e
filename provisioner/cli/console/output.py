"""Printing: results to standard output, everything else to standard error."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from provisioner.cli.console.streams import silence
from provisioner.diagnostics import Diagnostic, ProvisionerError, in_order
from provisioner.redaction import redact


def color_on(stream: TextIO) -> bool:
    """Tell whether a stream takes colours: a terminal does, unless NO_COLOR is set."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def put(text: str) -> None:
    """Write a result."""
    click.echo(redact(text), nl=False, color=True)


_log = {"json": False}
"""Whether everything that is no result is written as lines of JSON, by all threads of a run."""


def use_json_log(*, on: bool) -> None:
    """Write everything that is no result as lines of JSON from now on, or as text."""
    _log["json"] = on


def log_is_json() -> bool:
    """Tell whether everything that is no result is written as lines of JSON."""
    return _log["json"]


def log_event(event: str, **fields: object) -> None:
    """Write one line of JSON to standard error."""
    entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    _tell(json.dumps(entry, ensure_ascii=False))


def say(text: str) -> None:
    """Write something that is no result."""
    if log_is_json():
        log_event("message", text=text)
    else:
        _tell(text)


def put_at_last(text: str, *, elsewhere: str) -> None:
    """Write the final report; a closed pipe or a full disk must not change the exit code.

    Args:
        text: the report.
        elsewhere: the end of a sentence that says where to read the same; written to standard
            error where standard output does not take the report.
    """
    try:
        put(text)
        sys.stdout.flush()
    except (OSError, ValueError):
        silence(sys.stdout)
        say(f"The report can't be written to standard output; {elsewhere}")


def _tell(text: str, *, newline: bool = True) -> None:
    """Write to standard error. A run must not end because nobody listens any more."""
    try:
        click.echo(redact(text), nl=newline, err=True, color=None if newline else True)
    except (OSError, ValueError):
        silence(sys.stderr)


def findings_text(findings: Iterable[Diagnostic], path: str, stream: TextIO) -> str:
    """Return findings as text for a stream, with places that start from the typed PATH."""
    # Imported here: most runs have nothing to report, and the start must not wait for YAML.
    from provisioner.documents import source_texts  # noqa: PLC0415
    from provisioner.git import shared_files  # noqa: PLC0415
    from provisioner.render.diagnostics import text as render_findings  # noqa: PLC0415

    root = Path(path)
    text = render_findings.as_text(
        tuple(findings),
        prefix=prefix_of(path),
        sources=source_texts(root, shared_files(root)),
        color=color_on(stream),
        width=shutil.get_terminal_size().columns,
    )
    return redact(text)  # lines of the project's files may hold a key


def prefix_of(path: str) -> str:
    """Return what goes in front of a file's path so that it leads there from here."""
    return "" if path in {"", "."} else path.rstrip("/") + "/"


def repository_prefix(path: Path) -> str:
    """Return the way to a project as pipelines want it.

    It starts at the root of the git repository that the project lies in, wherever the program
    runs; without a repository, at the current folder. Git is not asked: it need not be installed,
    and refuses to work in folders of other users, which is what a container's checkout often is.
    """
    project = Path(os.path.realpath(path))
    here = Path.cwd()
    top = next((up for up in (project, *project.parents) if (up / ".git").exists()), here)
    return Path(os.path.relpath(project, top)).as_posix()


def show_findings(findings: Sequence[Diagnostic], path: str = ".") -> None:
    """Write findings to standard error."""
    if log_is_json():
        for finding in in_order(findings):
            log_event(
                "finding",
                code=finding.code,
                severity=finding.severity.value,
                summary=finding.summary,
                hint=finding.hint,
                place=prefix_of(path) + str(finding.span) if finding.span else None,
            )
        return
    if not findings:
        return
    _tell(findings_text(findings, path, sys.stderr), newline=False)


@contextmanager
def reporting(path: str) -> Iterator[None]:
    """Show what ends a run, with places in the project at `path`, and exit with its code."""
    try:
        yield
    except ProvisionerError as error:
        show_findings(error.diagnostics, path)
        raise click.exceptions.Exit(error.exit_code) from error
