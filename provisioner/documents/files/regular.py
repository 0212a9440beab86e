"""Reading of regular files only, up to a maximum size; and the errors of files and folders.

A branch can have a link to a pipe or a device. Opening one can block forever or affect the device,
so the type of a file is checked before it is opened, and again on the open descriptor.
"""

import errno
import os
import stat
from pathlib import Path

from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.system import BINARY, CLOSE_ON_EXEC, NO_TERMINAL, NO_WAIT

_FLAGS = os.O_RDONLY | NO_WAIT | NO_TERMINAL | CLOSE_ON_EXEC | BINARY


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

    Links are followed. `limit` is the maximum size in bytes.

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


def leads_outside(name: str) -> Diagnostic:
    """Return the error of a link that leads out of the project."""
    return Diagnostic(
        code="link-outside",
        summary=f"{name} is outside the project: it is a link or behind a link",
        span=Span(name, 1, 1),
        hint="put a copy into the project, or link a file that git tracks in the same repository",
    )


def excluded_objects(name: str) -> Diagnostic:
    """Return the warning of a file with objects that the settings of the project leave out."""
    return Diagnostic(
        code="excluded-objects",
        summary=f"{name} seems to declare objects, but provisioner.yaml does not include it",
        span=Span(name, 1, 1),
        hint="correct include or exclude there, or move the file out of the project",
        severity=Severity.WARNING,
    )


def not_a_file(name: str, *, is_folder: bool) -> Diagnostic:
    """Return the error of a folder, pipe or device with the name of a YAML file."""
    return Diagnostic(
        code="file-unreadable",
        summary=f"{name} is a folder with the name of a YAML file"
        if is_folder
        else f"{name} is not a regular file",
        span=Span(name, 1, 1),
        hint="rename it" if is_folder else "remove it from the project",
    )


def too_large(name: str, size: int, limit: int) -> Diagnostic:
    """Return the error of a file that is larger than the limit, in bytes."""
    mebibyte = 1024 * 1024
    return Diagnostic(
        code="file-too-large",
        summary=f"{name} has {size // mebibyte} MiB, at most {limit // mebibyte} are allowed",
        span=Span(name, 1, 1),
        hint="split it into several files, or move it out of the project",
    )


def unreadable(name: str, error: OSError, *, is_link: bool = False) -> Diagnostic:
    """Return the error of a file or folder that the system does not let us read."""
    if is_link and isinstance(error, FileNotFoundError):
        reason, hint = "the target of the link does not exist", "correct the link, or remove it"
    else:
        reason, hint = system_reason(error), "check the permissions"
    return Diagnostic(
        code="file-unreadable",
        summary=f"{name} can't be read: {reason}",
        span=Span(name, 1, 1),
        hint=hint,
    )


def system_reason(error: OSError) -> str:
    """Return the reason of an error of the system."""
    return (error.strerror or "unknown reason").lower()
