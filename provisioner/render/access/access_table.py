"""Access as text for a terminal: the most powerful people first."""

from collections.abc import Iterator, Sequence

from provisioner.planning.access.access_difference import (
    AccessDifference,
    EntryChange,
    PersonChange,
)
from provisioner.planning.access.access_list import AccessList, PersonAccess
from provisioner.render import readable
from provisioner.render.access.access_words import (
    ENTRIES,
    NOTHING,
    declared_text,
    departments_text,
    difference_title,
    field_text,
    history_text,
    is_marked,
    is_powerful,
    notes,
    outside_text,
    people_count,
    protected_text,
    role_text,
    sides_text,
    title,
)
from provisioner.render.review.ownership_texts import ownership_words
from provisioner.render.terminal.lines import Line, rendered

_INDENT = "    "
_SIGNS = {
    EntryChange.ADDED: "+",
    EntryChange.REMOVED: "!",
    EntryChange.ABSENT: "-",
    EntryChange.CHANGED: "~",
}
_STYLES = {
    EntryChange.ADDED: "green",
    EntryChange.REMOVED: "yellow",
    EntryChange.ABSENT: "red",
    EntryChange.CHANGED: "yellow",
}


def as_text(report: AccessList, *, color: bool, width: int | None = None) -> str:
    """Return who has access, for reading in a terminal.

    Without `width`, each person is on one line, for programs such as grep.
    """
    lines: list[Line] = [(title(report), "bold"), ("", "")]
    powerful = [one for one in report.people if is_powerful(one)]
    others = [one for one in report.people if not is_powerful(one)]
    for heading, people in (("Owners and admins", powerful), ("Everybody else", others)):
        if people:
            lines += [(heading, "bold"), *_people(people, width), ("", "")]
    lines += _extent(report)
    return rendered(lines, color=color, width=width)


def difference_as_text(report: AccessDifference, *, color: bool, width: int | None = None) -> str:
    """Return the difference between two versions of the files, for reading in a terminal."""
    lines: list[Line] = []
    for person in report.people:
        lines += [*_difference(person), ("", "")]
    lines.append((difference_title(report), "bold"))
    return rendered(lines, color=color, width=width)


def _people(people: Sequence[PersonAccess], width: int | None) -> Iterator[Line]:
    """Yield aligned rows; a row that is too wide continues on a second line."""
    rows = [(role_text(one), readable.brief(one.name), _email(one)) for one in people]
    widths = [max(_columns(row[column]) for row in rows) for column in range(3)]
    departments = [departments_text(one) for one in people]
    widest = max(map(_columns, departments))
    for person, row, text in zip(people, rows, departments, strict=True):
        sign, style = ("!", "yellow") if is_marked(person) else (" ", "")
        cells = [_padded(cell, size) for cell, size in zip(row, widths, strict=True)]
        head = f"{sign} {'  '.join(cells)}"
        declared = ", ".join(filter(None, (declared_text(person.newest), protected_text(person))))
        if width is None:
            texts = "; ".join(notes(person))
            yield f"{head}  {_padded(text, widest)}  {declared}  {texts}".rstrip(), style
            continue
        yield head.rstrip(), style
        parts = [part for part in ("" if text == NOTHING else text, declared) if part]
        if _columns(_INDENT + "  ".join(parts)) <= width:
            parts = ["  ".join(parts)] if parts else []
        for part in parts:
            yield f"{_INDENT}{part}", ""
        for note in notes(person):
            yield f"{_INDENT}{note}", "yellow"


def _columns(text: str) -> int:
    """Return the number of columns that a text takes; some letters take two."""
    # Imported here: rich is slow to load, and machine formats do not need it.
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(text)


def _padded(text: str, width: int) -> str:
    return f"{text}{'':{max(0, width - _columns(text))}}"


def _email(person: PersonAccess) -> str:
    return readable.brief(person.address.key)


def _difference(person: PersonChange) -> Iterator[Line]:
    former = f", was {readable.brief(person.former)}" if person.former else ""
    name = f"{readable.brief(person.name)}  " if person.name else ""
    words = f"{_SIGNS[person.entry]} {name}{readable.brief(person.address.key)}"
    yield f"{words}: {ENTRIES[person.entry]}{former}", f"bold {_STYLES[person.entry]}"
    for one in person.values:
        before, after = sides_text(one)
        where = declared_text(one.place)
        yield f"{_INDENT}{field_text(one.path)}: {before} -> {after}  {where}".rstrip(), ""


def _extent(report: AccessList) -> Iterator[Line]:
    """Yield what the marks mean, how much the files own, and what was left out."""
    if marked := sum(map(is_marked, report.people)):
        yield f"! {people_count(marked)}: the account and your files differ.", "yellow"
    if outside := outside_text(report):
        yield outside, "dim"
    if report.not_looked_at:
        surface = " on API v3" if report.is_v3 else ""
        parts = ", ".join(map(readable.brief, report.not_looked_at))
        yield f"Not looked at{surface}: {parts}.", "dim"
    if history := history_text(report):
        yield history, "dim"
    if report.snapshot_time:
        yield f"Made from the snapshot of {readable.brief(report.snapshot_time)}.", "dim"
    if report.ownership:
        yield f"Access, {ownership_words(report.ownership)}.", "bold"
