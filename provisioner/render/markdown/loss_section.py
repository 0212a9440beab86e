"""Losses of access in Markdown: as tables, or as lists of names where tables would be too long."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from provisioner.render.markdown import tables
from provisioner.render.markdown.code_spans import code
from provisioner.render.markdown.size_budget import size, within
from provisioner.render.review.change_texts import BY
from provisioner.render.review.losses import Loss, LossSeverity

FOR_TABLES = 50_000
"""Bytes that the section may take as tables, which have more details than the names."""

FOR_COUNTS = 300
"""Bytes reserved for the numbers of names that are left out."""


def loss_section(losses: Iterable[Loss], room: int) -> str:
    """Return the losses as tables, or as lists of names where the tables would be too long.

    Args:
        losses: by attribution and severity.
        room: the size in bytes that lists of names may have.
    """
    parts = [
        (f"### Who loses access{BY[attribution]}", tuple(own))
        for attribution, own in groupby(losses, key=lambda loss: loss.attribution)
    ]
    whole = "".join(_loss_table(f"{title} ({len(own)})", own) for title, own in parts)
    if size(whole) <= FOR_TABLES:
        return whole
    sections = []
    for title, own in parts:
        sections.append(_loss_names(f"{title} ({len(own)})", own, room))
        room = max(0, room - size(sections[-1]))
    return "".join(sections)


def _loss_table(title: str, losses: Iterable[Loss]) -> str:
    rows = (
        tables.row(tables.who(loss.change), tables.text(loss.lost), tables.place(loss.change))
        for loss in losses
    )
    head = f"{title}\n\n{tables.row('Who', 'What', 'Where')}{tables.row('---', '---', '---')}"
    return f"{head}{''.join(rows)}\n"


def _loss_names(title: str, losses: Sequence[Loss], room: int) -> str:
    """Return as many names as there is room for, by severity, and the number of the others."""
    text = (
        f"{title}\n\nToo many for a table. Here are the names; the details are in "
        f"{tables.WHOLE}.\n\n"
    )
    omitted: dict[LossSeverity, int] = {}
    room -= size(text) + FOR_COUNTS
    for severity, same in groupby(losses, key=lambda loss: loss.severity):
        names = [f" {code(tables.key(loss.change))}" for loss in same]
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
