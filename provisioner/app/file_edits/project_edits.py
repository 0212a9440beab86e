"""Edits of several files of a project, validated together before the first one is written.

`Rewrite` is the result of a command that edits files.
"""

import codecs
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from provisioner.address import Address, Kind
from provisioner.app.open_project import Project, validate
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Severity,
    Span,
    UsageError,
    has_errors,
)
from provisioner.documents import IsShared, nothing_shared
from provisioner.documents.editing import Edit, EditError, FileChange, RemoveEntry, edited
from provisioner.documents.files.project_files import SourceFile
from provisioner.model.desired import DesiredState, Resource
from provisioner.suggestions import did_you_mean


class FileEdit(NamedTuple):
    """An edit of a file.

    Attributes:
        file: its path relative to the project's root, with forward slashes.
        edit: the edit; indexes of lists are those before any edit.
        document: the number of the document in the file, counted from 0.
    """

    file: str
    edit: Edit
    document: int = 0


@dataclass(frozen=True, slots=True)
class EditedProject:
    """A project with edits that are not written yet."""

    changes: tuple[FileChange, ...]
    project: Project


def edit_project(
    root: Path,
    edits: Iterable[FileEdit],
    is_shared: IsShared = nothing_shared,
    contents: Mapping[str, bytes] | None = None,
    day: date | None = None,
) -> EditedProject:
    """Return a project with edits, if they leave it valid. Nothing is written.

    `contents` are whole files, by their path in the project; `edits` are of other files. The result
    has the values of `day`, or the permanent values for None.

    Raises:
        InvalidProjectError: an edit can't be made, or the project would have errors.
    """
    changes = [
        FileChange(name, content_of(root, name), content)
        for name, content in (contents or {}).items()
    ]
    by_file: dict[str, list[FileEdit]] = {}
    for edit in edits:
        by_file.setdefault(edit.file, []).append(edit)
    for file, own in sorted(by_file.items()):
        change = _edited_file(root, file, own)
        if change.before != change.after:
            changes.append(change)
    project = validate(root, is_shared, {change.file: change.after for change in changes})
    findings = [one for one in project.findings if one not in project.unusable]
    if has_errors(findings):
        raise InvalidProjectError(
            *(_refused(one) for one in findings if one.severity is Severity.ERROR)
        )
    return EditedProject(
        tuple(sorted(changes, key=lambda change: change.file)), project.on(day) if day else project
    )


def content_of(root: Path, file: str) -> bytes | None:
    """Return the content of a file of a project, or None if there is no such file.

    Raises:
        InvalidProjectError: it can't be read.
    """
    if not os.path.lexists(root / file):
        return None
    content = SourceFile(root / file, file).read()
    if isinstance(content, Diagnostic):
        raise InvalidProjectError(content)
    return content


def _edited_file(root: Path, file: str, edits: list[FileEdit]) -> FileChange:
    content = content_of(root, file) or b""
    return FileChange(file, content, edited_content(content, _in_order(edits)))


def edited_content(content: bytes, edits: Iterable[FileEdit]) -> bytes:
    """Return the content of a file with edits, made one after another.

    Raises:
        InvalidProjectError: an edit can't be made.
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(mark).decode(errors="surrogateescape")
    for one in edits:
        try:
            text = edited(text, [one.edit], document=one.document)
        except EditError as error:
            raise InvalidProjectError(
                Diagnostic(
                    code="edit-impossible",
                    summary=f"{one.file}: {error}",
                    hint="edit this place by hand",
                )
            ) from error
    return mark + text.encode(errors="surrogateescape")


def _in_order(edits: list[FileEdit]) -> list[FileEdit]:
    """Return edits in an order in which no removed item changes the index of another edit."""
    removals = [one for one in edits if _removes_item(one.edit)]
    others = [one for one in edits if not _removes_item(one.edit)]
    return [*others, *sorted(removals, key=lambda one: one.edit.path[-1], reverse=True)]


def _removes_item(edit: Edit) -> bool:
    return isinstance(edit, RemoveEntry) and isinstance(edit.path[-1], int)


def _refused(finding: Diagnostic) -> Diagnostic:
    """Return an error of the edited project, which no file on the disk shows."""
    where = f" ({finding.span.file}:{finding.span.line} of the edited file)" if finding.span else ""
    return Diagnostic(
        code="edit-refused",
        summary=f"the edit would leave an invalid project: {finding.summary}{where}",
        hint=finding.hint,
        meant=finding.meant,
    )


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Edits of a project."""

    edits: tuple[FileEdit, ...]
    notes: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()


def declared_agent(desired: DesiredState, email: str) -> Resource:
    """Return a declared agent that is not absent.

    Raises:
        UsageError: no file declares the agent.
        InvalidProjectError: the agent is declared as absent.
    """
    resource = desired.find(Kind.AGENT, email)
    if resource is None:
        raise not_declared(desired, Kind.AGENT, email)
    if resource.absent:
        raise refused(
            f"agent {email} is declared as absent", resource.span("state"), "edit the entry by hand"
        )
    return resource


def not_declared(desired: DesiredState, kind: Kind, name: str) -> UsageError:
    """Return the error for an object that no file declares."""
    known = [resource.address.key for resource in desired.of(kind)]
    return UsageError(
        Diagnostic(
            code="usage",
            summary=f'{kind} "{name}" is not declared',
            hint=did_you_mean(name, known),
        )
    )


def refused(summary: str, span: Span | None = None, hint: str = "") -> InvalidProjectError:
    """Return the error for an edit that is not made."""
    return InvalidProjectError(
        Diagnostic(code="edit-refused", summary=summary, span=span, hint=hint)
    )
