"""The risks of a change: rights that agents gain or lose, logouts, and registration mails.

Rights are compared as sets of permissions, not by the names of roles. Where an account does not
report its permissions, the order of the built-in roles is used instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.state import LiveState
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.changes import LOGINS, Action, Change, Risk

_OWNER = "own the account"
"""A right that only owners have; in LiveAgent it is billing (D: KB 228575)."""


class Rights:
    """The permissions that each role grants, before and after a plan."""

    def __init__(self, changes: Iterable[Change], live: LiveState) -> None:
        """Read the roles before and after a plan."""
        self._defaults = live.permissions
        self._before = {
            key: existing.attributes.get("permissions", {})
            for (kind, key), existing in live.objects.items()
            if kind is Kind.ROLE
        }
        self._after = dict(self._before)
        for change in changes:
            if change.address.kind is Kind.ROLE and change.after is not None:
                self._after[fold(change.name)] = change.after.get("permissions", {})

    @property
    def new_role(self) -> frozenset[str]:
        """The permissions of a role that declares none."""
        return _granted(self._defaults)

    def of(self, role: str, *, after: bool) -> frozenset[str]:
        """Return the permissions of a role before or after the plan."""
        if role in BUILT_IN_ROLES[1:] or (role in BUILT_IN_ROLES and not self._defaults):
            rank = BUILT_IN_ROLES.index(role)
            known = {f"all that an {name} may" for name in BUILT_IN_ROLES[1 : rank + 1]}
            own = {_OWNER} if role == "owner" else set()
            return frozenset(self._defaults) | known | own
        if role in BUILT_IN_ROLES:
            return self.new_role
        return _granted((self._after if after else self._before).get(fold(role), self._defaults))


def risks(change: Change, rights: Rights) -> tuple[Risk, ...]:
    """Return the risks of a change, by severity."""
    unordered = set(_risks(change, rights))
    return tuple(risk for risk in Risk if risk in unordered)


def _granted(permissions: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, state in permissions.items() if state == "grant")


def _risks(change: Change, rights: Rights) -> Iterator[Risk]:
    if change.action is Action.DELETE:
        yield Risk.DELETES
    elif change.action is not Action.NO_OP and change.address.kind is Kind.ROLE:
        yield from _rights_risks(
            rights.new_role if change.before is None else _permissions(change.before),
            _permissions(change.after or {}),
        )
    elif change.action is Action.CREATE and change.address.kind is Kind.AGENT:
        if not change.restores:
            yield Risk.SENDS_MAIL
        after = rights.of((change.after or {}).get("role", "agent"), after=True)
        if after - rights.of("agent", after=True):
            yield Risk.RAISES_RIGHTS
    elif change.action is Action.UPDATE and change.address.kind is Kind.AGENT:
        yield from _agent_risks(change.before or {}, change.after or {}, rights)


def _agent_risks(
    before: Mapping[str, Any], after: Mapping[str, Any], rights: Rights
) -> Iterator[Risk]:
    old, new = before.get("role", "agent"), after.get("role", "agent")
    if old != new:
        yield Risk.LOGS_OUT  # D: KB 228575
        yield from _rights_risks(rights.of(old, after=False), rights.of(new, after=True))
    departments = after.get("departments", {})
    if before.get(LOGINS):
        yield Risk.REMOVES_ACCESS
    for name, entry in before.get("departments", {}).items():
        remaining = departments.get(name)
        if remaining is None or any(entry.get(s) and not remaining.get(s) for s in SERVICES):
            yield Risk.REMOVES_ACCESS


def _rights_risks(before: frozenset[str], after: frozenset[str]) -> Iterator[Risk]:
    if after - before:
        yield Risk.RAISES_RIGHTS
    if before - after:
        yield Risk.LOWERS_RIGHTS


def _permissions(attributes: Mapping[str, Any]) -> frozenset[str]:
    return _granted(attributes.get("permissions", {}))


def with_risks(changes: tuple[Change, ...], live: LiveState) -> tuple[Change, ...]:
    """Return changes with their risks, sorted by address."""
    rights = Rights(changes, live)
    rated = (
        replace(change, risk=risk) if (risk := risks(change, rights)) != change.risk else change
        for change in changes
    )
    return tuple(sorted(rated, key=lambda change: str(change.address)))
