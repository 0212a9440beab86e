"""Refusals of a plan before the first write: protections, objects in use, and guards.

No run can be allowed to pass a protection.
"""

from collections.abc import Iterator

from provisioner.address import Address, Identity, Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS
from provisioner.model.policy import Protection
from provisioner.planning.changes import Action
from provisioner.planning.checks.guards import GUARDS
from provisioner.planning.checks.plan_check import PlanCheck
from provisioner.suggestions import did_you_mean, shown_names

DEFAULT_DEPARTMENT = "default"
"""The id of the department that can't be deleted (D: changelog 2025-08-07)."""


def refusals(check: PlanCheck) -> list[Diagnostic]:
    """Return the reasons why a plan may not be applied; none if it may."""
    return [
        *_protected(check),
        *_suspended(check),
        *_in_use(check),
        *_unknown_departments(check),
        *(refusal for guard in GUARDS for refusal in guard.refusals(check)),
    ]


def protection_reason(
    address: Address, live: LiveState, protection: Protection, entry: Resource | None = None
) -> str:
    """Return why an object must never be deleted, or "" if it may be."""
    existing = live.objects.get(address.identity)
    if _is_listed(address, existing, entry, protection):
        return "it is protected by the project"
    if address.kind is Kind.AGENT and existing is not None:
        if existing.id == live.account.key_agent:
            return "the API key belongs to it"
        if existing.id == live.account.creator:
            return "it is the account's creator"
    return ""


def _is_listed(
    address: Address, existing: LiveObject | None, entry: Resource | None, protection: Protection
) -> bool:
    """Return whether `protect` lists an object, by its declared or by its live name.

    The address of a change has only one of them: of a deletion the live name, of a rename the
    declared one.
    """
    naming = KINDS[address.kind].identity
    names = [str(one.attributes[naming]) for one in (existing, entry) if one]
    return any(protection.covers(Address(address.kind, name)) for name in (address.key, *names))


def _suspended(check: PlanCheck) -> Iterator[Diagnostic]:
    """Yield the protected agents who are declared suspended, even if nothing changes now."""
    for change in check.changes:
        agent = check.desired.resources.get(change.address.identity)
        if agent is None or not agent.suspended:
            continue
        if reason := protection_reason(agent.address, check.live, check.protection):
            yield Diagnostic(
                code="protected",
                summary=f"{agent.address} can't be suspended: {reason}",
                span=agent.span("state"),
                hint="remove `state: suspended` from the entry",
            )


def _protected(check: PlanCheck) -> Iterator[Diagnostic]:
    """Yield the protected objects that are to be deleted, demoted or stripped."""
    for change in check.changes:
        entry = check.desired.resources.get(change.address.identity)
        if not change.loses or (entry and entry.suspended):
            continue
        reason = protection_reason(change.address, check.live, check.protection, entry)
        existing = check.live.objects.get(change.address.identity)
        is_listed = _is_listed(change.address, existing, entry, check.protection)
        is_demoted = "role" in {field.path[0] for field in change.fields}
        if reason and (is_listed or is_demoted or change.action is Action.DELETE):
            yield Diagnostic(
                code="protected",
                summary=f"{change.address} can't be deleted, demoted or stripped: {reason}",
                span=change.source,
                hint="take the change out of the files"
                + (", or the name out of `protect`" if is_listed else ""),
            )


def _in_use(check: PlanCheck) -> Iterator[Diagnostic]:
    """Yield the roles and departments that are to be deleted and still have agents."""
    deletions = [
        change
        for kind in (Kind.DEPARTMENT, Kind.ROLE)
        for change in check.changed(kind, Action.DELETE)
    ]
    users = _users_after(check) if deletions else {}
    for change in deletions:
        kind = change.address.kind
        if change.id == DEFAULT_DEPARTMENT and kind is Kind.DEPARTMENT:
            yield Diagnostic(
                code="default-department",
                summary=f'department "{change.name}" is the default one and can\'t be deleted',
                span=change.source,
                hint="remove the line `state: absent`",
            )
        elif names := users.get(change.address.identity):
            yield Diagnostic(
                code=f"{kind}-in-use",
                summary=f'{kind} "{change.name}" is still used by {shown_names(names)}',
                span=change.source,
                hint=f"declare another {kind} for them first",
            )


def _unknown_departments(check: PlanCheck) -> Iterator[Diagnostic]:
    """Yield the departments with guards of their own that nobody knows: these protect nothing."""
    known = {
        identity: resource.address.key for identity, resource in check.desired.resources.items()
    }
    known |= {identity: existing.address.key for identity, existing in check.live.objects.items()}
    for name in check.guards.by_department:
        if (Kind.DEPARTMENT, fold(name)) not in known:
            names = [key for (kind, _), key in known.items() if kind is Kind.DEPARTMENT]
            yield Diagnostic(
                code="unknown-department",
                summary=f'guards.by_department names the department "{name}", which neither the '
                "files nor the account have",
                hint=did_you_mean(name, names),
            )


def _users_after(check: PlanCheck) -> dict[Identity, list[str]]:
    """Return the identity of each role and department to the agents it has after the plan."""
    after = {change.address.identity: change.after for change in check.changes}
    users: dict[Identity, list[str]] = {}
    for identity, existing in sorted(check.live.objects.items()):
        agent = after.get(identity, existing.attributes)
        if identity[0] is Kind.AGENT and agent is not None:
            users.setdefault((Kind.ROLE, fold(agent["role"])), []).append(existing.address.key)
            for name in agent["departments"]:
                users.setdefault((Kind.DEPARTMENT, fold(name)), []).append(existing.address.key)
    return users
