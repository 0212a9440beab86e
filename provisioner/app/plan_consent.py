"""What must be agreed before a plan is applied: changed policy, confirmations and approvals."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provisioner.address import Kind
from provisioner.app.comparison import Branch
from provisioner.diagnostics import Diagnostic, in_order
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.model.settings import Settings
from provisioner.planning.consent.approvals import Proposal, needed_approvals
from provisioner.planning.consent.confirmations import confirmation_refusals
from provisioner.planning.consent.later_changes import later_changes
from provisioner.planning.consent.reviewers import owners_of_nothing
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PolicyChange, lock_changes, policy_changes


def objects_of_base(branch: Branch | None, target: str) -> DesiredState | None:
    """Return the objects that the base of a plan declares; None for a plan without a base.

    They are none if the files of the base can't be used.
    """
    if branch is None:
        return None
    return branch.earlier.desired_for(target) if branch.earlier else DesiredState({})


def changed_policy(
    branch: Branch | None, settings: Settings, desired: DesiredState, target: str
) -> tuple[PolicyChange, ...]:
    """Return the settings and locks that a branch changes; none without a base."""
    if branch is None:
        return ()
    locks = (
        lock_changes(branch.earlier.desired_for(target).locks, desired.locks)
        if branch.earlier
        else ()
    )
    return (*locks, *policy_changes(branch.settings, settings))


def consent_warnings(
    settings: Settings, live: LiveState, desired: DesiredState
) -> Iterator[Diagnostic]:
    """Yield the warnings about the names that `approvals` gives reviewers to."""
    policy = settings.consent.approvals
    if policy is None or not policy.owners:
        return
    names: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    names[Kind.ROLE].update(BUILT_IN_ROLES)
    for existing in live.objects.values():
        names[existing.address.kind].add(existing.address.key)
    for entry in desired.resources.values():
        names[entry.address.kind].add(entry.address.key)
    yield from owners_of_nothing(policy.owners, names)


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
