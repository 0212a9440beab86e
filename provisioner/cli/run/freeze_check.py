"""Checks the freeze windows of a project at the moment of a run, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from provisioner.cli.invocation import Invocation
from provisioner.diagnostics import RefusedError, Severity
from provisioner.model.settings import Settings
from provisioner.planning.consent.freeze import Freeze, exemptions, freeze_of_run, frozen
from provisioner.planning.plans.plan_data import Plan


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the option `--allow` permits one run.

    Attributes:
        numbers: allowance of a guard or confirmation to its number, such as `deletes` to 3.
        freeze: the reason to write in spite of a freeze; "" if that is not allowed.
        day: the day of the plan that `--at` chooses; freezes of that day count, too.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    freeze: str = ""
    day: date | None = None

    def as_data(self) -> dict[str, int | str]:
        """Return the allowances as JSON data, for the record."""
        return {**self.numbers, **({"freeze": self.freeze} if self.freeze else {})}


NOTHING_ALLOWED = Allowances()


def current_freeze(
    invocation: Invocation, settings: Settings, plan: Plan, command: str, day: date | None
) -> Freeze | None:
    """Return the freeze in which a run of a plan would be now; None if it may write."""
    windows = settings.consent.windows
    if not (windows and plan.effective):
        return None
    exempt = exemptions(plan, command)
    return freeze_of_run(windows, invocation.clock(), plan.coverage.timezone, exempt, day)


def warn_of_freeze(
    invocation: Invocation, settings: Settings, plan: Plan, path: str, day: date | None
) -> Freeze | None:
    """Print a warning if an apply of a plan would be refused now, and return the freeze."""
    freeze = current_freeze(invocation, settings, plan, "apply", day)
    if freeze:
        invocation.console.print_diagnostics((frozen(freeze, plan, Severity.WARNING),), path)
    return freeze


def refuse_frozen(
    invocation: Invocation, settings: Settings, plan: Plan, command: str, allowed: Allowances
) -> None:
    """Refuse a run that would write in a freeze, unless it is allowed for a reason.

    Args:
        invocation: has the clock.
        settings: the settings of the project.
        plan: the plan of the run.
        command: `apply` or `undo`.
        allowed: the allowances of the run.

    Raises:
        RefusedError: the run would write in a freeze.
    """
    freeze = current_freeze(invocation, settings, plan, command, allowed.day)
    if freeze is None:
        return
    if not allowed.freeze:
        raise RefusedError(frozen(freeze, plan))
    invocation.console.print_note(f"Runs are frozen {freeze.end}; allowed: {allowed.freeze}")
