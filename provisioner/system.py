"""What systems differ in: flags for opening files, file modes, owners and process groups.

Windows has none of these; its access control lists protect the folder of a user.
"""

import os
from contextlib import suppress
from pathlib import Path

CLOSE_ON_EXEC: int = getattr(os, "O_CLOEXEC", 0)
NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
NO_TERMINAL: int = getattr(os, "O_NOCTTY", 0)
NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)

BINARY: int = getattr(os, "O_BINARY", 0)
"""Without it, Windows changes the line breaks of what is read and written."""

USUAL_MEMORY = 8 * 1024**3
"""Bytes; for systems that do not show how much memory they have."""


def set_mode(descriptor: int, mode: int) -> None:
    """Set the mode of an open file, if the system has modes.

    Raises:
        OSError: the file belongs to another user.
    """
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)


def user_id() -> int:
    """Return the id by which files name the current user; 0 where all files have that one."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names of the files in a folder.

    Raises:
        OSError: the disk has failed.
    """
    # Windows opens no folders; its file systems write names with the files.
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def total_memory() -> int:
    """Return the bytes of memory of this machine; a common number where it is not known."""
    if not hasattr(os, "sysconf"):
        return USUAL_MEMORY
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
