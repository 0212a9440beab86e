"""Writes files with personal data: whole or not at all, and readable only by their owner."""

import errno
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.system import BINARY, NO_TERMINAL, set_mode

STANDARD_OUTPUT = 1

_MOST_LINKS = 40
"""The length of a chain of links that Linux follows."""


def write_private(file: Path, content: Iterable[bytes]) -> None:
    """Write a file. A new one is readable only by its owner; an existing one keeps its mode.

    It is written piece by piece. If the path is a link, the file behind it is written. A pipe or a
    device is not replaced.

    Raises:
        ProvisionerError: the file can't be written; an existing one is unchanged.
    """
    try:
        descriptor = _descriptor_of(file)
        if descriptor is not None:
            sys.stdout.flush()
            _write_all(os.dup(descriptor), content)
        elif is_stream(file):
            _write_all(os.open(file, os.O_WRONLY | NO_TERMINAL | BINARY), content)
        else:
            _replace(Path(os.path.realpath(file)), content)
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{file} can't be written: {error.strerror}",
                hint="choose a folder that exists and can be written to",
            )
        ) from error


def is_standard_output(file: Path) -> bool:
    """Return whether a path means standard output, as `/dev/stdout` does."""
    return _descriptor_of(file) == STANDARD_OUTPUT


def is_stream(file: Path) -> bool:
    """Return whether a path is a pipe or a device."""
    with suppress(OSError):
        mode = file.stat().st_mode
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
    return False


def _descriptor_of(file: Path) -> int | None:
    """Return the open descriptor of this process that a path means, as `/dev/fd/3` does.

    The file behind a descriptor must not be opened a second time: later writes to the descriptor
    would overwrite what was written.
    """
    folders = {f"/proc/{os.getpid()}/fd", "/dev/fd"}
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(file.parent)
        if folder in folders and file.name.isascii() and file.name.isdecimal():
            return int(file.name)
        if not file.is_symlink():
            break
        file = Path(folder, file.readlink())
    with suppress(OSError):
        if os.path.samestat(file.stat(), os.fstat(STANDARD_OUTPUT)) and not is_stream(file):
            return STANDARD_OUTPUT
    return None


def _write_all(descriptor: int, content: Iterable[bytes]) -> None:
    with open(descriptor, "wb") as out:
        out.writelines(content)


def _replace(file: Path, content: Iterable[bytes]) -> None:
    """Create or replace a file in one step."""
    mode = None
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(file.stat().st_mode)
        if not os.access(file, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    # Imported here: a run without such a file does not need it.
    from tempfile import NamedTemporaryFile  # noqa: PLC0415

    temporary = NamedTemporaryFile(  # noqa: SIM115  the name is used after it is closed
        dir=file.parent, prefix=".provisioner-", delete=False
    )
    try:
        with temporary:
            temporary.writelines(content)
            temporary.flush()
            if mode is not None:
                set_mode(temporary.fileno(), mode)
            os.fsync(temporary.fileno())
        # Windows replaces no file by an open one.
        Path(temporary.name).replace(file)
    except BaseException:  # Ctrl-C, too, must leave nothing behind
        Path(temporary.name).unlink(missing_ok=True)
        raise
