"""Attachments: signatures and photos in files that the YAML refers to.

They are read only from inside the project, so that a pull request shows everything.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from provisioner.characters import composed
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.files.boundary import Boundary
from provisioner.documents.files.project_files import NOTHING_UNSAVED, Unsaved
from provisioner.documents.files.regular import FileTooLargeError, read_regular

MAX_TEXT_BYTES = 64 * 1024
"""Maximum size of a signature, far above the usual few lines."""

MAX_PHOTO_BYTES = 2 * 1024 * 1024
"""Maximum size of a photo. LiveAgent's own limit is unknown (U)."""

DELETE = 0x7F
"""The control character after the printable ones."""

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}

_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Photo:
    """An image file.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        digest: `sha256:` and the hex digest of the content.
    """

    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for upload.

    Attributes:
        name: its name without folders.
        content: its bytes.
        type: its media type.
    """

    name: str
    content: bytes
    type: str


def load_photo(root: Path, photo: Photo) -> Attachment | None:
    """Return a photo for upload, or None if its file has changed."""
    file = root / photo.file
    if not Boundary(root).contains(file):
        return None
    try:
        content = read_regular(file, MAX_PHOTO_BYTES)
    except OSError:
        return None
    kind = image_type(content)
    if kind is None or digest(content) != photo.digest:
        return None
    return Attachment(file.name, content, kind)


def read_text(
    root: Path, named_in: str, path: str, span: Span, unsaved: Unsaved = NOTHING_UNSAVED
) -> str | Diagnostic:
    """Return the text of a file that a document names.

    `path` is relative to the folder of the document's file.
    """
    content = read_content(root, named_in, path, span, MAX_TEXT_BYTES, unsaved)
    if isinstance(content, Diagnostic):
        return content
    if _has_controls(content):
        hint = "remove the control characters"
        return _diagnostic("attachment-type", f'"{path}" is not plain text', span, hint)
    try:
        # Editors end a file with a line break; it is not part of the text.
        text = content.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n")
        return str(composed(text))
    except UnicodeDecodeError:
        return _diagnostic(
            "attachment-type", f'"{path}" is not UTF-8 text', span, "save it as UTF-8"
        )


def read_photo(
    root: Path, named_in: str, path: str, span: Span, unsaved: Unsaved = NOTHING_UNSAVED
) -> Photo | Diagnostic:
    """Return an image that a document names; see `read_text`."""
    content = read_content(root, named_in, path, span, MAX_PHOTO_BYTES, unsaved)
    if isinstance(content, Diagnostic):
        return content
    if image_type(content) is None:
        hint = "use a PNG, JPEG, GIF or WebP file"
        return _diagnostic("attachment-type", f'"{path}" is not an image', span, hint)
    file = os.path.relpath(_file(root, named_in, path).resolve(), root.resolve())
    return Photo(PurePath(file).as_posix(), digest(content))


def _file(root: Path, named_in: str, path: str) -> Path:
    """Return the file that a document names.

    Documents have the composed Unicode form, but file systems may keep another form of names.
    """
    folder = (root / named_in).parent
    if path.isascii() or (folder / path).exists():
        return folder / path
    file = folder
    for part in PurePath(path).parts:
        is_inside = part != ".." and Boundary(root).contains(file)
        same = [name for name in _names_in(file) if composed(name) == part] if is_inside else []
        file /= same[0] if len(same) == 1 else part
    return file


def _names_in(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def image_type(content: bytes) -> str | None:
    """Return the media type of an image by its first bytes, or None for other content."""
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def photo_ending(content: bytes) -> str | None:
    """Return the file ending for a photo, or None if `read_photo` would refuse it."""
    if len(content) > MAX_PHOTO_BYTES:
        return None
    return _ENDINGS.get(image_type(content) or "")


def text_content(text: str) -> bytes | None:
    """Return file content that `read_text` reads as a given text, or None if there is none."""
    try:
        content = f"{text}\n".encode()
    except UnicodeEncodeError:
        return None
    lossy = (
        "\r" in text
        or _has_controls(content)
        or text.startswith("\ufeff")
        or len(content) > MAX_TEXT_BYTES
    )
    return None if lossy else content


def digest(content: bytes) -> str:
    """Return the digest of a file's content: `sha256:` and hexadecimal digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _has_controls(content: bytes) -> bool:
    """Return whether a text has control characters other than tabs and line breaks."""
    return any((byte < ord(" ") and byte not in b"\t\n\r") or byte == DELETE for byte in content)


def read_content(
    root: Path, named_in: str, path: str, span: Span, limit: int, unsaved: Unsaved
) -> bytes | Diagnostic:
    """Return the content of a file inside the project that a document names.

    `path` is relative to the folder of the document's file; `limit` is a number of bytes.
    """
    name = PurePosixPath(os.path.normpath(PurePosixPath(named_in).parent / path)).as_posix()
    if (content := unsaved.get(name)) is not None:
        return content
    try:
        file = _file(root, named_in, path)
        is_inside = Boundary(root).contains(file)
    except ValueError:  # a NUL, or half of a surrogate pair
        hint = "write the name of a file in the project"
        return _diagnostic("attachment-unreadable", f"{path!r} is not a file name", span, hint)
    if not is_inside:
        return _diagnostic(
            "attachment-outside",
            f'"{path}" is outside of the project',
            span,
            "move the file into the project's folder",
        )
    try:
        return read_regular(file, limit)
    except FileTooLargeError:
        hint = f"at most {limit // 1024} KiB are allowed"
        return _diagnostic("attachment-too-large", f'"{path}" is too large', span, hint)
    except OSError as error:
        return _diagnostic(
            "attachment-unreadable",
            f'"{path}" can\'t be read: {error.strerror}',
            span,
            f'the path is relative to the folder of "{named_in}"',
        )


def _diagnostic(code: str, summary: str, span: Span, hint: str) -> Diagnostic:
    return Diagnostic(code=code, summary=summary, span=span, hint=hint)
