"""A folder that the user's processes on a machine share, and a quick lock in it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.runs.owner_only import FILE_MODE, make_own_folder
from provisioner.system import BINARY, CLOSE_ON_EXEC, NO_FOLLOW, user_id

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock

    HAS_FLOCK = True
except ImportError:  # Windows
    HAS_FLOCK = False

FLAGS = NO_FOLLOW | CLOSE_ON_EXEC | BINARY
"""More flags for opening a file."""


def machine_folder() -> Path:
    """Return the folder for what the user's processes on this machine share; create it.

    Raises:
        TargetError: it can't be created, or is not the user's own.
    """
    user = user_id()
    given, usual = os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"
    base = next((path for path in (given, usual) if path and os.access(path, os.W_OK)), "")
    folder = (
        Path(base, "provisioner") if base else Path(tempfile.gettempdir(), f"provisioner-{user}")
    )
    with reported(folder):
        # In a folder for everybody, somebody else may have made it, or a link to another one.
        with suppress(FileExistsError):
            folder.mkdir(0o700)
        if folder.is_symlink() or folder.lstat().st_uid != user:
            raise PermissionError(0, "it belongs to another user")
        make_own_folder(folder)
    return folder


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Raise a TargetError for errors of the system with files in a folder."""
    try:
        yield
    except OSError as error:
        raise TargetError(
            Diagnostic(
                code="file-unwritable",
                summary=f"the limits of this machine can't be kept in {folder}: {error.strerror}",
                hint="set XDG_RUNTIME_DIR to a folder of the user on a disk of this machine",
            )
        ) from error


class QuickLock:
    """A lock of the operating system; a tenth of the time of `filelock` where there is `flock`."""

    def __init__(self, file: Path) -> None:
        """Make it; `file` is created."""
        self._file = file
        self._descriptor: int | None = None
        self._other = None if HAS_FLOCK else FileLock(file, mode=FILE_MODE)

    def __enter__(self) -> Self:
        """Wait for the lock."""
        self.acquire()
        return self

    def acquire(self, *, wait: bool = True) -> bool:
        """Return whether this got the lock; True if it waits for that."""
        if self._other:
            try:
                self._other.acquire(timeout=-1 if wait else 0, poll_interval=0.001)
            except Timeout:
                return False
            return True
        # Opened each time: a descriptor from before a fork would be one lock for both processes.
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | FLAGS, FILE_MODE)
        try:
            flock(descriptor, LOCK_EX | (0 if wait else LOCK_NB))
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return False
            raise
        self._descriptor = descriptor
        return True

    def __exit__(self, *_: object) -> None:
        """Release the lock, if this has it."""
        if self._other:
            self._other.release()
        if self._descriptor is not None:
            # A process that was forked meanwhile has the descriptor, too.
            flock(self._descriptor, LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None
