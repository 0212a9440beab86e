"""The day of a plan with dates of agents, and the days on which its content stays the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from provisioner.address import parse
from provisioner.diagnostics import Diagnostic
from provisioner.documents.schema.shapes import ShapeError, optional, record, sequence, text
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.model.dates.declared import DayRange
from provisioner.model.desired import DesiredState
from provisioner.model.team.waivers import Waiver
from provisioner.planning.changes import Change
from provisioner.planning.dates.lapses import Lapse, find_lapses
from provisioner.planning.dates.upcoming import EVENT, Event, event_of, new_events
from provisioner.planning.waiving import changing_days


def _a_day(data: Any) -> None:
    text(data)
    try:
        date.fromisoformat(data)
    except ValueError:
        raise ShapeError("it is not a day such as 2027-01-31") from None


PLAN_DAY_SHAPES = {
    "at": _a_day,
    "valid_from": optional(_a_day),
    "valid_until": optional(_a_day),
    "upcoming": sequence(EVENT),
    "cancelled": sequence(EVENT),
    "lapsed": sequence(
        record({"address": ADDRESS, "path": sequence(text), "until": _a_day, "reason": text})
    ),
}
"""The keys of a plan file that `PlanDay` reads; a plan that depends on no day has none of them."""


@dataclass(frozen=True, slots=True)
class PlanDay:
    """The day of a plan.

    Attributes:
        at: the day, in the account's zone.
        valid: the days around it on which no date of the project begins or ends.
        lapsed: what has lapsed and is still in the account.
        upcoming: what the branch lets begin or end on later days; nothing without a base.
        cancelled: what the base lets begin or end on later days, and the branch does not.
    """

    at: date
    valid: DayRange
    lapsed: tuple[Lapse, ...] = ()
    upcoming: tuple[Event, ...] = ()
    cancelled: tuple[Event, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the days as JSON data."""
        first, last = self.valid.first, self.valid.last
        later = (("upcoming", self.upcoming), ("cancelled", self.cancelled))
        return {
            "at": self.at.isoformat(),
            "valid_from": first.isoformat() if first else None,
            "valid_until": last.isoformat() if last else None,
            "lapsed": [one.as_data() for one in self.lapsed],
            **{key: [one.as_data() for one in events] for key, events in later if events},
        }


def plan_day(
    desired: DesiredState,
    changes: Iterable[Change],
    waivers: Collection[Waiver] = (),
    earlier: DesiredState | None = None,
) -> PlanDay | None:
    """Return the day of the plan of a desired state; None if the plan depends on no day.

    Args:
        desired: the declared objects.
        changes: the changes of the plan.
        waivers: the waivers of the project.
        earlier: the objects that the base declares; None for a plan without a base.
    """
    day, dated = desired.day, (*desired.dated, *(earlier.dated if earlier else ()))
    if day is None or not (dated or waivers):
        return None
    changing = {
        *(one for agent in dated if agent.dates for one in agent.dates.changing_days()),
        *changing_days(waivers),
    }
    later = min((one for one in changing if one > day), default=None)
    return PlanDay(
        day,
        DayRange(
            max((one for one in changing if one <= day), default=None),
            later - timedelta(days=1) if later else None,
        ),
        tuple(find_lapses(changes, desired)),
        new_events(desired, earlier) if earlier else (),
        new_events(earlier, desired) if earlier else (),
    )


def read_plan_day(data: Mapping[str, Any]) -> PlanDay | None:
    """Return the day in the data of a plan that has the shapes of `PLAN_DAY_SHAPES`."""
    if "at" not in data:
        return None
    first, last = data.get("valid_from"), data.get("valid_until")
    valid = DayRange(
        date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
    )
    lapsed = (
        Lapse(
            parse(one["address"]),
            tuple(one["path"]),
            date.fromisoformat(one["until"]),
            one["reason"],
        )
        for one in data.get("lapsed", ())
    )
    upcoming, cancelled = (
        tuple(event_of(one) for one in data.get(key, ())) for key in ("upcoming", "cancelled")
    )
    return PlanDay(date.fromisoformat(data["at"]), valid, tuple(lapsed), upcoming, cancelled)


def stale_day(made: PlanDay | None, today: date) -> list[Diagnostic]:
    """Return an error if a saved plan has another content today than on its own day."""
    if made is None or made.valid.holds(today):
        return []
    return [
        Diagnostic(
            code="stale-plan",
            summary=f"the plan is one of {made.at}, and dates of the project change it by {today}",
            hint="make a new plan and look at it again",
        )
    ]
