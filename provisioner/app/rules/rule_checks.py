"""Applies the rules of the team to a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from provisioner.address import Address
from provisioner.app.comparison import Comparison
from provisioner.app.open_project import Project
from provisioner.diagnostics import Diagnostic, Severity, in_order
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings
from provisioner.model.team.minimums import BUILT_IN
from provisioner.model.team_rules import Subject, TeamRule
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.risk import with_risks
from provisioner.planning.rules.data_model import files_model, rule_model
from provisioner.planning.rules.evaluation import evaluate as evaluate_here
from provisioner.planning.rules.judging import (
    Evaluate,
    RuleFinding,
    errors_of,
    files_suffice,
    judge,
    paths_of,
    warnings_of,
)
from provisioner.planning.rules.lock_checks import lock_findings
from provisioner.planning.rules.minimum_checks import declared_findings, minimum_findings
from provisioner.planning.waiving import Waiving, waive


@dataclass(frozen=True, slots=True)
class JudgedPlan:
    """A plan with the findings of the team's rules.

    Attributes:
        plan: the plan; errors refuse it.
        warnings: the warnings of rules, and those about waivers.
        findings: all findings, also those that a waiver covers.
    """

    plan: Plan
    warnings: tuple[Diagnostic, ...]
    findings: tuple[RuleFinding, ...]


def apply_rules(
    plan: Plan,
    comparison: Comparison,
    project: Project,
    evaluate: Evaluate | None,
    *,
    complete: bool,
) -> JudgedPlan:
    """Return a plan with the findings of a project's rules.

    The changes of a person by hand count, too.

    Args:
        plan: the plan.
        comparison: the differences that the plan is made from.
        project: the project.
        evaluate: answers the questions of the rules; None for this process.
        complete: whether the plan is one of the whole project.
    """
    settings, desired = project.settings, comparison.desired
    built_in = minimum_findings(
        settings.minimums, comparison.live, comparison.intended, desired, complete=complete
    )
    findings = (
        *lock_findings(desired),
        *built_in,
        *_own_findings(plan, comparison, project, evaluate or evaluate_here),
    )
    waiving = waived(findings, settings, desired.day, complete=complete)
    return JudgedPlan(with_findings(plan, waiving), (*warnings_about(waiving),), findings)


def _own_findings(
    plan: Plan, comparison: Comparison, project: Project, evaluate: Evaluate
) -> tuple[RuleFinding, ...]:
    """Return the findings of the rules that the team has written."""
    rules, live, desired = project.settings.team_rules.rules, comparison.live, comparison.desired
    if not rules:
        return ()
    intended = with_risks(comparison.intended, live)
    model = rule_model(plan, intended, live, desired, project.data)
    return judge(rules, model, desired, evaluate)


def file_findings(project: Project, evaluate: Evaluate) -> tuple[RuleFinding, ...]:
    """Return the findings that the files alone decide, of all targets.

    A rule is applied to each object of which the files declare all fields that its condition
    names. A plan decides on the others, and on conditions that have no value without the account.
    """
    rules = [rule for rule in project.settings.team_rules.rules if files_suffice(rule)]
    states = [project.desired, *project.overlaid.values()] if rules else []
    return tuple(
        dict.fromkeys(
            finding
            for state in states
            for finding in judge(
                rules,
                files_model(state, project.data),
                state,
                evaluate,
                applies=partial(_declares, state),
            )
            if not finding.failed
        )
    )


def _declares(state: DesiredState, rule: TeamRule, address: Address) -> bool:
    entry = state.resources[address.identity]
    return all(
        path in {("email",), ("name",)} or _has(entry.attributes, path) for path in paths_of(rule)
    )


def _has(attributes: Any, path: tuple[str, ...]) -> bool:
    """Return whether a value is declared at a path; null stands for a value of the account."""
    for key in path:
        if not isinstance(attributes, Mapping) or attributes.get(key) is None:
            return False
        attributes = attributes[key]
    return True


def waived(
    findings: Sequence[RuleFinding], settings: Settings, day: date | None, *, complete: bool
) -> Waiving[RuleFinding]:
    """Return the findings that no waiver covers; without a day, no waiver holds or ends.

    A finding about a change is gone after the next apply, and one about a part of the project may
    be elsewhere. So a waiver without need is reported only where all objects were evaluated.

    Args:
        findings: the findings of the rules.
        settings: the rules and the waivers.
        day: the day in the account's zone.
        complete: whether the rules were applied to the whole account.
    """
    if day is None:
        return Waiving(tuple(findings), (), ())
    failed = {one.rule for one in findings if one.failed}
    evaluated = {
        rule.id
        for rule in settings.team_rules.rules
        if rule.subject in _OBJECTS and rule.id not in failed and complete
    }
    if complete:
        evaluated.update(BUILT_IN)
    return waive(findings, settings.waivers, day, evaluated=evaluated)


_OBJECTS = (Subject.AGENT, Subject.DEPARTMENT, Subject.ROLE)


def with_findings(plan: Plan, waiving: Waiving[RuleFinding]) -> Plan:
    """Return a plan with findings: errors refuse it, the others are its warnings."""
    errors = (one for one in waiving.diagnostics if one.severity is Severity.ERROR)
    return replace(
        plan,
        refused=tuple(in_order((*plan.refused, *errors_of(waiving.kept), *errors))),
        warnings=(*plan.warnings, *in_order(warnings_about(waiving))),
        waivers=waiving.held,
    )


def file_diagnostics(project: Project, evaluate: Evaluate) -> tuple[Diagnostic, ...]:
    """Return what the files alone break and no waiver covers, and what the waivers need."""
    states = (project.desired, *project.overlaid.values())
    built_in = (
        one
        for state in states
        for one in (
            *lock_findings(state),
            *declared_findings(project.settings.minimums, state),
        )
    )
    found = (*file_findings(project, evaluate), *dict.fromkeys(built_in))
    waiving = waived(found, project.settings, project.desired.day, complete=False)
    return (*errors_of(waiving.kept), *warnings_of(waiving.kept), *waiving.diagnostics)


def warnings_about(waiving: Waiving[RuleFinding]) -> list[Diagnostic]:
    """Return the warnings of rules, and those about waivers."""
    notes = [one for one in waiving.diagnostics if one.severity is Severity.WARNING]
    return [*warnings_of(waiving.kept), *notes]
