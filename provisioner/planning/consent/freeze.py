"""Freeze windows: whether a run may write at a moment, and when it may again.

The rules are those of Argo CD's sync windows: a window that denies takes precedence over one that
allows, and where there are windows that allow, runs write in them only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.consent import SUSPENSIONS, UNDO, FreezeWindow
from provisioner.model.hours import MINUTES_OF_DAY, minutes
from provisioner.model.kinds import DAYS
from provisioner.model.zones import zone_exists, zone_of
from provisioner.planning.changes import Change
from provisioner.planning.leavers import Departure
from provisioner.planning.plans.plan_data import Plan
from provisioner.suggestions import shown_names

LONGEST_SEARCH = timedelta(days=366)
"""How far the end of a freeze is searched for."""

_UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Freeze:
    """The reason why a run may not write now.

    Attributes:
        window: the window that denies; None where it is only outside of those that allow.
        until: when runs may write again, in the account's zone; None if not within a year.
        zone: the name of the zone.
    """

    window: FreezeWindow | None
    until: datetime | None
    zone: str

    @property
    def end(self) -> str:
        """When runs may write again, in words."""
        if self.until is None:
            return "without an end within a year"
        return f"until {self.until:%Y-%m-%d %H:%M} ({self.zone})"

    @property
    def reason(self) -> str:
        """Why runs may not write."""
        return self.window.reason if self.window else "it is outside of the windows that allow runs"


def freeze_of_run(
    windows: Sequence[FreezeWindow],
    moment: datetime,
    zone: str,
    exempt: frozenset[str],
    day: date | None = None,
) -> Freeze | None:
    """Return the freeze of a run, or None if it may write.

    With `day` (`--at`), the run must also be free at the same time of that day: neither day opens
    the windows of the other one. The other arguments are those of `freeze_at`.
    """
    moments = [moment]
    if day is not None:
        local = moment.astimezone(zone_of(zone if zone_exists(zone) else _UTC))
        moments.append(datetime.combine(day, local.timetz()))
    freezes = (freeze_at(windows, one, zone, exempt) for one in moments)
    return next((one for one in freezes if one is not None), None)


def freeze_at(
    windows: Sequence[FreezeWindow], moment: datetime, zone: str, exempt: frozenset[str]
) -> Freeze | None:
    """Return the freeze at a moment, or None if a run may write.

    Args:
        windows: the windows of the project.
        moment: the time, with a zone.
        zone: the account's zone; UTC is used for one that this machine does not know.
        exempt: what the run is, such as `undo`: windows with such an exception don't count.
    """
    zone = zone if zone_exists(zone) else _UTC
    denying = [one for one in windows if not (one.allows or one.exempt & exempt)]
    allowing = [one for one in windows if one.allows]
    if allowing and all(one.exempt & exempt for one in allowing):
        allowing = []
    first, free = _closed(denying, allowing, moment, zone), moment
    if first is None:
        return None
    closed: tuple[FreezeWindow | None, datetime | None] | None = first
    while closed is not None:
        _, end = closed
        if end is None or end - moment > LONGEST_SEARCH:
            return Freeze(first[0], None, zone)
        free = end
        closed = _closed(denying, allowing, free, zone)
    return Freeze(first[0], free.astimezone(zone_of(zone)), zone)


def _closed(
    denying: Iterable[FreezeWindow], allowing: Sequence[FreezeWindow], moment: datetime, zone: str
) -> tuple[FreezeWindow | None, datetime | None] | None:
    """Return the window that denies a moment, and the next moment to look at.

    The window is None outside of those that allow. The result is None if writes are allowed.
    """
    for window in denying:
        for begin, end in _around(window, moment, zone):
            if begin <= moment < end:
                return window, end
    if not allowing:
        return None
    spans = [span for window in allowing for span in _around(window, moment, zone)]
    if any(begin <= moment < end for begin, end in spans):
        return None
    return None, min((begin for begin, _ in spans if begin > moment), default=None)


def _around(
    window: FreezeWindow, moment: datetime, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the begin and end of a window, for the weeks around a moment."""
    if not window.days:
        begin, end = date.fromisoformat(window.begin), date.fromisoformat(window.end)
        yield _span(window, begin, 0, (end - begin).days * MINUTES_OF_DAY + MINUTES_OF_DAY, zone)
        return
    start, stop = minutes(window.begin), minutes(window.end)
    stop += MINUTES_OF_DAY if stop <= start else 0
    today = moment.astimezone(zone_of(zone)).date()
    for offset in range(-2, len(DAYS) + 1):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] in window.days:
            yield _span(window, day, start, stop, zone)


def _span(
    window: FreezeWindow, day: date, start: int, stop: int, zone: str
) -> tuple[datetime, datetime]:
    """Return two times of a day, in minutes, as moments.

    Where the clock skips or repeats an hour, a time has two meanings: the one is taken by which
    runs may write for a shorter time.
    """
    first, second = _meanings(day, start, zone), _meanings(day, stop, zone)
    if window.allows:
        return max(first), min(second)
    return min(first), max(second)


def _meanings(day: date, minute: int, zone: str) -> tuple[datetime, datetime]:
    local = zone_of(zone)
    time = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    earlier, later = (time.replace(tzinfo=local, fold=fold).astimezone(UTC) for fold in (0, 1))
    return earlier, later


def exemptions(plan: Plan, command: str) -> frozenset[str]:
    """Return what a run is, as `except` of a window names it."""
    found = {UNDO} if command == UNDO else set()
    if plan.effective and all(_suspends(change, plan) for change in plan.effective):
        found.add(SUSPENSIONS)
    return frozenset(found)


def _suspends(change: Change, plan: Plan) -> bool:
    return any(
        leaver.address == change.address and leaver.departure is Departure.SUSPENDED
        for leaver in plan.leavers
    )


def frozen(freeze: Freeze, plan: Plan, severity: Severity = Severity.ERROR) -> Diagnostic:
    """Return the refusal of a run, or the warning of a plan, because of a freeze."""
    hint = "wait, or allow this run: --allow freeze=REASON; the record of the run keeps the reason"
    suspended = [str(change.address) for change in plan.effective if _suspends(change, plan)]
    if suspended and freeze.window and SUSPENSIONS in freeze.window.exempt:
        hint += f"; suspensions alone may run: --only {shown_names(suspended)}"
    return Diagnostic(
        code="frozen",
        summary=f"runs are frozen {freeze.end}: {freeze.reason}",
        span=freeze.window.span if freeze.window else None,
        hint=hint,
        severity=severity,
    )
