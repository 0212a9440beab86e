"""Creates files and folders that only their owner can use, whatever the umask of the process.

Records contain names, emails and values of people, and they decide what the next run does.
"""

import os
from contextlib import suppress
from pathlib import Path

from provisioner.system import BINARY, CLOSE_ON_EXEC, NO_FOLLOW, set_mode

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_own_folder(folder: Path) -> None:
    """Create a folder if it does not exist, and allow access only to its owner.

    Raises:
        OSError: the folder can't be created, or belongs to another user.
    """
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    restrict_to_owner(folder, FOLDER_MODE)


def open_own_file(file: Path, flags: int) -> int:
    """Open a file for writing, create it if it does not exist, and return its descriptor.

    A link is refused. `flags` are more flags, such as `os.O_TRUNC` or `os.O_EXCL`.

    Raises:
        OSError: the file can't be opened, is a link, or belongs to another user.
    """
    flags |= os.O_WRONLY | os.O_CREAT | NO_FOLLOW | CLOSE_ON_EXEC | BINARY
    descriptor = os.open(file, flags, FILE_MODE)
    try:
        set_mode(descriptor, FILE_MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_own_file(file: Path, text: str) -> None:
    """Replace the content of a file; see `open_own_file`. A full disk leaves no half of it."""
    descriptor = open_own_file(file, os.O_TRUNC)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
    except OSError:
        with suppress(OSError):
            file.unlink()
        raise


def restrict_to_owner(path: Path, mode: int) -> None:
    """Set the mode of a file or folder. One that another run has just removed is skipped.

    Raises:
        OSError: the file or folder belongs to another user.
    """
    with suppress(FileNotFoundError):
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
