"""Drift as Markdown, for an issue or a pull request.

Text from files or from the account is only in code spans, as in the comment of a plan.
"""

import re
from collections.abc import Iterator

from provisioner.planning.access.access_drift import drifting_objects, has_drift
from provisioner.planning.attribution.three_way import DriftSides
from provisioner.planning.changes import Change
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.markdown import tables
from provisioner.render.markdown.foreign_text import LONGEST, cell, code, quoted
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.markdown.top_sections import ownership_lists
from provisioner.render.review import change_texts
from provisioner.render.review.drift_texts import (
    headline,
    most_powerful_first,
    side_of,
    side_of_step,
    side_text,
    sides_of_fields,
    state_of,
)
from provisioner.render.review.ownership_texts import (
    not_looked_at_text,
    ownership_sections,
    ownership_words,
)
from provisioner.render.sentences import to_text

LIMIT = 65_000
"""Bytes of the text; GitHub takes 65,536 characters for an issue."""

_SHARE = 20_000


def draw(plan: Plan, sides: DriftSides | None = None) -> str:
    """Return drift as Markdown, which is always shorter than `LIMIT`."""
    sign = "⚠️" if has_drift(plan) else "✅"
    head = f"{marker(plan.target)}## {sign} {quoted(headline(plan), LONGEST * 2)}\n\n"
    foot = _foot(plan)
    sections = [
        *ownership_lists([one for one in ownership_sections(plan) if one.urgent], _SHARE),
        *_differences(plan, sides),
        *_by_hand(plan, sides),
        *_undeclared(plan),
    ]
    return f"{head}{fit(sections, LIMIT - size(head + foot))}{foot}"


def marker(target: str) -> str:
    """Return the hidden first line by which a later run finds its issue on the same target."""
    return f"<!-- provisioner-drift: {re.sub('[^A-Za-z0-9_.]+', '-', target)[:LONGEST]} -->\n"


def _differences(plan: Plan, sides: DriftSides | None) -> Iterator[Section]:
    rows = tuple(row for change in most_powerful_first(plan) for row in _rows(change, sides))
    if rows:
        columns = ("Object", "Field", "In the files", "In the account", "Changed", "Where")
        head = "### Differences\n\n" + tables.row(*columns)
        yield Section(_SHARE, head + tables.row(*("---" for _ in columns)), rows)


def _rows(change: Change, sides: DriftSides | None) -> Iterator[str]:
    who, whole = cell(str(change.address)), side_text(side_of(change, sides), sides)
    if not change.fields:
        yield tables.row(who, state_of(change), "", "", _words(whole), tables.place(change))
    for field, own in zip(change.fields, sides_of_fields(change, sides), strict=True):
        live, declared = change_texts.field_values(field)
        yield tables.row(
            who,
            cell(change_texts.field_name(field)),
            cell(declared),
            cell(live),
            _words(own or whole),
            tables.place(field) or tables.place(change),
        )


def _words(side: str) -> str:
    """Return the side in words; the name of a commit is foreign text."""
    words, since, label = side.partition(" since ")
    return f"{words}{since}{cell(label)}" if since else ""


def _by_hand(plan: Plan, sides: DriftSides | None) -> Iterator[Section]:
    rows = tuple(_step(step, sides) for step in plan.open_steps)
    if rows:
        yield Section(_SHARE, "### Differences that only a person can correct\n\n", rows)


def _step(step: ManualStep, sides: DriftSides | None) -> str:
    side = _words(side_text(side_of_step(step, sides), sides))
    lines = [f"- {code(str(step.address))}: {code(step.panel)}{f', {side}' if side else ''}"]
    return "\n".join([*lines, *(f"  - {code(line)}" for line in step.todo)]) + "\n"


def _undeclared(plan: Plan) -> Iterator[Section]:
    powerful = {one.address for one in plan.ownership.undeclared_powerful}
    rows = tuple(
        f"- {code(str(live.address))}\n"
        for live in drifting_objects(plan)
        if live.address not in powerful
    )
    if rows:
        yield Section(_SHARE, "### In the account, not in your files\n\n", rows)


def _foot(plan: Plan) -> str:
    lines = []
    if plan.ownership.people:
        lines.append(f"Access, {ownership_words(plan.ownership)}.")
    if plan.not_looked_at:
        lines.append(to_text(not_looked_at_text(plan), quoted))
    if has_drift(plan):
        # An apply leaves what the files do not declare.
        revert = " To revert the differences: apply." if [*most_powerful_first(plan)] else ""
        lines.append(
            "To write what the account has into the files: "
            f"`provisioner drift --accept ADDRESS`, or `--accept-all`.{revert}"
        )
    return "---\n\n" + "  \n".join(lines) + "\n" if lines else ""
