"""Ends the LivePhone logins of suspended agents: by the API, or by a person where it shows none."""

from collections.abc import Iterable
from dataclasses import replace

from provisioner.address import Kind
from provisioner.live.leaving import LeavingFacts
from provisioner.model.desired import DesiredState
from provisioner.planning.changes import LOGINS, Action, Change, FieldChange, Reason
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep


def needs_facts(changes: Iterable[Change], desired: DesiredState) -> tuple[bool, bool]:
    """Return whether a plan needs the API keys of the account, and the active tickets.

    Args:
        changes: one change for each declared object that exists, and those of undeclared ones.
        desired: the declared objects.
    """
    changes = [*changes]
    deleted = any(
        change.action is Action.DELETE and change.address.kind is Kind.AGENT for change in changes
    )
    if not any(entry.suspended for entry in desired.resources.values()):
        return deleted, deleted
    suspended = [change for change in changes if is_suspended(change, desired)]
    begins = any(change.reason is not Reason.IN_SYNC for change in suspended)
    return deleted or bool(suspended), deleted or begins


def is_suspended(change: Change, desired: DesiredState) -> bool:
    """Return whether the files declare the agent of a change suspended."""
    entry = desired.resources.get(change.address.identity)
    return entry is not None and entry.suspended


def with_logins(
    changes: Iterable[Change],
    steps: Iterable[ManualStep],
    desired: DesiredState,
    leaving: LeavingFacts | None,
) -> tuple[tuple[Change, ...], tuple[ManualStep, ...]]:
    """Return changes and manual steps that also end the logins of suspended agents.

    Args:
        changes: the changes of an apply.
        steps: the manual steps.
        desired: the declared objects.
        leaving: the logins of the account; None if they were not needed.
    """
    if leaving is None:
        return tuple(changes), tuple(steps)
    result, more = [], [*steps]
    for change in changes:
        if not change.id or not is_suspended(change, desired):
            result.append(change)
        elif leaving.keys is None:
            result.append(change)
            more.append(_disconnect(change))
        else:
            result.append(_without(change, leaving.logins_of(change.id), desired))
    return tuple(result), tuple(more)


def _without(change: Change, logins: dict[str, str], desired: DesiredState) -> Change:
    """Return the change of a suspended agent that ends these logins, too."""
    if not logins:
        return change
    source = desired.resources[change.address.identity].span("state")
    ended = (FieldChange((LOGINS, id_), name, None, source) for id_, name in logins.items())
    return replace(
        change,
        action=Action.UPDATE,
        reason=change.reason if change.reason is Reason.RENAMED else Reason.SUSPENDED,
        before={**(change.before or {}), LOGINS: logins},
        after={**(change.after or {}), LOGINS: {}},
        fields=tuple(sorted((*change.fields, *ended), key=lambda field: field.path)),
    )


def _disconnect(change: Change) -> ManualStep:
    """Return the step for logins that the account does not show to the API key."""
    return ManualStep(
        address=change.address,
        name=str((change.before or {}).get("name", change.name)),
        section=manual_step.LOGINS,
        todo=("disconnect LivePhone",),
        values={"logins": []},
        verifiable=False,
        hint="give the API key the scopes api.read and api.delete, so that apply ends the logins",
        source=change.source,
    )
