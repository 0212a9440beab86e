"""Changes in Markdown: who joins, moves, changes and leaves, with equal changes in one row."""

from collections.abc import Iterable, Iterator, Mapping

from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.render import readable
from provisioner.render.markdown import tables
from provisioner.render.markdown.foreign_text import block, cell, quoted
from provisioner.render.markdown.size_budget import Section
from provisioner.render.review import change_texts
from provisioner.render.review.change_groups import (
    CHANGES,
    JOINS,
    LEAVES,
    MOVES,
    STRUCTURE,
    ChangeGroup,
)
from provisioner.render.review.equal_changes import EqualChange
from provisioner.render.review.newcomers import Newcomers
from provisioner.render.review.text_diffs import diff_lines, has_lines

SHOWN_NAMES = 20
"""Names of equal changes that a row lists; more are counted."""


def group_sections(group: ChangeGroup, shares: Mapping[str, int], level: str) -> Iterator[Section]:
    """Yield the changes of one attribution, section by section.

    Args:
        group: the changes.
        shares: the bytes of each section where there is no room for all of them.
        level: the mark of a heading, such as `###`.
    """
    yield from _joins(group.newcomers, shares, level)
    for title, entries in ((MOVES, group.moves), (CHANGES, group.equal)):
        people = {change.address for entry in entries for change in entry.changes}
        rows = tuple(map(_equal, entries))
        yield from _table(shares[title.lower()], f"{level} {title} ({len(people)})", _CHANGED, rows)
    for title, changes in (
        (LEAVES, group.leavers),
        (STRUCTURE, group.structure),
    ):
        share = shares["leaves" if changes is group.leavers else "structure"]
        rows = tuple(map(_alone, changes))
        yield from _table(share, f"{level} {title} ({len(rows)})", _CHANGED, rows)
    yield from _texts(group, shares["texts"])
    yield from _values(group, shares["values"])


_CHANGED = ("Who", "Change", "Where")


def _table(
    share: int, title: str, columns: tuple[str, ...], rows: tuple[str, ...]
) -> Iterator[Section]:
    if rows:
        yield Section(share, f"{title}\n\n{tables.head(*columns)}", rows)


def _joins(people: Newcomers, shares: Mapping[str, int], level: str) -> Iterator[Section]:
    rows = []
    for group in people.groups:
        departments = ", ".join(map(cell, group.departments)) or "none"
        for one in group.people:
            reason = change_texts.REASONS.get(one.change.reason)
            who = tables.who(one.change) + (f" ({reason})" if reason else "")
            rows.append(tables.row(who, cell(group.role), departments, tables.place(one.change)))
    columns = ("Who", "Role", "Departments", "Where")
    yield from _table(shares["joins"], f"{level} {JOINS} ({len(rows)})", columns, tuple(rows))
    shared = tuple(
        f"- {quoted(field)}: {quoted(value)}, for {_whole(len(holders), len(rows))}\n"
        for (field, value), holders in people.shared
    )
    if shared:
        yield Section(shares["shared"], "The same for several of them:\n\n", shared)


def _whole(number: int, of: int) -> str:
    return f"all {number}" if number == of else str(number)


def _equal(entry: EqualChange) -> str:
    if entry.domain:
        before, after = (cell(f"@{domain}") for domain in entry.domain)
        effects = [f"{before} → {after} ({readable.count(entry.pure, 'pure rename')})"]
    else:
        effects = [_effect(field) for field in entry.fields]
    if entry.profile:
        effects[0] = f"by profile {cell(entry.profile)}: {effects[0]}"
    return tables.row(_people(entry), "; ".join(effects), tables.place_text(entry.place))


def _people(entry: EqualChange) -> str:
    if len(entry.changes) == 1:
        change = entry.changes[0]
        reason = change_texts.REASONS.get(change.reason)
        return tables.who(change) + (f" ({reason})" if reason else "")
    names = ", ".join(map(cell, entry.names[:SHOWN_NAMES]))
    more = len(entry.names) - SHOWN_NAMES
    others = f" and {more} more" if more > 0 else ""
    return f"**{len(entry.names)} people**: {names}{others}"


def _effect(field: FieldChange) -> str:
    if has_lines(field.before, field.after):
        return f"{cell(change_texts.field_name(field))}, see below"
    return tables.text(change_texts.field_effect(field))


def _alone(change: Change) -> str:
    """Return the row of somebody who leaves, or of a department or role."""
    reason = change_texts.REASONS.get(change.reason)
    effects = [reason] if reason else []
    match change.action:
        case Action.UPDATE:
            effects += map(_effect, change.fields)
        case Action.CREATE:
            values = change_texts.created_values(change)
            effects += ["is created", *(f"{cell(name)}: {cell(value)}" for name, value in values)]
        case _:
            was = ", ".join(cell(value) for _, value in change_texts.deleted_values(change))
            effects.append(f"is deleted, was {was}" if was else "is deleted")
    return tables.row(tables.who(change), "; ".join(effects), tables.place(change))


def _texts(group: ChangeGroup, share: int) -> Iterator[Section]:
    """Yield the texts of several lines that change, as line diffs."""
    rows = tuple(
        _text(f"{_people(entry)}, {cell(change_texts.field_name(field))}", field)
        for entry in (*group.moves, *group.equal)
        for field in entry.fields
        if has_lines(field.before, field.after)
    )
    yield from _folded(share, "Texts that change", "", rows)


def _text(title: str, field: FieldChange) -> str:
    lines = [f"{sign} {line}" for sign, line in diff_lines(field.before, field.after)]
    return f"{title}\n\n{block(lines, 'diff')}\n"


def _values(group: ChangeGroup, share: int) -> Iterator[Section]:
    """Yield the values that only one of the new people has."""
    rows = tuple(
        tables.row(tables.who(one.change), "; ".join(_named_values(one.own)))
        for part in group.newcomers.groups
        for one in part.people
        if one.own
    )
    yield from _folded(share, "Values of single new people", tables.head("Who", "Values"), rows)


def _named_values(values: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{cell(name)}: {cell(value)}" for name, value in values)


def _folded(share: int, title: str, head: str, rows: tuple[str, ...]) -> Iterator[Section]:
    if rows:
        summary = f"<details><summary>{title} ({len(rows)})</summary>\n\n{head}"
        yield Section(share, summary, rows, tail="\n</details>\n")
