"""Checks planned hours against what is known of the account's numbers of days.

No document has these numbers (U). Hours that are written with the wrong ones are on the wrong day,
and reading them back shows no difference.
"""

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.hours_form import HoursForm
from provisioner.planning.changes import Action, Change, at

_SETTING = "hours: {first_day: mon, first_number: 0}"


def writes_hours(change: Change) -> bool:
    """Return whether a change writes planned hours, or removes them."""
    if change.action is Action.CREATE:
        return "hours" in (change.after or {})
    is_update = change.action is not Action.NO_OP
    return is_update and any(field.path[0] == "hours" for field in change.fields)


def check_hours_form(changes: Iterable[Change], form: HoursForm) -> Diagnostic | None:
    """Return the warning, or the error, for hours in an account with unconfirmed numbers of days.

    Returns:
        A warning if the numbers are only assumed, an error if rows of the account contradict the
        assumption, and None if they are confirmed or no hours are written.
    """
    written = [one for one in changes if writes_hours(one) and at(("hours",), one.after)]
    if form.is_confirmed or not written:
        return None
    span = min((one.source for one in written if one.source), default=None)
    if form.is_contradicted:
        return Diagnostic(
            code="hours-form",
            summary="planned hours of the account have numbers of days other than mon = 0 to "
            f"sun = 6, such as {form.described()}",
            span=span,
            hint="compare the hours of one agent in the panel with `provisioner show agent`, and "
            f"add the numbers to the target in provisioner.yaml, such as {_SETTING}",
        )
    return Diagnostic(
        code="hours-unconfirmed",
        summary=f"planned hours are written with the days {form.described()}, which is not "
        "confirmed for this account; if it counts otherwise, they are on the wrong day",
        span=span,
        hint="apply the hours of one agent, compare them in the panel, and then add to the target "
        f"in provisioner.yaml: {_SETTING}",
        severity=Severity.WARNING,
    )
