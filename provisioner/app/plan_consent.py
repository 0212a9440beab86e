"""Adds to a plan what must be agreed before it is applied: confirmations and approvals."""

from collections.abc import Mapping
from dataclasses import replace

from provisioner.diagnostics import in_order
from provisioner.live.state import LiveState
from provisioner.model.settings import Settings
from provisioner.planning.consent.approvals import Proposal, needed_approvals
from provisioner.planning.consent.confirmations import confirmation_refusals
from provisioner.planning.consent.later_changes import later_changes
from provisioner.planning.plans.plan_data import Plan


def with_consent(
    plan: Plan,
    live: LiveState,
    settings: Settings,
    base: Settings | None,
    allowed: Mapping[str, int],
) -> Plan:
    """Return a plan with the approvals that it needs, and refused if it lacks a confirmation.

    Args:
        plan: the plan.
        live: the account that it is made for.
        settings: the settings of the project.
        base: those of the base that the plan is compared with; None for a plan without one.
        allowed: allowance to the number that `--allow` gives it.
    """
    confirmed = settings.consent.confirmed
    missing = confirmation_refusals(confirmed, plan.changes, plan.coverage, allowed)
    policies = [one.consent.approvals for one in (settings, base) if one is not None]
    proposal = Proposal(
        plan.effective,
        plan.open_steps,
        plan.coverage,
        len(plan.policy_changes),
        later_changes(plan.day, plan.changes, live),
    )
    return replace(
        plan,
        refused=tuple(in_order([*plan.refused, *missing])),
        approvals=needed_approvals(policies, proposal),
    )
