"""Parts of an account that a reading did not understand. They are named, and never overwritten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Kind
from provisioner.documents.schema.shapes import flag, one_of, record, sequence, text
from provisioner.model.fields import FieldPath

ANY_ENTRY = "*"
"""The key of a path that stands for each entry, such as each membership."""

_SHOWN_ROWS = 3

ObjectKey = tuple[Kind, str]
"""Kind and server id of an object."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One problem of rows in a list of the account.

    Attributes:
        call: method and path of the list, such as `GET /api/v3/agents`.
        field: the path of the field in its rows.
        problem: completes a sentence about the field, such as `is "?"; one of M, F is expected`.
        rows: the ids of the rows.
        kind: the kind of the objects that the rows are about.
        ids: the ids of these objects, sorted.
        path: the field of the YAML with an unknown value; () if none.
        whole: whether the objects were not read at all.
        emails: the folded emails of such objects, where known.
        is_documented: whether the API may leave the value out: only declared fields matter then.
    """

    call: str
    field: str
    problem: str
    rows: tuple[str, ...]
    kind: Kind = Kind.AGENT
    ids: tuple[str, ...] = ()
    path: FieldPath = ()
    whole: bool = False
    emails: tuple[str, ...] = ()
    is_documented: bool = False

    def __str__(self) -> str:
        """Return list, rows, field and problem in one line."""
        shown = ", ".join(f'"{row}"' for row in self.rows[:_SHOWN_ROWS])
        more = len(self.rows) - _SHOWN_ROWS
        rows = f"{shown} and {more} more" if more > 0 else shown
        label = f", {'row' if len(self.rows) == 1 else 'rows'} {rows}" if rows else ""
        return f"{self.call}{label}: {self.field} {self.problem}"


def unread_fields(unread: Iterable[Unread]) -> dict[ObjectKey, tuple[FieldPath, ...]]:
    """Return a mapping from object to the fields of the YAML with unknown values."""
    fields: dict[ObjectKey, tuple[FieldPath, ...]] = {}
    for one in unread:
        for object_id in one.ids if one.path else ():
            key = (one.kind, object_id)
            fields[key] = (*fields.get(key, ()), one.path)
    return fields


def is_unread(paths: Iterable[FieldPath], path: FieldPath) -> bool:
    """Return whether a field is one of the fields with unknown values, or a part of one."""
    return any(
        len(unread) <= len(path)
        and all(key in {ANY_ENTRY, part} for key, part in zip(unread, path, strict=False))
        for unread in paths
    )


def renamed(one: Unread, names: Mapping[str, str]) -> Unread:
    """Return an unread part with the new name of its department."""
    if len(one.path) < 2 or one.path[0] not in {"departments", "hours"}:
        return one
    first, name, *rest = one.path
    return replace(one, path=(first, names.get(name, name), *rest))


UNREAD = record(
    {
        **dict.fromkeys(("call", "field", "problem"), text),
        **dict.fromkeys(("rows", "ids", "path", "emails"), sequence(text)),
        "kind": one_of(Kind),
        **dict.fromkeys(("whole", "is_documented"), flag),
    },
    closed=True,
)
"""The shape of an unread part in a snapshot."""


def saved_unread(entry: Mapping[str, Any]) -> Unread:
    """Return the unread part of an entry that has the shape `UNREAD`."""
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return Unread(**{**entry, **lists, "kind": Kind(entry["kind"])})
