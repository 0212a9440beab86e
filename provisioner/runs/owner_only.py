"""Files and folders that only their owner can use, whatever the umask of the process.

Records hold names, emails and values of people, and decide what the next run does.
"""

import os
from contextlib import suppress
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_own_folder(folder: Path) -> None:
    """Make a folder, unless it is there, and close it to everybody but the owner.

    Raises:
        OSError: it can't be made, or belongs to another user.
    """
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    close_to_others(folder, FOLDER_MODE)


def open_own_file(file: Path, flags: int) -> int:
    """Open a file for writing, make it if it is not there, and return its descriptor.

    Args:
        file: the file; a link is refused.
        flags: such as `os.O_TRUNC` or `os.O_EXCL`.

    Raises:
        OSError: it can't be opened, is a link, or belongs to another user.
    """
    flags |= os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(file, flags, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_own_file(file: Path, text: str) -> None:
    """Write a file, in place of what it held; see `open_own_file`."""
    with open(open_own_file(file, os.O_TRUNC), "w", encoding="utf-8") as out:
        out.write(text)


def close_to_others(path: Path, mode: int) -> None:
    """Take rights from everybody but the owner. What another run removes meanwhile is left out.

    Raises:
        OSError: it belongs to another user.
    """
    with suppress(FileNotFoundError):
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
