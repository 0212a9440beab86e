"""Drift as text or JSON: values of an account that differ from those that the files declare.

It is made from a plan, so drift and plan can't disagree.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.planning.access.access_drift import (
    drifting_objects,
    has_drift,
)
from provisioner.planning.attribution.three_way import DriftSides
from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.json_text import json_text
from provisioner.render.review.drift_texts import (
    STATES,
    count_states,
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
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.plan_text import exception_text, ownership_lines

_STYLES = {Action.UPDATE: "yellow", Action.CREATE: "red", Action.DELETE: "red"}
"""The colour of a live object by the action that would correct it."""


def as_text(content: Plan, sides: DriftSides | None = None, *, color: bool) -> str:
    """Return the drift for reading in a terminal."""
    sections = ownership_sections(content)
    lines: list[Line] = [*ownership_lines(sections)]
    for change in most_powerful_first(content):
        lines += [*_differing(change, sides), ("", "")]
    lines += _by_hand(content.open_steps, sides)
    lines += exception_text(sections)
    lines += _undeclared(content)
    lines += _extent(content)
    lines.append((headline(content), "bold yellow" if has_drift(content) else "bold green"))
    return rendered(lines, color=color)


def as_json(content: Plan, sides: DriftSides | None = None) -> str:
    """Return the drift as JSON: sorted, and the same bytes for the same drift."""
    data = {
        "format_version": "1.0",
        "target": content.target,
        **(content.day.as_data() if content.day else {}),
        "since": sides.since if sides else None,
        "drift": [_change_data(change, sides) for change in most_powerful_first(content)],
        "manual_steps": [
            {
                "address": str(step.address),
                "id": step.id,
                "todo": list(step.todo),
                "changed": side_of_step(step, sides),
            }
            for step in content.open_steps
        ],
        "undeclared": [str(live.address) for live in content.undeclared],
        "undeclared_drift": [str(live.address) for live in drifting_objects(content)],
        "unmanaged": [one.as_data() for one in content.unmanaged],
        "released": [one.as_data() for one in content.released],
        "ownership": content.ownership.as_data(),
        "not_looked_at": list(content.not_looked_at),
        "has_drift": has_drift(content),
        "summary": {
            **count_states(content),
            "manual_steps": len(content.open_steps),
            "undeclared": len(content.undeclared),
        },
    }
    return json_text(data)


def _change_data(change: Change, sides: DriftSides | None) -> dict[str, Any]:
    source = change.source
    return {
        "address": str(change.address),
        "state": STATES[change.action],
        "changed": side_of(change, sides),
        "fields": [
            {
                "path": list(field.path),
                "declared": field.after,
                "live": field.before,
                "changed": sides.of(change, field.path) if sides else None,
            }
            for field in change.fields
        ],
        "source": {"file": source.file, "line": source.line} if source else None,
        **({"mode": change.mode.value} if change.mode else {}),
    }


def _differing(change: Change, sides: DriftSides | None) -> Iterator[Line]:
    state, style = state_of(change), _STYLES[change.action]
    where = f"  {change.source.file}:{change.source.line}" if change.source else ""
    side = _after_comma(side_text(side_of(change, sides), sides))
    yield f"{readable.harmless(f'{change.address}{where}')}: {state}{side}", f"bold {style}"
    for field, own in zip(change.fields, sides_of_fields(change, sides), strict=True):
        yield f"    {_field(field)}{_after_comma(own)}", ""


def _after_comma(words: str) -> str:
    return f", {readable.harmless(words)}" if words else ""


def _field(field: FieldChange) -> str:
    match field.path:
        case ("departments", name) if field.before is None:
            return f"not a member of {readable.harmless(name)}"
        case ("departments", name) if field.after is None:
            return f"member of {readable.harmless(name)}, which is not declared"
        case _:
            path = readable.harmless(" / ".join(field.path))
            declared, live = readable.value(field.after), readable.value(field.before)
            return f"{path}: declared {declared}, live {live}"


def _by_hand(steps: Sequence[ManualStep], sides: DriftSides | None) -> Iterator[Line]:
    """Yield what only a person can correct; the plan has the part of the panel and the values."""
    for step in steps:
        side = _after_comma(side_text(side_of_step(step, sides), sides))
        yield f"{readable.harmless(str(step.address))}: to be done by hand{side}", "bold yellow"
        for line in step.todo:
            yield f"    {readable.harmless(line)}", ""
        yield "", ""


def _undeclared(content: Plan) -> Iterator[Line]:
    """Yield every undeclared object: readers of a scheduled check can't ask for the rest."""
    drifting = {live.address for live in drifting_objects(content)}
    powerful = {one.address for one in content.ownership.undeclared_powerful}
    others = [live.address for live in content.undeclared if live.address not in drifting]
    for title, style, addresses in (
        (
            f"{_NOT_DECLARED} (drift by `undeclared: drift`):",
            "bold yellow",
            sorted(drifting, key=str),
        ),
        (f"{_NOT_DECLARED} (no drift while the project only reports them):", "dim", others),
    ):
        shown = [address for address in addresses if address not in powerful]
        if shown:
            yield title, style
            for address in shown:
                yield f"    {readable.harmless(str(address))}", style.removeprefix("bold ")
            yield "", ""


_NOT_DECLARED = "In the account, not in your files"


def _extent(content: Plan) -> Iterator[Line]:
    """Yield how much of the account's access the files own, and what was not looked at."""
    if content.not_looked_at:
        yield to_text(not_looked_at_text(content), readable.harmless), "dim"
    if content.ownership.people:
        yield f"Access, {ownership_words(content.ownership)}.", ""
