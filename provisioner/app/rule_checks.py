"""Applies the rules of the team to a plan."""

from collections.abc import Sequence
from dataclasses import replace

from provisioner.app.comparison import Comparison
from provisioner.app.open_project import Project
from provisioner.diagnostics import in_order
from provisioner.model.team_rules import TeamRule
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.risk import with_risks
from provisioner.planning.rules.data_model import rule_model
from provisioner.planning.rules.judging import (
    Evaluate,
    RuleFinding,
    errors_of,
    judge,
    warnings_of,
)


def plan_findings(
    rules: Sequence[TeamRule],
    plan: Plan,
    comparison: Comparison,
    project: Project,
    evaluate: Evaluate,
) -> tuple[RuleFinding, ...]:
    """Return the findings of rules about a plan; the changes of a person by hand count, too."""
    live, desired = comparison.live, comparison.desired
    intended = with_risks(comparison.intended, live)
    model = rule_model(plan, intended, live, desired, project.data)
    return judge(rules, model, desired, evaluate)


def with_findings(plan: Plan, findings: Sequence[RuleFinding]) -> Plan:
    """Return a plan with findings: errors refuse it, the others are its warnings."""
    return replace(
        plan,
        refused=tuple(in_order((*plan.refused, *errors_of(findings)))),
        warnings=(*plan.warnings, *in_order(warnings_of(findings))),
    )
