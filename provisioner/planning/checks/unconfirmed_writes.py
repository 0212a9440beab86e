"""Warnings about values that a plan writes and that nothing confirms."""

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, InvalidProjectError, Severity
from provisioner.live.account_names import AccountNames
from provisioner.live.state import LiveState
from provisioner.planning.changes import Change
from provisioner.planning.checks.referenced_names import (
    name_uses,
    unchecked_names,
    unchecked_roles,
)
from provisioner.planning.checks.unconfirmed_hours import check_hours_form


def unconfirmed_writes(
    changes: Iterable[Change], live: LiveState, names: AccountNames
) -> list[Diagnostic]:
    """Return warnings about written values that nothing confirms.

    Raises:
        InvalidProjectError: hours are written, and their form is unknown.
    """
    changes = tuple(changes)
    form = check_hours_form(changes, live.hours_form)
    if form and form.severity is Severity.ERROR:
        raise InvalidProjectError(form)
    return [
        *([form] if form else []),
        *unchecked_names(name_uses(changes, ()), names),
        *unchecked_roles(changes, live),
    ]
