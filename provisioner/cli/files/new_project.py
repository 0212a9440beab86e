"""Writes the files of a new project into a folder: all of them or none."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from provisioner.diagnostics import Diagnostic, ProvisionerError

_WITHOUT_MEANING = ("readme", "license", "licence", "copying", "changelog", "codeowners")
"""Names, without ending, of files that a new repository may have before a project is in it."""


def content_of(folder: Path) -> list[str]:
    """Return the names of the files in a folder that are its content, sorted.

    Files of other tools, such as `.git` and `.github`, and the first files of a repository, such as
    README.md and LICENSE, are no content.

    Raises:
        ProvisionerError: it can't be read, or is no folder.
    """
    try:
        if not os.path.lexists(folder):
            return []
        return sorted(entry.name for entry in folder.iterdir() if _has_meaning(entry))
    except NotADirectoryError as error:
        raise _refused(f"{folder} is no folder") from error
    except OSError as error:
        raise unwritable(error, folder) from error


def refuse_content(folder: Path) -> None:
    """Refuse a folder with content.

    Raises:
        ProvisionerError: it has content, or is no folder.
    """
    if content := content_of(folder):
        shown = ", ".join(content[:3]) + (", …" if len(content) > 3 else "")
        raise _refused(f"{folder} is no empty folder: it has {shown}")


def _refused(problem: str) -> ProvisionerError:
    return ProvisionerError(
        Diagnostic(
            code="file-exists",
            summary=problem,
            hint="choose another folder, or add --merge to write what differs into the project "
            "there",
        )
    )


def _has_meaning(entry: Path) -> bool:
    name = entry.name.lower()
    return not (name.startswith(".") or name.partition(".")[0] in _WITHOUT_MEANING)


def write_new_project(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files in one step, so that nobody can take a part of them for the whole.

    Raises:
        ProvisionerError: the files can't be written.
    """
    try:
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=parent) as temporary:
            complete = Path(temporary, "project")
            for name, content in files.items():
                file = complete / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            if folder.exists():
                # Not replaced: it may be the current folder of a shell.
                for entry in complete.iterdir():
                    entry.rename(folder / entry.name)
            else:
                complete.rename(folder)
    except OSError as error:
        raise unwritable(error, folder) from error


def unwritable(error: OSError, folder: Path) -> ProvisionerError:
    """Return the error that a folder can't be written."""
    return ProvisionerError(
        Diagnostic(
            code="file-unwritable",
            summary=f"{error.filename or folder}: {error.strerror}",
            hint="choose a folder that can be written to",
        )
    )
