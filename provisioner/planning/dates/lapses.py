"""Changes that only take away what has lapsed: ended agents, and temporary values of the past.

A scheduled run may make these without another review: the pull request that declared the end was
reviewed. Other differences of the same agent wait, and so does what a lapse would give back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from provisioner.address import Address
from provisioner.live.state import LiveState
from provisioner.model.dates.declared import Temporary
from provisioner.model.desired import STRIPPED, DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import Action, Change, FieldChange, Risk, at
from provisioner.planning.risk import Rights, risks


@dataclass(frozen=True, slots=True)
class Lapse:
    """Something that has lapsed and is still in the account.

    Attributes:
        address: the agent.
        path: the field with the temporary value; () for an agent who has ended.
        until: the last day.
        reason: the reason of the temporary entry; "" for an agent who has ended.
    """

    address: Address
    path: FieldPath
    until: date
    reason: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return the lapse as JSON data."""
        return {
            "address": str(self.address),
            "path": list(self.path),
            "until": self.until.isoformat(),
            "reason": self.reason,
        }


def find_lapses(changes: Iterable[Change], desired: DesiredState) -> Iterator[Lapse]:
    """Yield what changes take away because it has lapsed on the day of the desired state."""
    for change in changes:
        agent = desired.resources.get(change.address.identity)
        if agent is None or agent.dates is None or desired.day is None:
            continue
        last = agent.dates.days.last
        if last and is_ended(agent, desired.day) and change.action is not Action.NO_OP:
            yield Lapse(change.address, (), last)
            continue
        for field in change.fields:
            entry = lapsed_entry(agent, field, desired.day)
            if entry and entry.days.last:
                yield Lapse(change.address, field.path, entry.days.last, entry.reason)


_MEMBERSHIP_ROLES = ("reader", "solver", "supervisor", "manager")


def only_lapses(
    changes: tuple[Change, ...], desired: DesiredState, live: LiveState
) -> tuple[Change, ...]:
    """Return the changes reduced to what has lapsed on the day of the desired state."""
    reduced = tuple(one for change in changes if (one := _reduced(change, desired)))
    rights = Rights(reduced, live)
    return tuple(one for one in reduced if Risk.RAISES_RIGHTS not in risks(one, rights))


def lapsed_entry(agent: Resource, field: FieldChange, day: date) -> Temporary | None:
    """Return the temporary entry of the past that gave a field its live value; None for none."""
    for one in agent.dates.temporary if agent.dates else ():
        if one.days.is_before(day) and _gave(one, field):
            return one
    return None


def is_ended(agent: Resource, day: date | None) -> bool:
    """Return whether the last day of an agent is in the past."""
    return day is not None and agent.dates is not None and agent.dates.days.is_before(day)


def _reduced(change: Change, desired: DesiredState) -> Change | None:
    agent = desired.resources.get(change.address.identity)
    if agent is None or agent.dates is None or desired.day is None:
        return None
    if change.action is Action.DELETE:
        return change if is_ended(agent, desired.day) else None
    if change.action is not Action.UPDATE or change.before is None or change.after is None:
        return None
    fields = tuple(_lapsed_fields(change, agent, desired.day))
    if not fields:
        return None
    after = _with_fields(change.before, change.after, [field.path for field in fields])
    return replace(change, fields=fields, after=after)


def _lapsed_fields(change: Change, agent: Resource, day: date) -> Iterator[FieldChange]:
    left = {
        field.path[1]
        for field in change.fields
        if _is_membership(field.path) and field.after is None
    }
    ended = is_ended(agent, day)
    for field in change.fields:
        if ended:
            has_lapsed = field.path[0] in STRIPPED
        else:
            goes = field.path[0] == "hours" and field.path[1:2] and field.path[1] in left
            has_lapsed = bool(goes) or lapsed_entry(agent, field, day) is not None
        if has_lapsed and not _gives_access(field):
            yield field


def _gave(one: Temporary, field: FieldChange) -> bool:
    """Return whether an entry gave a field its live value."""
    fields, path = one.layer.fields, field.path
    if path[0] == "hours":
        return "hours" in fields
    if _is_membership(path):
        return field.after is None and path[1] in (fields.get("departments") or {})
    return path in one.paths() and at(path, fields) == field.before


def _gives_access(field: FieldChange) -> bool:
    """Return whether a change of a membership gives access; rights of roles are checked apart."""
    if field.path[0] != "departments":
        return False
    if field.path[-1] == "role" and field.after in _MEMBERSHIP_ROLES:
        rank = _MEMBERSHIP_ROLES.index
        return field.before not in _MEMBERSHIP_ROLES or rank(field.after) > rank(field.before)
    return bool(field.after)


def _is_membership(path: FieldPath) -> bool:
    return len(path) == 2 and path[0] == "departments"


def _with_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], paths: list[FieldPath]
) -> dict[str, Any]:
    """Return an object with the values of another one at some paths."""
    result = dict(before)
    for name in {path[0] for path in paths}:
        below = [path[1:] for path in paths if path[0] == name]
        if () in below or not isinstance(before.get(name), Mapping):
            result.pop(name, None)
            if name in after:
                result[name] = after[name]
        else:
            result[name] = _with_fields(before[name], after.get(name) or {}, below)
    return result
