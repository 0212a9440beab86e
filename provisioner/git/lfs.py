"""Reads files of git LFS: git contains a pointer with the digest of the content.

The content is read from the store of the clone, without the program git-lfs, because that program
reads configuration from the branch.
"""

import hashlib
import re
from pathlib import Path

from provisioner.documents.files.regular import read_regular

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize [0-9]+\n"
)


def is_pointer_to(pointer: bytes, content: bytes) -> bool:
    """Return whether a pointer of git LFS points to a content."""
    match = _POINTER.fullmatch(pointer)
    return match is not None and hashlib.sha256(content).hexdigest().encode() == match[1]


def content_of(blob: bytes, git_folder: Path, limit: int) -> bytes:
    """Return the content of a file in a checkout.

    Args:
        blob: the file in git: the content, or a pointer of git LFS.
        git_folder: git directory of the clone.
        limit: most bytes to read.

    Returns:
        The content that a pointer points to, if the clone has it; otherwise the blob.
    """
    match = _POINTER.fullmatch(blob)
    if match is None:
        return blob
    digest = match[1].decode()
    file = git_folder / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    try:
        content = read_regular(file, limit)
    except OSError:
        return blob
    return content if is_pointer_to(blob, content) else blob
