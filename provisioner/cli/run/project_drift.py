"""Finds the drift of one project: the same for `drift` and for an account of a fleet."""

from dataclasses import dataclass, replace
from datetime import date

from provisioner.app.drift_changes import sides_of
from provisioner.app.make_plan import Planned, PlanOptions, make_plan
from provisioner.app.open_project import Project
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.console.output import Console
from provisioner.cli.files.earlier_versions import earlier_state
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.planning.attribution.three_way import DriftSides
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.rules.judging import BUILT_IN_CODES, CODES_OF_RULES
from provisioner.planning.suspicion import suspected_renames
from provisioner.planning.waiving import CODES_OF_WAIVERS
from provisioner.render.markdown import drift_comment
from provisioner.render.terminal import drift_report as render

_TEAM = CODES_OF_RULES | CODES_OF_WAIVERS
"""The codes about what the team has agreed on."""


@dataclass(frozen=True, slots=True)
class ProjectDrift:
    """The drift of a project.

    Attributes:
        project: the project.
        planned: the plan that would correct the drift.
        options: the options of the plan.
        sides: which side has changed; None if it is not known.
    """

    project: Project
    planned: Planned
    options: PlanOptions
    sides: DriftSides | None

    def text(self, format_: str, *, color: bool = False) -> str:
        """Return the drift as text, JSON or Markdown."""
        plan = self.planned.plan
        match format_:
            case "json":
                return render.as_json(plan, self.sides)
            case "markdown":
                return drift_comment.draw(plan, self.sides)
            case _:
                return render.as_text(plan, self.sides, color=color)


def find_drift(
    console: Console,
    path: str,
    target: str | None,
    at: date | None = None,
    since: str | None = None,
    *,
    with_sides: bool = True,
) -> ProjectDrift:
    """Return the drift of a project; warnings are printed, other than those about writes.

    Args:
        console: the output of the run.
        path: the project's folder.
        target: the target's name; None for the project's default.
        at: the day of the values; None for today.
        since: the commit since which the sides have changed; None for the last apply.
        with_sides: whether to find out which side has changed.

    Raises:
        ProvisionerError: there is no plan; see `live_project` and `make_plan`.
    """
    with live_project(console, path, target, at=at) as (project, _, reader, options):
        planned = make_plan(project, reader, options)
    warnings = [
        one
        for one in planned.warnings
        if one not in planned.plan.warnings
        or one.code in {suspected_renames.CODE, *_TEAM} - {*BUILT_IN_CODES.values()}
    ]
    console.print_diagnostics(warnings, path)
    base = earlier_state(console, project, options, since) if with_sides else None
    sides = sides_of(base.label, project, planned, options, base.state) if base else None
    return ProjectDrift(project, planned, options, sides)


def broken_rules(plan: Plan) -> list[Diagnostic]:
    """Return the rules of the team to which the account does not conform."""
    short = (one for one in plan.warnings if one.code in BUILT_IN_CODES.values())
    return [
        *(one for one in plan.refused if one.code in _TEAM),
        *(replace(one, severity=Severity.ERROR) for one in short),
    ]
