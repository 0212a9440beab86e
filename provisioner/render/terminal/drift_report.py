"""Drift as text or JSON: values of an account that differ from those that the files declare.

It is made from a plan, so drift and plan can't disagree.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.live.state import LiveObject
from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.terminal.lines import Line, count_steps, rendered

_STATES = {
    Action.UPDATE: ("differs", "yellow"),
    Action.CREATE: ("missing", "red"),
    Action.DELETE: ("unwanted", "red"),
}
"""The state of a live object by the action that would correct it, and the colour."""


def as_text(content: Plan, *, color: bool) -> str:
    """Return the drift for reading in a terminal.

    Args:
        content: the plan that would correct the drift.
        color: whether to add colours.
    """
    lines: list[Line] = []
    for change in content.effective:
        lines += [*_differing(change), ("", "")]
    lines += _by_hand(content.open_steps)
    lines += _undeclared(content.undeclared)
    lines.append(_summary(content))
    return rendered(lines, color=color)


def as_json(content: Plan) -> str:
    """Return the drift as JSON: sorted, and the same bytes for the same drift."""
    data = {
        "format_version": "1.0",
        "target": content.target,
        "drift": [_change_data(change) for change in content.effective],
        "manual_steps": [
            {"address": str(step.address), "id": step.id, "todo": list(step.todo)}
            for step in content.open_steps
        ],
        "undeclared": [str(live.address) for live in content.undeclared],
        "summary": {
            **{state: content.count(action) for action, (state, _) in _STATES.items()},
            "manual_steps": len(content.open_steps),
            "undeclared": len(content.undeclared),
        },
    }
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _change_data(change: Change) -> dict[str, Any]:
    source = change.source
    return {
        "address": str(change.address),
        "state": _STATES[change.action][0],
        "fields": [
            {"path": list(field.path), "declared": field.after, "live": field.before}
            for field in change.fields
        ],
        "source": {"file": source.file, "line": source.line} if source else None,
    }


def _differing(change: Change) -> Iterator[Line]:
    state, style = _STATES[change.action]
    where = f"  {change.source.file}:{change.source.line}" if change.source else ""
    yield f"{readable.harmless(f'{change.address}{where}')}: {state}", f"bold {style}"
    for field in change.fields:
        yield f"    {_field(field)}", ""


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


def _by_hand(steps: Sequence[ManualStep]) -> Iterator[Line]:
    """Yield what only a person can correct; the plan has the part of the panel and the values."""
    for step in steps:
        yield f"{readable.harmless(str(step.address))}: to be done by hand", "bold yellow"
        for line in step.todo:
            yield f"    {readable.harmless(line)}", ""
        yield "", ""


def _undeclared(objects: Sequence[LiveObject]) -> Iterator[Line]:
    """Yield every undeclared object: readers of a scheduled check can't ask for the rest."""
    if not objects:
        return
    yield "In the account, not in your files (no drift while the project only reports them):", "dim"
    for live in objects:
        yield f"    {readable.harmless(str(live.address))}", "dim"
    yield "", ""


def _summary(content: Plan) -> Line:
    if content.empty:
        managed = readable.count(len(content.changes), "declared object")
        return f"No drift on {content.target}: {managed}, all as the files declare.", "bold green"
    parts = [
        f"{number} {state}"
        for action, (state, _) in _STATES.items()
        if (number := content.count(action))
    ]
    if content.open_steps:
        parts.append(f"{count_steps(content.open_steps)} open")
    return f"Drift on {content.target}, compared with the files: {', '.join(parts)}.", "bold yellow"
