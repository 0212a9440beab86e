"""Changes in a terminal: who joins, moves, changes and leaves, with equal changes in one entry."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from provisioner.address import Kind
from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.render import readable
from provisioner.render.readable import brief
from provisioner.render.review import change_texts
from provisioner.render.review.change_groups import (
    CHANGES,
    JOINS,
    LEAVES,
    MOVES,
    STRUCTURE,
    ChangeGroup,
)
from provisioner.render.review.equal_changes import EqualChange, shown_name
from provisioner.render.review.newcomers import Newcomer, Newcomers
from provisioner.render.review.text_diffs import ADDED, REMOVED, SAME, diff_lines, has_lines
from provisioner.render.terminal.lines import Line, Part
from provisioner.render.terminal.rows import GAP, Row, parts_of_sentence, row_lines

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
STYLES = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}

SHOWN_NAMES = 20
"""Names of equal changes that are listed; `--verbose` lists all."""

SHOWN_OWN = 4
"""Values that only one new person has and that are listed; `--verbose` lists all."""

_DIFF_STYLES = {ADDED: "green", REMOVED: "red"}
_DETAIL = " " * 8


def group_lines(group: ChangeGroup, width: int | None, *, verbose: bool) -> Iterator[Line]:
    """Yield the changes of one attribution, section by section."""
    if group.attribution:
        yield f"{change_texts.TITLES[group.attribution]}:", "bold"
        yield "", ""
    yield from _joins(group.newcomers, width, verbose=verbose)
    for title, entries in ((MOVES, group.moves), (CHANGES, group.equal)):
        rows = [_equal(entry, verbose=verbose) for entry in entries]
        yield from section(title, row_lines(rows, width))
    yield from section(LEAVES, row_lines([*map(_leaver, group.leavers)], width))
    rows = [_structure(change) for change in group.structure]
    yield from section(STRUCTURE, row_lines(rows, width))


def section(title: str, lines: Iterable[Line], style: str = "bold") -> Iterator[Line]:
    """Yield a title, its lines and an empty line; nothing without lines."""
    content = tuple(lines)
    if content:
        yield title, style
        yield from content
        yield "", ""


def name_line(names: Sequence[str], *, verbose: bool, indent: str = _DETAIL) -> Line:
    """Return a line with names; many are counted unless `verbose`."""
    most = len(names) if verbose else SHOWN_NAMES
    more = len(names) - most
    shown = ", ".join(map(brief, names[:most]))
    return f"{indent}{shown}{f' and {more} more (--verbose)' if more > 0 else ''}", ""


def _joins(people: Newcomers, width: int | None, *, verbose: bool) -> Iterator[Line]:
    number = sum(len(group.people) for group in people.groups)
    if not number:
        return
    yield f"{JOINS} ({number})", "bold"
    for group in people.groups:
        departments = ", ".join(map(brief, group.departments)) or "no department"
        yield ((f"  {brief(group.role)}", "bold"), (f" in {departments}", ""))
        yield from row_lines([_newcomer(one, verbose=verbose) for one in group.people], width)
    if people.shared:
        yield "  The same for several of them", "bold"
    for (field, value), holders in people.shared:
        who = f"all {number}" if len(holders) == number else str(len(holders))
        yield ((f"    {brief(field)}: {brief(value)}", ""), (f"  for {who}", "dim"))
        if verbose and len(holders) < number:
            yield name_line([*map(shown_name, holders)], verbose=True)
    yield "", ""


def _newcomer(one: Newcomer, *, verbose: bool) -> Row:
    change = one.change
    own = one.own if verbose else one.own[:SHOWN_OWN]
    texts = [f"{brief(field)}: {brief(value)}" for field, value in own]
    if more := len(one.own) - len(own):
        texts.append(f"{more} more")
    reason = change_texts.REASONS.get(change.reason, "")
    return Row(
        SIGNS[Action.CREATE],
        STYLES[Action.CREATE],
        who(change),
        ((f"({reason})", "yellow"),) if reason else (),
        change_texts.declared_at(change),
        ((f"      {'; '.join(texts)}", "dim"),) if texts else (),
    )


def who(change: Change) -> tuple[str, ...]:
    """Return the name and the email of an agent, or the name of another object."""
    if change.address.kind is not Kind.AGENT:
        return (brief(str(change.address)),)
    name = shown_name(change)
    email = change.address.key
    return (brief(name), brief(email)) if name != email else (brief(email),)


def _equal(entry: EqualChange, *, verbose: bool) -> Row:
    """Return the row of an entry: one object with its fields, or many with their names below."""
    if entry.domain:
        return domain_row(entry, verbose=verbose)
    sign, style = SIGNS[Action.UPDATE], STYLES[Action.UPDATE]
    text, below = _effect_and_rest(entry.fields)
    if entry.profile:
        by = f"by profile {brief(entry.profile)}"
        text = (*text, (f"  ({by})" if text else by, "dim"))
    if len(entry.changes) > 1:
        names = name_line(entry.names, verbose=verbose)
        count = readable.people(len(entry.changes))
        return Row(sign, style, (count,), text, entry.place, (*below, names))
    change = entry.changes[0]
    if reason := change_texts.REASONS.get(change.reason, ""):
        text = (*text, (f"{GAP if text else ''}({reason})", "dim"))
    return Row(sign, style, who(change), text, entry.place, tuple(below))


def _effect_and_rest(fields: Sequence[FieldChange]) -> tuple[tuple[Part, ...], list[Line]]:
    """Return a single short field for the row itself, or else all fields as lines below it."""
    if len(fields) == 1 and fields[0].path[0] != "permissions":
        field = fields[0]
        if not has_lines(field.before, field.after):
            return _effect_parts(field), []
    return (), [*field_lines(fields)]


def domain_row(entry: EqualChange, *, verbose: bool) -> Row:
    """Return the row of people who move to another domain, with the proof that it is all."""
    before, after = entry.domain or ("", "")
    proof = readable.count(entry.pure, "pure rename")
    text = (
        (brief(f"@{before}"), "red"),
        (" → ", "dim"),
        (brief(f"@{after}"), "green"),
        (f" ({proof})", ""),
    )
    names = name_line(entry.names, verbose=verbose)
    return Row(
        "~",
        STYLES[Action.UPDATE],
        (readable.people(len(entry.changes)),),
        text,
        entry.place,
        (names,),
    )


def field_lines(fields: Iterable[FieldChange], indent: str = _DETAIL) -> Iterator[Line]:
    """Yield the fields of an update: values as before and after, long texts as line diffs."""
    for is_permission, same in groupby(fields, key=lambda field: field.path[0] == "permissions"):
        if is_permission:
            yield from _permission_lines(tuple(same), indent)
            continue
        for field in same:
            yield from _field_lines(field, indent)


def _permission_lines(fields: Sequence[FieldChange], indent: str) -> Iterator[Line]:
    """Yield the permissions that a role is granted, and those that it loses, as two sets."""
    gained = [brief(field.path[-1]) for field in fields if field.after == "grant"]
    lost = [brief(field.path[-1]) for field in fields if field.after != "grant"]
    for sign, words, names, style in (
        ("+", "grants", gained, "green"),
        ("-", "no longer grants", lost, "red"),
    ):
        if names:
            yield f"{indent}{sign} {words} {', '.join(names)}", style


def _field_lines(field: FieldChange, indent: str) -> Iterator[Line]:
    lines = diff_lines(field.before, field.after) if has_lines(field.before, field.after) else ()
    if lines:
        yield f"{indent}{brief(change_texts.field_name(field))}:", ""
        for sign, line in lines:
            shown = f"{indent}  {sign} {readable.harmless(line)}".rstrip()
            yield shown, _DIFF_STYLES.get(sign, "" if sign == SAME else "dim")
        return
    yield (indent, ""), *_effect_parts(field)


def _effect_parts(field: FieldChange) -> tuple[Part, ...]:
    effect = change_texts.field_effect(field)
    if change_texts.is_event(field):
        style = "green" if field.before is None else "red"
        return parts_of_sentence(effect, style)
    before, after = change_texts.field_values(field)
    match field.path:
        case ("departments", name, part):
            words = f"in {brief(name)}: {brief(part)} "
        case _:
            words = f"{brief(change_texts.field_name(field))}: "
    return (words, ""), (brief(before), "red"), (" → ", "dim"), (brief(after), "green")


def _leaver(change: Change) -> Row:
    values = dict(change_texts.deleted_values(change))
    was = [values["role"]] if values.get("role") else []
    if departments := values.get("departments"):
        was.append(f"in {departments}")
    verb = "deleted" if change.action is Action.DELETE else "suspended"
    text = f"{verb}, was {' '.join(was)}" if was else verb
    style = STYLES[Action.DELETE]
    return Row("-", style, who(change), ((brief(text), ""),), change_texts.declared_at(change))


def _structure(change: Change) -> Row:
    below: list[Line] = []
    if change.action is Action.CREATE:
        below = [
            (f"{_DETAIL}{brief(field)}: {value}", "")
            for field, value in change_texts.created_values(change)
        ]
    elif change.action is Action.UPDATE:
        below = [*field_lines(change.fields)]
    reason = change_texts.REASONS.get(change.reason, "")
    return Row(
        SIGNS[change.action],
        STYLES[change.action],
        who(change),
        ((f"({reason})", "dim"),) if reason else (),
        change_texts.declared_at(change),
        tuple(below),
    )
