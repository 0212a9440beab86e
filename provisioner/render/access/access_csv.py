"""Access as CSV for spreadsheets: no cell of it is a formula."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from provisioner.model.kinds import SERVICES
from provisioner.planning.access.access_difference import AccessDifference, ValueChange
from provisioner.planning.access.access_fields import MEMBERSHIP_ROLE
from provisioner.planning.access.access_list import AccessList, DeclaredAt, PersonAccess
from provisioner.render import readable
from provisioner.render.access.access_words import MARKED, NOTHING, field_text, sides_text

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001  spreadsheets read both
"""The beginnings of a cell that spreadsheets take for a formula."""

_WHERE = ("file", "line", "profile", "since_day", "since_commit")

_HEAD = (
    *("target", "email", "name", "state", "declared", "protected", "role", "role_mark"),
    *(f"role_{name}" for name in _WHERE),
    *("department", *SERVICES, "department_role", "department_mark"),
    *(f"department_{name}" for name in _WHERE),
    "marked",
)

_DIFFERENCE_HEAD = ("email", "former_email", "name", "entry", "field", "before", "after", *_WHERE)


def as_csv(report: AccessList) -> str:
    """Return a row for each membership, and one for each person without a department."""
    rows = [_HEAD]
    for person in report.people:
        rows += _rows(report.target, person)
    return csv_text(rows)


def difference_as_csv(report: AccessDifference) -> str:
    """Return a row for each value that differs."""
    rows: list[tuple[Any, ...]] = [_DIFFERENCE_HEAD]
    for person in report.people:
        own = (person.address.key, person.former, person.name, person.entry.value)
        rows += [
            (*own, field_text(one.path), *_sides(one), *_where(one.place)) for one in person.values
        ] or [(*own, *[""] * (len(_DIFFERENCE_HEAD) - len(own)))]
    return csv_text(rows)


def _sides(change: ValueChange) -> tuple[str, ...]:
    return tuple("" if text == NOTHING else text for text in sides_text(change))


def _rows(target: str, person: PersonAccess) -> Iterator[tuple[Any, ...]]:
    protected = person.protected
    own = (
        target,
        person.address.key,
        person.name,
        person.state.value,
        yes(bool(person.place)),
        f"{protected.file}:{protected.line}" if protected else "",
        person.role.shown or "",
        person.role.mark.value,
        *_where(person.role.place),
    )
    named = [one for one in person.memberships if len(one.path) > 1]
    if not named:
        empty = [""] * (len(_HEAD) - len(own) - 1)
        yield *own, *empty, yes(person.role.mark in MARKED)
    for one in named:
        entry = one.shown or {}
        is_marked = bool({person.role.mark, one.mark} & MARKED)
        services = [_service(entry.get(service)) for service in SERVICES]
        membership = (one.path[1], *services, entry.get(MEMBERSHIP_ROLE) or "", one.mark.value)
        yield *own, *membership, *_where(one.place), yes(is_marked)


def _service(value: bool | None) -> str:
    return "" if value is None else yes(value)


def yes(value: bool) -> str:
    """Return the cell of a yes or no."""
    return "yes" if value else "no"


def _where(place: DeclaredAt | None) -> tuple[str, ...]:
    if place is None:
        return ("",) * len(_WHERE)
    commit = place.since
    since = (commit.time[:10], commit.id or "not committed") if commit else ("", "")
    return place.span.file, str(place.span.line), place.profile, *since


def csv_text(rows: Iterable[tuple[Any, ...]]) -> str:
    """Return rows as CSV."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """Return the text of a cell; an apostrophe keeps spreadsheets from reading a formula."""
    shown = "\n".join(map(readable.harmless, text.split("\n")))
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
