"""Reading of regular files only, up to a maximum size.

A branch can have a link to a pipe or a device. Opening one can block forever or affect the device,
so the type of a file is checked before it is opened, and again on the open descriptor.
"""

import errno
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotRegularError(OSError):
    """The path is a folder, pipe, socket or device.

    Attributes:
        is_folder: whether it is a folder.
    """

    def __init__(self, *, is_folder: bool) -> None:
        super().__init__(errno.EINVAL, "it is not a regular file")
        self.is_folder = is_folder


class FileTooLargeError(OSError):
    """The file is larger than the limit.

    Attributes:
        size: a lower bound of its size in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(errno.EFBIG, "it is too large")
        self.size = size


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content of a regular file.

    Args:
        path: the file; links are followed.
        limit: the maximum size in bytes.

    Raises:
        NotRegularError: it is a folder, pipe, socket or device. It was not opened for reading.
        FileTooLargeError: it is larger.
        OSError: it can't be read.
    """
    _check(path.stat(), limit)
    with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123  flags that Path has not
        _check(os.fstat(file.fileno()), limit)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise FileTooLargeError(len(content))
    return content


def _check(status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(is_folder=stat.S_ISDIR(status.st_mode))
    if status.st_size > limit:
        raise FileTooLargeError(status.st_size)
