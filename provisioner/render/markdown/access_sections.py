"""Who gains power and who loses access, in Markdown.

Losses are tables, or lists of names where tables would be too long.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from provisioner.render.markdown import tables
from provisioner.render.markdown.foreign_text import cell, code
from provisioner.render.markdown.size_budget import Section, size, within
from provisioner.render.review import losses, power_gains
from provisioner.render.review.change_texts import BY
from provisioner.render.review.equal_changes import shown_name
from provisioner.render.review.losses import LossGroup, LossSeverity
from provisioner.render.review.power_gains import PowerGain

FOR_TABLES = 50_000
"""Bytes that the section may take as tables, which have more details than the names."""

FOR_COUNTS = 300
"""Bytes reserved for the numbers of names that are left out."""


FOR_GAINS = 8_000
"""Bytes that the section about power may take."""


def gain_section(gains: Iterable[PowerGain]) -> str:
    """Return who gains power as a table; "" for nobody."""
    rows = tuple(
        tables.row(
            tables.who(gain.change),
            tables.text(gain.before),
            f"**{tables.text(gain.after)}**{BY[gain.attribution]}",
            tables.place_text(gain.place),
        )
        for gain in gains
    )
    if not rows:
        return ""
    head = (
        f"### {power_gains.TITLE} ({len(rows)})\n\n{tables.head('Who', 'Before', 'After', 'Where')}"
    )
    return Section(FOR_GAINS, head, rows).within(FOR_GAINS)


def loss_section(groups: Iterable[LossGroup], room: int) -> str:
    """Return the losses as tables, or as lists of names where the tables would be too long.

    Args:
        groups: equal losses together, by attribution and severity.
        room: the size in bytes that lists of names may have.
    """
    parts = [
        (f"### {losses.TITLE}{BY[attribution]}", tuple(own))
        for attribution, own in groupby(groups, key=lambda group: group.attribution)
    ]
    titles = [f"{title} ({sum(len(g.losses) for g in own)})" for title, own in parts]
    whole = "".join(_loss_table(title, own) for title, (_, own) in zip(titles, parts, strict=True))
    if size(whole) <= FOR_TABLES:
        return whole
    sections = []
    for title, (_, own) in zip(titles, parts, strict=True):
        sections.append(_loss_names(title, own, room))
        room = max(0, room - size(sections[-1]))
    return "".join(sections)


def _loss_table(title: str, groups: Iterable[LossGroup]) -> str:
    rows = (
        tables.row(_losers(group), tables.text(group.lost), tables.place_text(group.place))
        for group in groups
    )
    return f"{title}\n\n{tables.head('Who', 'What', 'Where')}{''.join(rows)}\n"


def _losers(group: LossGroup) -> str:
    changes = [loss.change for loss in group.losses]
    if len(changes) == 1:
        return tables.who(changes[0])
    return f"{len(changes)} people: {', '.join(cell(shown_name(change)) for change in changes)}"


def _loss_names(title: str, groups: Sequence[LossGroup], room: int) -> str:
    """Return as many names as there is room for, by severity, and the number of the others."""
    text = (
        f"{title}\n\nToo many for a table. Here are the names; the details are in the report of "
        "`--format html`.\n\n"
    )
    omitted: dict[LossSeverity, int] = {}
    room -= size(text) + FOR_COUNTS
    for severity, same in groupby(groups, key=lambda group: group.severity):
        names = [f" {code(tables.key(loss.change))}" for group in same for loss in group.losses]
        line = f"**{severity.value.capitalize()} ({len(names)}):**"
        shown = within(names, room - size(line))
        room -= size(line) + sum(map(size, shown)) + 2
        if len(shown) < len(names):
            omitted[severity] = len(names) - len(shown)
        text += f"{line}{''.join(shown)}\n\n" if shown else ""
    if not omitted:
        return text
    numbers = ", ".join(f"{number} {severity.value}" for severity, number in omitted.items())
    total = sum(omitted.values())
    return f"{text}**{total} more lose access and are not listed: {numbers}.**\n\n"
