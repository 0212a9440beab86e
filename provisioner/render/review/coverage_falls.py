"""Falling coverage: services for which a plan leaves only one agent or nobody."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from provisioner.live.state import Surface
from provisioner.planning.attribution.parts import Part, lost_coverage
from provisioner.planning.changes import Attribution, Change
from provisioner.planning.coverage import Cell, Coverage, PlannedHours
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.change_texts import BY
from provisioner.render.sentences import Quoted, Sentence, joined

TITLE = "Coverage"

Leaving = Mapping[tuple[str, str], str]
"""Who takes agents from a department and service: `2 by this branch, 1 by earlier drift`."""


def leaving_agents(parts: Iterable[Part]) -> Leaving:
    """Return for each department and service how many agents leave it, by attribution.

    It is empty for a plan without a base.
    """
    numbers: dict[tuple[str, str], Counter[Attribution]] = {}
    for attribution, changes in parts:
        if attribution is None:
            continue
        for change in changes:
            for key in lost_coverage(change):
                numbers.setdefault(key, Counter())[attribution] += 1
    return {
        key: ", ".join(
            f"{own[attribution]}{BY[attribution]}"
            for attribution in Attribution
            if own[attribution]
        )
        for key, own in numbers.items()
    }


def fall_sentences(
    coverage: Coverage, leaving: Leaving, parts: Sequence[Part]
) -> Iterator[Sentence]:
    """Yield a sentence for each service or hour with one agent or none left, the emptiest first."""
    for cell in coverage.falling:
        yield _fall(cell, leaving.get((cell.department, cell.service), ""))
    for planned in coverage.hours:
        if number := planned.falls_to(0):
            where = (" for ", Quoted(planned.service), " in ", Quoted(planned.department))
            hours = f": {readable.count(number, 'hour')} of the week"
            by = " and ".join(_taking_hours(planned, parts))
            yield "Nobody is planned any more", *where, hours, _in_brackets(by), "."


def shrinking_sentence(coverage: Coverage) -> Sentence:
    """Return the services that lose agents and keep several: `chats in Support 17 → 11`."""
    cells = coverage.shrinking
    shown = joined(
        (f"{cell.service} in ", Quoted(cell.department), f" {cell.before} → {cell.after}")
        for cell in cells[:SHOWN_CELLS]
    )
    more = len(cells) - SHOWN_CELLS
    return (*shown, f" and {more} more", ".") if more > 0 else (*shown, ".") if shown else ()


SHOWN_CELLS = 6
"""Services with fewer agents that are listed; more are counted."""


def _fall(cell: Cell, by: str) -> Sentence:
    numbers = f": {cell.before} → {cell.after}{_in_brackets(by)}"
    where = (" for ", Quoted(cell.service), " in ", Quoted(cell.department), numbers)
    if cell.only is None:
        return "Nobody is left", *where, "."
    return "One agent is left", *where, ", ", Quoted(cell.only.name or cell.only.address.key), "."


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _taking_hours(planned: PlannedHours, parts: Iterable[Part]) -> Iterator[str]:
    """Yield `by this branch` and `by earlier drift`, for those that take planned hours away."""
    for attribution, changes in parts:
        if attribution and any(_takes_hours(change, planned) for change in changes):
            yield BY[attribution].strip()


def _takes_hours(change: Change, planned: PlannedHours) -> bool:
    """Return whether a change takes an agent, or hours of the agent, out of planned hours."""
    key = (planned.department, planned.service)
    hours = (change.before or {}).get("hours") or {}
    if planned.service not in hours.get(planned.department, {}):
        return False
    return key in lost_coverage(change) or any(
        field.path[:2] == ("hours", planned.department)
        and field.path[2:3] in {(), (planned.service,)}
        for field in change.fields
    )


def not_counted(plan: Plan) -> str:
    """Return the changes that the numbers of coverage leave out; "" for none."""
    if plan.surface is Surface.FULL:
        return ""
    return (
        "Not counted: memberships that wait for a manual step, and planned hours of agents that "
        "declare none, since API v3 does not show them."
    )
