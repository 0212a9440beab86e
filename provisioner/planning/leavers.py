"""Leavers of a plan: what each person loses, what stays in the account, and the entry's end.

LivePhone logins of suspended agents are ended by the API, or by a person where it shows none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Kind, parse
from provisioner.documents.schema.shapes import (
    number,
    one_of,
    optional,
    record,
    sequence,
    text,
)
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.live.leaving import LeavingFacts
from provisioner.model.desired import DesiredState
from provisioner.model.policy import ManagedScope
from provisioner.planning.changes import LOGINS, Action, Change, FieldChange, Reason
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep


def needs_facts(changes: Iterable[Change], desired: DesiredState) -> tuple[bool, bool]:
    """Return whether a plan needs the API keys of the account, and the active tickets."""
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
    """Return changes and manual steps that also end the logins of suspended agents."""
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


class Departure(StrEnum):
    """How an agent leaves."""

    ABSENT = "absent"
    SUSPENDED = "suspended"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Leaver:
    """An agent who is deleted or suspended.

    Attributes:
        address: the agent's address.
        departure: how the agent leaves.
        role: the role that ends; "" for the default one.
        departments: the departments that the agent leaves, sorted.
        logins: the phones with LivePhone logins that end; None if the account does not show them.
        tickets: the number of active tickets; None if the account does not show it.
        keys: the names of the agent's API keys; None if the account does not show them.
        kept: the departments that a suspended agent stays in, outside of the project's scope.
    """

    address: Address
    departure: Departure
    role: str = ""
    departments: tuple[str, ...] = ()
    logins: tuple[str, ...] | None = None
    tickets: int | None = None
    keys: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()

    @property
    def can_sign_in(self) -> bool:
        """Whether the person can still sign in; only a deletion ends that."""
        return self.departure is Departure.SUSPENDED

    @property
    def not_looked_at(self) -> tuple[str, ...]:
        """The parts of the account that were not read, as keys of the JSON."""
        parts = {"active_tickets": self.tickets, "api_keys": self.keys, "logins": self.logins}
        return tuple(name for name, value in parts.items() if value is None)


def find_leavers(
    changes: Iterable[Change],
    steps: Iterable[ManualStep],
    desired: DesiredState,
    leaving: LeavingFacts | None,
    scope: ManagedScope,
) -> tuple[Leaver, ...]:
    """Return the agents whom a plan deletes or suspends, sorted by address.

    A suspended agent for whom nothing is left to do is no leaver any more.
    """
    if leaving is None:
        return ()
    by_hand = {step.address: step for step in steps if step.open}
    found = []
    for change in changes:
        if change.address.kind is not Kind.AGENT or change.before is None:
            continue
        if change.action is Action.DELETE:
            declared = change.reason is not Reason.UNDECLARED
            departure = Departure.ABSENT if declared else Departure.UNDECLARED
            found.append(_leaver(change, change.before, departure, leaving, ()))
        elif is_suspended(change, desired) and (
            change.action is Action.UPDATE or change.address in by_hand
        ):
            departments = sorted(change.before.get("departments", {}))
            kept = tuple(d for d in departments if not scope.covers(Kind.DEPARTMENT, d))
            found.append(_leaver(change, change.before, Departure.SUSPENDED, leaving, kept))
    return tuple(found)


def _leaver(
    change: Change,
    before: Mapping[str, Any],
    departure: Departure,
    facts: LeavingFacts,
    kept: tuple[str, ...],
) -> Leaver:
    role, agent_id = str(before.get("role", "")), change.id or ""
    departments = sorted(before.get("departments", {}))
    logins = before.get(LOGINS, facts.logins_of(agent_id))
    return Leaver(
        address=change.address,
        departure=departure,
        role="" if role == "agent" else role,
        departments=tuple(name for name in departments if name not in kept),
        logins=None if facts.keys is None else tuple(logins.values()),
        tickets=facts.tickets.get(agent_id),
        keys=None if facts.keys is None else facts.keys_of(agent_id),
        kept=kept,
    )


_ENTRY = {
    Departure.ABSENT: "remove once applied",
    Departure.SUSPENDED: "keep",
    Departure.UNDECLARED: None,
}
"""What to do with the entry in the files."""


def leaver_data(leaver: Leaver) -> dict[str, Any]:
    """Return a leaver as JSON data."""
    return {
        "address": str(leaver.address),
        "state": leaver.departure.value,
        "loses": {
            "role": leaver.role or None,
            "departments": list(leaver.departments),
            "logins": _listed(leaver.logins),
        },
        "stays": {
            "active_tickets": leaver.tickets,
            "api_keys": _listed(leaver.keys),
            "departments": list(leaver.kept),
        },
        "can_sign_in": leaver.can_sign_in,
        "entry": _ENTRY[leaver.departure],
        "not_looked_at": list(leaver.not_looked_at),
    }


def leaver_of(data: Mapping[str, Any]) -> Leaver:
    """Return a leaver from JSON data with the shape `LEAVER`."""
    loses, stays = data["loses"], data["stays"]
    return Leaver(
        address=parse(data["address"]),
        departure=Departure(data["state"]),
        role=loses["role"] or "",
        departments=tuple(loses["departments"]),
        logins=_unlisted(loses["logins"]),
        tickets=stays["active_tickets"],
        keys=_unlisted(stays["api_keys"]),
        kept=tuple(stays["departments"]),
    )


def _listed(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else list(names)


def _unlisted(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


_NAMES = sequence(text)

LEAVER = record(
    {
        "address": ADDRESS,
        "state": one_of(Departure),
        "loses": record(
            {"role": optional(text), "departments": _NAMES, "logins": optional(_NAMES)}
        ),
        "stays": record(
            {
                "active_tickets": optional(number()),
                "api_keys": optional(_NAMES),
                "departments": _NAMES,
            }
        ),
    }
)
"""The shape of a leaver in a plan file."""
