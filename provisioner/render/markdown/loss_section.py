"""Who loses access, in Markdown: in tables, or by name only where there are too many for that."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from provisioner.planning.plans.plan_data import Plan
from provisioner.render.markdown import tables
from provisioner.render.markdown.code_spans import code
from provisioner.render.markdown.size_budget import size, within
from provisioner.render.review import review_words
from provisioner.render.review.losses import Loss, LossSeverity, losses

FOR_TABLES = 50_000
"""Bytes that this list may take as a table, which tells more than the names."""

FOR_COUNTS = 300
"""Bytes that say how many names of what sort are left out."""


def losses_section(content: Plan, room: int) -> str:
    """Return who loses access: in tables, or by name only where there are too many for that."""
    parts = [
        (f"### Who loses access{review_words.BY[origin]}", tuple(found))
        for origin, found in groupby(losses(content), key=lambda loss: loss.origin)
    ]
    whole = "".join(_loss_table(f"{title} ({len(found)})", found) for title, found in parts)
    if size(whole) <= FOR_TABLES:
        return whole
    told = []
    for title, found in parts:
        told.append(_loss_names(f"{title} ({len(found)})", found, room))
        room = max(0, room - size(told[-1]))
    return "".join(told)


def _loss_table(title: str, found: Iterable[Loss]) -> str:
    rows = (
        tables.row(tables.who(loss.change), tables.said(loss.said), tables.place(loss.change))
        for loss in found
    )
    head = f"{title}\n\n{tables.row('Who', 'What', 'Where')}{tables.row('---', '---', '---')}"
    return f"{head}{''.join(rows)}\n"


def _loss_names(title: str, found: Sequence[Loss], room: int) -> str:
    """Return the names of who loses access, the gravest first, as far as there is room."""
    text = (
        f"{title}\n\nToo many for a table, so here are the names; what each loses stands in "
        f"{tables.WHOLE}.\n\n"
    )
    left: dict[LossSeverity, int] = {}
    left_room = room - size(text) - FOR_COUNTS
    for gravity, own in groupby(found, key=lambda loss: loss.gravity):
        people = tuple(own)
        names = [f" {code(tables.key(loss.change))}" for loss in people]
        line = f"**{gravity.value.capitalize()} ({len(people)}):**"
        kept = within(names, left_room - size(line))
        left_room -= size(line) + sum(map(size, kept)) + 2
        left |= {gravity: len(names) - len(kept)} if len(kept) < len(names) else {}
        text += f"{line}{''.join(kept)}\n\n" if kept else ""
    if not left:
        return text
    said = ", ".join(f"{number} {gravity.value}" for gravity, number in left.items())
    return (
        f"{text}**{sum(left.values())} more lose access, for whom there is no room: {said}.**\n\n"
    )
