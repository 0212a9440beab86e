"""What a branch lets begin or end on later days, as changes that its reviewers decide on.

Nobody reviews these days again: the runs of a schedule apply them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Identity
from provisioner.live.state import LiveState
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import (
    Action,
    Attribution,
    Change,
    FieldChange,
    Reason,
    Risk,
    editable,
)
from provisioner.planning.dates.plan_day import PlanDay
from provisioner.planning.dates.upcoming import Event, Turn
from provisioner.planning.risk import Rights, risks

Fields = Mapping[str, Any]


def later_changes(
    day: PlanDay | None, changes: Iterable[Change], live: LiveState
) -> tuple[Change, ...]:
    """Return the changes that a branch adds to later days, and the reverse of those it takes away.

    What a temporary entry takes back at its end was reviewed with its begin. So an end counts only
    if it gives rights, and an end that is taken away counts only if it would have taken them.

    Args:
        day: the day of the plan, with the events that the branch adds and takes away.
        changes: the changes of the plan.
        live: the account before the plan.
    """
    if day is None or not (day.upcoming or day.cancelled):
        return ()
    planned = {change.address.identity: change for change in changes}
    rights = Rights(planned.values(), live)

    def rated(event: Event, *, reverse: bool) -> Change:
        held = _after_plan(event.address.identity, planned, live)
        change = _change(event, held, reverse=reverse)
        found = risks(change, rights)
        if reverse or event.turn is Turn.LAPSES:
            found = tuple(risk for risk in found if risk is Risk.RAISES_RIGHTS)
        return replace(change, risk=found)

    # The end of an entry that does not begin would have taken nothing.
    never_begun = {event.source for event in day.cancelled if event.turn is Turn.BEGINS}
    cancelled = (
        event
        for event in day.cancelled
        if event.turn is not Turn.LAPSES or event.source not in never_begun
    )
    return (
        *(rated(event, reverse=False) for event in day.upcoming),
        *(rated(event, reverse=True) for event in cancelled),
    )


def _after_plan(identity: Identity, planned: Mapping[Identity, Change], live: LiveState) -> Fields:
    """Return the fields of an agent after the plan; nothing for somebody without an account."""
    if identity in planned:
        return planned[identity].after or {}
    existing = live.objects.get(identity)
    return existing.attributes if existing else {}


def _change(event: Event, held: Fields, *, reverse: bool) -> Change:
    """Return an event as a change of an agent who has some fields, or its reverse."""
    fields = tuple(
        FieldChange(one.path, one.after, one.before) if reverse else one for one in event.fields
    )
    before = _laid_over(held, ((one.path, one.before) for one in fields))
    after = _laid_over(held, ((one.path, one.after) for one in fields))
    deletes = event.turn is Turn.ENDS and event.detail == "delete" and not reverse
    return Change(
        address=event.address,
        name=event.address.key,
        action=Action.DELETE if deletes else Action.UPDATE,
        reason=Reason.DIFFERS,
        before=before,
        after=None if deletes else after,
        fields=fields,
        source=event.source,
        attribution=Attribution.BRANCH,
    )


def _laid_over(held: Fields, values: Iterable[tuple[FieldPath, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = editable(dict(held))
    for path, value in values:
        within = result
        for key in path[:-1]:
            if not isinstance(within.get(key), dict):
                within[key] = {}
            within = within[key]
        if value is None:
            within.pop(path[-1], None)
        else:
            within[path[-1]] = value
    return result
