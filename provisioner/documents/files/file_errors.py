"""The errors and warnings of files and folders."""

from provisioner.diagnostics import Diagnostic, Severity, Span


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
