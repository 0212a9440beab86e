"""Makes the plan of one project: the same for `plan` and for an account of a fleet."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from provisioner.app.make_plan import Planned, make_plan
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.run.freeze_check import NOTHING_ALLOWED, Allowances, warn_of_freeze
from provisioner.planning.consent.freeze import Freeze
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.scope import Scope


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a plan is made of.

    Attributes:
        path: the project's folder.
        target: the target's name; None for the project's default.
        snapshot: a file of `provisioner snapshot`; None to read the account.
        base: the branch that this one is to be merged into; None for none.
        at: the day of the values; None for today.
        allowed: the allowances of the run.
        scope: the part of the project to plan.
    """

    path: str
    target: str | None = None
    snapshot: str | None = None
    base: str | None = None
    at: date | None = None
    allowed: Allowances = NOTHING_ALLOWED
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """The plan of a project.

    Attributes:
        root: the folder of the project.
        planned: the plan, with the state that it was made from.
        freeze: why an apply would be refused now; None if it may write.
    """

    root: Path
    planned: Planned
    freeze: Freeze | None


def plan_project(invocation: Invocation, request: PlanRequest) -> ProjectPlan:
    """Return the plan of a project; its warnings are printed.

    Raises:
        ProvisionerError: there is no plan; see `live_project` and `make_plan`.
    """
    console, path, at = invocation.console, request.path, request.at
    source = (request.target, request.snapshot, request.base, at)
    with live_project(console, path, *source) as (project, branch, reader, defaults):
        options = replace(defaults, allowed=request.allowed.numbers, scope=request.scope)
        planned = make_plan(project, reader, options, branch)
    console.print_diagnostics(planned.warnings, path)
    freeze = warn_of_freeze(invocation, project.settings, planned.plan, path, at)
    return ProjectPlan(project.root, planned, freeze)


def plan_exit(plan: Plan, *, detailed: bool) -> Exit:
    """Return the exit code of a plan; `detailed` is whether changes have one of their own."""
    if plan.refused:
        return Exit.REFUSED
    return Exit.CHANGES if detailed and not plan.settled else Exit.DONE
