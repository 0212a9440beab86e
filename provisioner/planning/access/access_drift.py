"""Decides what is drift: differences, unmanaged access, and undeclared objects with power."""

from provisioner.address import Kind
from provisioner.live.state import LiveObject
from provisioner.model.settings import Undeclared
from provisioner.planning.access.access_fields import LEAST_POWER, access_of, is_access, power
from provisioner.planning.access.ownership import PowerfulAgent
from provisioner.planning.changes import Change
from provisioner.planning.plans.plan_data import Plan


def has_drift(plan: Plan) -> bool:
    """Return whether the account differs from the files, or has access that no file declares."""
    differs = plan.differing or plan.open_steps or plan.unmanaged
    return bool(differs or drifting_agents(plan) or drifting_objects(plan))


def drift_rank(change: Change) -> int:
    """Return how much the live access that a change would correct lets an agent do: 0 for most."""
    if change.address.kind is not Kind.AGENT or change.before is None:
        return LEAST_POWER
    live = (
        access_of(change.before, {})
        if change.after is None
        else ((field.path, field.before) for field in change.fields if is_access(field.path))
    )
    return min((power(path, value) for path, value in live), default=LEAST_POWER)


def drifting_agents(plan: Plan) -> tuple[PowerfulAgent, ...]:
    """Return the undeclared agents with more than the default role who are drift."""
    return tuple(one for one in plan.ownership.undeclared_powerful if not one.exception)


def excepted_agents(plan: Plan) -> tuple[PowerfulAgent, ...]:
    """Return the undeclared agents with more than the default role who are no drift."""
    return tuple(one for one in plan.ownership.undeclared_powerful if one.exception)


def drifting_objects(plan: Plan) -> tuple[LiveObject, ...]:
    """Return the undeclared objects of the kinds that the project wants to be declared."""
    manage = plan.policy.get("manage", {})
    kinds = {
        kind
        for kind in Kind
        if manage.get(kind.plural, {}).get("undeclared") == Undeclared.DRIFT.value
    }
    return tuple(live for live in plan.undeclared if live.address.kind in kinds)


def is_fully_declared(plan: Plan) -> bool:
    """Return whether the files own all access, and every part of the account was compared.

    Only then an account without drift may be called as the files declare: an exception of the
    project makes an undeclared owner no drift, and no declared one either.
    """
    return not (
        plan.held
        or plan.not_looked_at
        or plan.unmanaged
        or plan.released
        or plan.ownership.undeclared_powerful
        or drifting_objects(plan)
    )
