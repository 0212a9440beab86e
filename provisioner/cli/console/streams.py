"""Makes the standard streams and the terminal's size usable, however the process was started."""

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SENSIBLE_SIZE = range(20, 1001)
"""Columns and lines of real terminals; other values in the environment are ignored."""


class OutputLostError(OSError):
    """Standard output does not take a result."""


class _Output(io.FileIO):
    """Standard output; its errors are of a class of their own."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise OutputLostError(error.errno, error.strerror) from error


def prepare_streams() -> None:
    """Make the standard streams safe to use: closed ones, and narrow encodings.

    A closed descriptor is replaced by /dev/null. Otherwise the next file to be opened would get
    its number, and output of this program or of a child process would be written into that file.
    """
    _occupy(0, os.O_RDONLY)
    # Read-only, so that writing a result fails and the exit code shows that it was lost.
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
    """Remove COLUMNS and LINES from the environment if no terminal can have such a size.

    Libraries trust these variables: with 0 columns they print nothing, and with too many they use
    up the memory.
    """
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name, "")
        number = int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
        if number not in SENSIBLE_SIZE:
            os.environ.pop(name, None)


def silence(stream: TextIO) -> None:
    """Point a stream to /dev/null: at exit, Python would write the rest again, and complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _is_descriptor(stream: TextIO, number: int) -> bool:
    """Return whether a stream writes to a descriptor of the process; a test's stream does not."""
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
