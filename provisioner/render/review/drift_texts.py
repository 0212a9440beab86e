"""Words for the side that has changed, for every format of drift."""

from collections import Counter
from collections.abc import Iterator

from provisioner.planning.access.access_drift import (
    drift_rank,
    drifting_objects,
    has_drift,
    is_fully_declared,
)
from provisioner.planning.attribution.three_way import DriftSides, Side
from provisioner.planning.changes import Action, Change
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.ownership_texts import RELEASED, ownership_sections
from provisioner.render.sentences import to_text

SIDE_WORDS = {
    Side.FILES: "changed in the files",
    Side.ACCOUNT: "changed in the account",
    Side.BOTH: "changed on both sides",
    Side.NOBODY: "not done by hand",
}

STATES = {
    Action.UPDATE: "differs",
    Action.CREATE: "missing",
    Action.DELETE: "unwanted",
}
"""The state of a live object by the action that would correct it."""

ACCEPT = "provisioner drift --accept ADDRESS, or --accept-all"
"""The command that writes the account's values into the files."""


def side_text(side: Side | None, sides: DriftSides | None) -> str:
    """Return a side in words, such as `changed in the account since run 14`; "" if unknown."""
    return f"{SIDE_WORDS[side]} since {sides.since}" if side and sides else ""


def side_of(change: Change, sides: DriftSides | None) -> Side | None:
    """Return the side of a whole change, if it is the same for all of its fields."""
    if sides is None:
        return None
    paths = [field.path for field in change.fields] or [()]
    known = {sides.of(change, path) for path in paths}
    return known.pop() if len(known) == 1 else None


def sides_of_fields(change: Change, sides: DriftSides | None) -> list[str]:
    """Return the side of each field in words; "" where the whole change has one."""
    is_mixed = sides is not None and side_of(change, sides) is None
    return [
        side_text(sides.of(change, field.path), sides) if sides and is_mixed else ""
        for field in change.fields
    ]


def side_of_step(step: ManualStep, sides: DriftSides | None) -> Side | None:
    """Return the side that has changed in the section of a manual step; None if not known."""
    return sides.of_step(step) if sides else None


def most_powerful_first(content: Plan) -> list[Change]:
    """Return the differences, those with the most powerful live access first."""
    return sorted(content.differing, key=lambda one: (drift_rank(one), str(one.address)))


def count_states(content: Plan) -> dict[str, int]:
    """Return the number of differences in each state, with those that apply does not correct."""
    numbers = Counter(change.action for change in content.differing)
    return {state: numbers[action] for action, state in STATES.items()}


def state_of(change: Change) -> str:
    """Return the state of a live object, with the mode of an object that apply does not write."""
    state = STATES[change.action]
    return f"{state} ({change.mode.value})" if change.mode else state


def headline(content: Plan) -> str:
    """Return the drift in one line."""
    managed = readable.count(len(content.changes), "declared object")
    if is_fully_declared(content) and content.empty:
        return f"No drift on {content.target}: {managed}, all as the files declare."
    if not has_drift(content):
        qualifier = " in all that was compared" if content.not_looked_at else ", with exceptions"
        return f"No drift on {content.target}: {managed} in sync{qualifier}."
    parts = [f"{number} {state}" for state, number in count_states(content).items() if number]
    if content.open_steps:
        parts.append(f"{readable.count(len(content.open_steps), 'manual step')} open")
    urgent = [*_urgent(content)]
    if objects := drifting_objects(content):
        urgent.append(f"{readable.count(len(objects), 'undeclared object')}")
    return f"Drift on {content.target}, compared with the files: {', '.join((*parts, *urgent))}."


def _urgent(content: Plan) -> Iterator[str]:
    """Yield the number of each kind of access that the files do not own. It names nobody."""
    for section in ownership_sections(content):
        if section.key == RELEASED:
            yield f"{readable.count(len(section.lines), 'value')} no longer managed"
        elif section.urgent:
            yield to_text(section.headline, readable.harmless)
