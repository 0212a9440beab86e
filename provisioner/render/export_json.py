"""The result of an export as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.address import Kind
from provisioner.documents.editing import FileChange, unified_diff
from provisioner.render.json_text import json_text

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The result of an export into files.

    Attributes:
        target: the account.
        directory: the folder, as the user typed it.
        changes: the files.
        objects: the number of objects of each kind; None for a merge into a project, and so are
            the number of profiles and of remarks about what can't be declared.
        notes: what a person should know of a merge.
    """

    target: str
    directory: str
    changes: Sequence[FileChange]
    objects: Mapping[Kind, int] | None = None
    profiles: int | None = None
    remarks: int | None = None
    notes: Sequence[str] = ()


def as_json(result: ExportResult, *, is_written: bool) -> str:
    """Return the result of an export into files; docs/commands.md describes the shape."""
    return _document(
        target=result.target,
        directory=result.directory,
        written=is_written,
        files=sorted(change.file for change in result.changes),
        difference=None if result.objects and is_written else unified_diff(result.changes),
        objects={kind.plural: number for kind, number in (result.objects or {}).items()} or None,
        profiles=result.profiles,
        remarks=result.remarks,
        notes=[*result.notes],
    )


def fragment_as_json(target: str, fragment: str, needs: Sequence[str], remarks: int) -> str:
    """Return a fragment to paste; docs/commands.md describes the shape.

    Args:
        target: the account.
        fragment: the YAML.
        needs: the addresses of roles and departments that the fragment needs.
        remarks: the number of comments about what can't be declared.
    """
    return _document(target=target, fragment=fragment, needs=[*needs], remarks=remarks)


def _document(**data: Any) -> str:
    return json_text({"format_version": FORMAT_VERSION, **data}, sort_keys=False)
