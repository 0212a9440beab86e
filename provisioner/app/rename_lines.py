"""Finds suspected renames of a plan, and where in the files the line `previously:` belongs."""

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.address import Identity
from provisioner.app.comparison import Branch, Comparison
from provisioner.documents.document import Document
from provisioner.documents.yaml.encoding import decode
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.changes import Action
from provisioner.planning.suspicion.likeness import DeclaredBefore
from provisioner.planning.suspicion.rename_candidates import suspected_renames
from provisioner.planning.suspicion.suspected_renames import Insertion, SuspectedRename

if TYPE_CHECKING:
    from provisioner.documents.editing.edits import SetValue

MOST_INSERTIONS = 20
"""Suspected renames for which the exact line is looked for; each one reads its file again."""


def find_suspected(
    comparison: Comparison,
    root: Path,
    target: str,
    branch: Branch | None,
    applied: Callable[[], frozenset[Identity]],
) -> tuple[SuspectedRename, ...]:
    """Return the creations of a comparison that are probably renames, with the line to paste.

    `applied` returns the objects that recorded runs created or changed.
    """
    earlier = branch.earlier if branch else None
    before = DeclaredBefore(earlier.desired_for(target).resources if earlier else None, applied)
    changes = comparison.changes
    created = {
        change.address
        for change in changes
        if change.action is Action.CREATE and not change.restores
    } | {step.address for step in comparison.steps}
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    suspected = suspected_renames(comparison.desired, comparison.live, created, deleted, before)
    return tuple(
        replace(one, insertion=insertion_of(root, one)) if index < MOST_INSERTIONS else one
        for index, one in enumerate(suspected)
    )


def insertion_of(root: Path, suspected: SuspectedRename) -> Insertion | None:
    """Return the text to insert into a file for a rename; None if there is no such simple change.

    The change was made in memory and read back: it sets `previously` and changes nothing else.
    """
    # Imported here, as below: few plans have a suspected rename.
    from provisioner.documents.editing.edits import SetValue, edited  # noqa: PLC0415
    from provisioner.documents.editing.splices import EditError  # noqa: PLC0415

    entry = suspected.entry
    if entry is None or "previously" in entry.own.fields:
        return None
    file = entry.own.document.file
    naming = KINDS[entry.address.kind].identity
    edit = SetValue(("previously",), suspected.former_name, order=(naming, "previously"))
    try:
        text = decode((root / file).read_bytes(), file)
        if not isinstance(text, str):
            return None
        if found := _in_item(text, entry, edit):
            return found
        edit = replace(edit, path=(*entry.own.path, *edit.path))
        after = edited(text, [edit], document=_number(text, entry))
    except (OSError, EditError):
        return None
    return _inserted(file, text, after)


def _in_item(text: str, entry: Resource, edit: "SetValue") -> Insertion | None:
    """Return the insertion for an edit of an item of a block list; None where that is not clear.

    Only the lines of the item are read, and not a whole large file again and again.
    """
    from provisioner.documents.editing.edits import edited  # noqa: PLC0415
    from provisioner.documents.editing.splices import EditError  # noqa: PLC0415

    document, path = entry.own.document, entry.own.path
    *holder, index = path
    start, following = document.span(path), document.span((*holder, int(index) + 1))
    end = following.line - 1 if following.line > start.line else None
    fragment = "".join(text.splitlines(keepends=True)[start.line - 1 : end])
    read, _ = read_yaml(fragment.encode(errors="surrogatepass"), document.file)
    is_alone = "&" not in fragment and [one.data for one in read] == [
        [reduce(getitem, path, document.data)]
    ]
    if not is_alone:
        return None
    try:
        after = edited(fragment, [replace(edit, path=(0, *edit.path))])
    except EditError:
        return None
    found = _inserted(document.file, fragment, after)
    return found and replace(found, line=found.line + start.line - 1)


def _number(text: str, entry: Resource) -> int:
    """Return the number of the document of an entry in its file."""
    documents, _ = read_yaml(text.encode(errors="surrogatepass"), entry.own.document.file)
    place = entry.own.span()

    def is_same(document: Document) -> bool:
        return document.span(entry.own.path) == place

    return next((index for index, one in enumerate(documents) if is_same(one)), 0)


def _inserted(file: str, before: str, after: str) -> Insertion | None:
    """Return the difference of two texts, if it is one insertion."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    index = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    if old[index:] == new[index + 1 :] and len(new) > len(old):
        return Insertion(file, index + 1, 1, new[index])
    if old[:index] + old[index + 1 :] != new[:index] + new[index + 1 :]:
        return None
    line, other = old[index], new[index]
    added = len(other) - len(line)
    column = next(i for i, (a, b) in enumerate(zip(f"{line}\0", other, strict=False)) if a != b)
    if other[:column] + other[column + added :] != line:
        return None
    return Insertion(file, index + 1, column + 1, other[column : column + added])
