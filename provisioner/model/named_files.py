"""Replacement of file names in documents: signatures by their text, photos by their digest.

Values of a wrong type are not changed: the schema has reported them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import Document, DocumentPath
from provisioner.documents.files.attachments import Photo, read_photo, read_text
from provisioner.documents.files.project_files import Unsaved

_Read: TypeAlias = Callable[[Path, str, str, Span, Unsaved], str | Photo | Diagnostic]


@dataclass(slots=True)
class AttachmentReader:
    """Reads the files that documents name, and collects photos and errors.

    Attributes:
        root: the project's folder.
        unsaved: files that are not written yet.
        photos: digest to photo.
        findings: errors of the files.
    """

    root: Path
    unsaved: Unsaved = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    _read: dict[tuple[_Read, str, str], str | Photo | Diagnostic] = field(default_factory=dict)

    def text(self, document: Document, path: str, span: Span) -> str:
        """Return the text of a file that a document names, or "" if it can't be read."""
        content = self._once(read_text, document, path, span)
        return content if isinstance(content, str) else ""

    def photo(self, document: Document, path: str, span: Span) -> str:
        """Return the digest of an image that a document names, or "" if it can't be read."""
        photo = self._once(read_photo, document, path, span)
        if isinstance(photo, Photo):
            self.photos[photo.digest] = photo
            return photo.digest
        return ""

    def _once(self, read: _Read, document: Document, path: str, span: Span) -> str | Photo | None:
        """Return the content of a file; a file that many agents name is read once."""
        key = read, document.file.rpartition("/")[0], path
        if key not in self._read:
            self._read[key] = read(self.root, document.file, path, span, self.unsaved)
        result = self._read[key]
        if isinstance(result, Diagnostic):
            self.findings.append(replace(result, span=span))
            return None
        return result


def resolve(
    item: Mapping[str, Any], document: Document, path: DocumentPath, attachments: AttachmentReader
) -> dict[str, Any]:
    """Return the fields of an agent or profile with file names replaced."""
    result = dict(item)

    def signature(value: Any, *place: str | int) -> Any:
        if isinstance(value, dict) and isinstance(value.get("file"), str):
            where = (*path, *place, "file")
            return attachments.text(document, value["file"], document.span(where))
        return value

    def membership(entry: Any, *place: str | int) -> Any:
        if isinstance(entry, dict) and "signature" in entry:
            return {**entry, "signature": signature(entry["signature"], *place, "signature")}
        return entry

    if "signature" in item:
        result["signature"] = signature(item["signature"], "signature")
    if "each_department" in item:
        result["each_department"] = membership(item["each_department"], "each_department")
    if isinstance(item.get("photo"), str):
        span = document.span((*path, "photo"))
        result["photo"] = attachments.photo(document, item["photo"], span)
    if isinstance(item.get("departments"), dict):
        result["departments"] = {
            name: membership(entry, "departments", name)
            for name, entry in item["departments"].items()
        }
    return result
