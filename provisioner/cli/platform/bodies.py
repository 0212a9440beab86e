"""Texts that commands write to a platform, with the hidden first line by which they are found."""

import re
import sys
from pathlib import Path

import click

from provisioner.diagnostics import Diagnostic, ProvisionerError, UsageError
from provisioner.platforms.kept_comment import MARK


def read_body(file: str | None) -> str:
    """Return the text of a file, or of standard input.

    Raises:
        ProvisionerError: it can't be read, or is not UTF-8.
    """
    try:
        content = Path(file).read_bytes() if file and file != "-" else sys.stdin.buffer.read()
        return content.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        problem = f"{error.filename or file}: {error.strerror}"
    except UnicodeDecodeError:
        problem = f"{file or 'standard input'} is not UTF-8"
    hint = "write it with --format markdown"
    raise ProvisionerError(Diagnostic(code="comment-file", summary=problem, hint=hint))


def marked(text: str, mark: str | None) -> str:
    """Return a text with its hidden first line, which `mark` names if the text has none.

    Raises:
        UsageError: neither has one.
    """
    if MARK.fullmatch(text.split("\n", 1)[0]):
        return text
    if not mark:
        raise UsageError(
            Diagnostic(
                code="usage",
                summary="the text has no hidden first line, by which a later run finds it",
                hint="give it a name with --mark, or use the output of --format markdown",
            )
        )
    return f"{first_line(mark)}\n{text}"


def first_line(mark: str) -> str:
    """Return the hidden first line with a name.

    Raises:
        click.UsageError: the name would not stay hidden.
    """
    if not re.fullmatch(r"[A-Za-z0-9_.: -]{1,200}", mark) or "--" in mark:
        raise click.UsageError("--mark takes letters, digits, blanks and _ . : -")
    return f"<!-- provisioner-{mark} -->"
