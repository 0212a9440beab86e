"""The standard streams and the terminal's size: usable whatever a run was started with."""

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SENSIBLE_SIZE = range(20, 1001)
"""Columns and lines that a terminal can have; other values of the environment are ignored."""


class OutputLostError(OSError):
    """Standard output does not take a result."""


class _Output(io.FileIO):
    """Standard output, whose errors can be told from those of other files."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise OutputLostError(error.errno, error.strerror) from error


def prepare_streams() -> None:
    """Make the standard streams safe to use: closed ones, and narrow encodings.

    A closed descriptor gets a stand-in. Otherwise the next file that is opened would get its
    number, and what this program or another one prints would be written into that file.
    """
    _occupy(0, os.O_RDONLY)
    # Read-only: writing a result fails, and the exit code says that it was lost.
    _occupy(1, os.O_RDONLY)
    _occupy(2, os.O_WRONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  kept open
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and _is_descriptor(sys.stdout, 1):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Output(1, "w", closefd=False)),
            encoding=sys.stdout.encoding,
            line_buffering=sys.stdout.line_buffering,
        )
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def ignore_odd_sizes() -> None:
    """Take a COLUMNS or LINES that no terminal can have out of the environment.

    Libraries believe these variables: with 0 columns they print nothing, with too many they run
    out of memory.
    """
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name, "")
        number = int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
        if number not in SENSIBLE_SIZE:
            os.environ.pop(name, None)


def silence(stream: TextIO) -> None:
    """Send what a stream did not take nowhere: Python would try again at its end, and complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _is_descriptor(stream: TextIO, number: int) -> bool:
    """Tell whether a stream writes to a descriptor of the process; one of a test does not."""
    with suppress(OSError, ValueError):
        return stream.fileno() == number
    return False


def _occupy(descriptor: int, mode: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        stand_in = os.open(os.devnull, mode)
        if stand_in != descriptor:
            os.dup2(stand_in, descriptor)
            os.close(stand_in)
        os.set_inheritable(descriptor, True)
