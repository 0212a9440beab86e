"""Planned hours: the changes of single days of a service, told together like a week."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

from provisioner.planning.changes import FieldChange


def together(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return fields with the days of one service as one field: `("hours", "Support", "chats")`.

    Days that stand at different places, or come from different branches, stay apart.
    """
    return tuple(_told(fields))


def _told(fields: Iterable[FieldChange]) -> Iterator[FieldChange]:
    for _, found in groupby(fields, key=_service):
        days = [*found]
        if len(days[0].path) < 4 or days[0].path[0] != "hours":
            yield from days
            continue
        before, after = (
            {field.path[3]: value for field in days if (value := getattr(field, side)) is not None}
            for side in ("before", "after")
        )
        yield replace(days[0], path=days[0].path[:3], before=before, after=after)


def _service(field: FieldChange) -> tuple[Any, ...]:
    """Return what fields have in common that are told together; of most, only they have it."""
    whose = (field.source, field.profile, field.attribution, field.commit)
    if field.path[0] == "hours" and len(field.path) == 4:
        return field.path[:3], whose
    return field.path, whose
