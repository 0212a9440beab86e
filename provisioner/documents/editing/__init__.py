"""Edits of YAML text that change only the bytes of the edited entry.

Edits are pure functions from text to text. Comments, order, quotes and layout stay, because the
text is spliced at the positions of the parsed values and never written anew. New text takes its
style from its neighbours.
"""

from provisioner.documents.editing.edits import (
    AppendItem,
    Edit,
    RemoveEntry,
    RenameKey,
    SetValue,
    edited,
)
from provisioner.documents.editing.file_changes import FileChange, unified_diff, write_all
from provisioner.documents.editing.splices import EditError

__all__ = [
    "AppendItem",
    "Edit",
    "EditError",
    "FileChange",
    "RemoveEntry",
    "RenameKey",
    "SetValue",
    "edited",
    "unified_diff",
    "write_all",
]
