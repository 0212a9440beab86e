"""Reverses the changes of a run, for an undo on the account as it is now.

A value is restored only if it is still as the run wrote it. Values that somebody has changed since,
and effects that can't be undone, are reported as warnings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Address, Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS
from provisioner.planning.changes import LOGINS, Action, Change, FieldChange, Reason, at, editable
from provisioner.planning.claims.claims import Renames, rename
from provisioner.planning.diff import deletion
from provisioner.planning.field_changes import field_changes

NOT_KEPT = {
    "photo": "the former photo is not kept",
    LOGINS: "a person logs in to LivePhone in the app only",
    "two_factor": "two-factor login can be switched on by the agent only",
}
"""Fields of an agent that can't be restored, and the reasons (of the second: D)."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """The changes that undo a run.

    Attributes:
        live: the account, with objects that get their former name back under that name.
        changes: the reversed changes, sorted by address.
        renames: kind and id of a live object to its former address.
        not_restored: a warning for each value or effect that is not undone, without repetition.
    """

    live: LiveState
    changes: tuple[Change, ...]
    renames: Renames
    not_restored: tuple[Diagnostic, ...]


def reverse(changes: Iterable[Change], live: LiveState) -> Reversal:
    """Return the changes that undo a run, for values that still are as the run left them."""
    builder = _ReversalBuilder(live)
    for change in changes:
        builder.add(change)
    return builder.reversal()


class _ReversalBuilder:
    """Collects the reverse of each change of a run.

    Attributes:
        live: the account as it is now.
        by_id: kind and id to live object.
        restored: identity to the object with its former values, for updates.
        former: identity to the address before a rename.
        created: creations of objects that the run deleted.
        deleted: identities of the objects to delete, which the run created.
        not_restored: the warnings.
    """

    def __init__(self, live: LiveState) -> None:
        self.live = live
        self.by_id = {(kind, each.id): each for (kind, _), each in live.objects.items()}
        self.restored: dict[Identity, LiveObject] = {}
        self.former: dict[Identity, Address] = {}
        self.created: list[Change] = []
        self.deleted: set[Identity] = set()
        self.not_restored: list[Diagnostic] = []

    def add(self, change: Change) -> None:
        """Add the reverse of a change, or a warning."""
        existing = self.live.objects.get(change.address.identity)
        if change.action is Action.UPDATE and change.id:
            existing = self.by_id.get((change.address.kind, change.id))
        match change.action:
            case Action.CREATE if existing is not None:
                self._delete(change, existing)
            case Action.DELETE if existing is None:
                self._create(change)
            case Action.DELETE:
                self._warn(change.address, "it was created again since, so it is not restored")
            case Action.UPDATE if existing is not None:
                self._restore(change, existing)
            case Action.UPDATE:
                self._warn(change.address, "it no longer exists")
            case _:
                pass

    def reversal(self) -> Reversal:
        """Return the reverse of all changes that were added."""
        self._keep_taken_names()
        renames = {
            (kind, self.live.objects[kind, key].id): former
            for (kind, key), former in self.former.items()
        }
        before = rename(self.live, renames)
        objects = {**self.live.objects, **self.restored}
        after = rename(replace(self.live, objects=objects), renames)
        touched = [
            self.former[identity].identity if identity in self.former else identity
            for identity in self.restored
        ]
        changes = [self._with_existing_references(change, before) for change in self.created]
        for identity in touched:
            existing = before.objects[identity]
            wanted = self._without_missing(after.objects[identity], before)
            if wanted.attributes != existing.attributes:
                changes.append(_update(existing, wanted, renames.values()))
        changes += [
            replace(deletion(self.live.objects[identity]), reason=Reason.UNDONE)
            for identity in self.deleted
        ]
        ordered = tuple(sorted(changes, key=lambda change: str(change.address)))
        return Reversal(before, ordered, renames, tuple(dict.fromkeys(self.not_restored)))

    def _keep_taken_names(self) -> None:
        """Remove the renames to a name that another object keeps.

        A name is free if its object gets back a former name, too. A name of an object to be
        deleted is not: a deleted account keeps its email (D), and deletions come last.
        """
        while taken := {
            identity: holder
            for identity, former in self.former.items()
            if (holder := self._holder_of(former))
        }:
            for identity, holder in taken.items():
                former = self.former.pop(identity)
                existing, naming = self.restored[identity], KINDS[identity[0]].identity
                self._warn(existing.address, f'{holder} now has the former {naming} "{former.key}"')
                live_name = self.live.objects[identity].attributes[naming]
                attributes = {**existing.attributes, naming: live_name}
                self.restored[identity] = replace(existing, attributes=attributes)

    def _holder_of(self, former: Address) -> str:
        """Return words for the object that keeps a former name, or ""."""
        if former.identity in self.live.objects:
            return "" if former.identity in self.former else "another object"
        is_email = former.kind is Kind.AGENT
        return "a deleted account" if is_email and fold(former.key) in self.live.deleted else ""

    def _warn(self, address: Address, problem: str) -> None:
        self.not_restored.append(
            Diagnostic(
                code="cannot-come-back",
                summary=f"{address}: {problem}",
                severity=Severity.WARNING,
            )
        )

    def _delete(self, change: Change, existing: LiveObject) -> None:
        """Delete an object that the run created, unless somebody has changed it since."""
        after = change.after or {}
        changed = [
            name
            for name in ("name", "role", "permissions")
            if name in after and not _has_value(existing.attributes.get(name), after[name])
        ]
        if changed:
            fields = ", ".join(changed)
            self._warn(change.address, f"{fields} was changed since, so it is not deleted")
            return
        self.deleted.add(change.address.identity)
        if change.address.kind is Kind.AGENT and not change.id:
            self._warn(change.address, "LiveAgent has sent a registration mail")

    def _create(self, change: Change) -> None:
        """Create an object that the run deleted; a deleted agent's account is restored."""
        values = dict(change.before or {})
        for name, why in NOT_KEPT.items():
            if values.pop(name, None):
                self._warn(change.address, why)
        # Empty fields are empty in a new account, too.
        values = {name: value for name, value in values.items() if value not in ("", {})}
        if change.address.kind is not Kind.AGENT:
            self._warn(change.address, "it gets a new id, which rules and reports don't know")
        self.created.append(
            replace(
                change,
                action=Action.CREATE,
                reason=Reason.UNDONE,
                before=None,
                after=values,
                fields=(),
                id=self.live.deleted.get(fold(change.name)),
                source=None,
                risk=(),
            )
        )

    def _restore(self, change: Change, existing: LiveObject) -> None:
        """Put the former values of an update's fields into the object as it is now."""
        attributes = editable(dict(existing.attributes))
        for part in change.fields:
            field, value = " / ".join(part.path), at(part.path, attributes)
            if part.path[0] in NOT_KEPT and part.before:
                self._warn(change.address, NOT_KEPT[part.path[0]])
            elif not (_has_value(value, part.after) or _are_cleared_hours(part, attributes)):
                if not _has_value(value, part.before):
                    self._warn(
                        change.address, f"{field} was changed again since, so it is not restored"
                    )
            elif len(part.path) > 1 or part.before is not None:
                _put(attributes, part)
        identity, kind = existing.address.identity, change.address.kind
        naming = KINDS[kind].identity
        former = Address(kind, attributes[naming])
        if former.identity != identity:
            self.former[identity] = former
        self.restored[identity] = replace(existing, attributes=attributes)

    def _with_existing_references(self, change: Change, live: LiveState) -> Change:
        made = LiveObject(change.address, "", change.after or {})
        return replace(change, after=self._without_missing(made, live).attributes)

    def _without_missing(self, wanted: LiveObject, live: LiveState) -> LiveObject:
        """Return an agent without the role and departments that no longer exist."""
        if wanted.address.kind is not Kind.AGENT:
            return wanted
        existing = {change.address.identity for change in self.created} | live.objects.keys()
        existing -= self.deleted
        values, address = dict(wanted.attributes), wanted.address
        role = values.get("role", BUILT_IN_ROLES[0])
        has_roles = any(kind is Kind.ROLE for kind, _ in existing)
        if has_roles and role not in BUILT_IN_ROLES and (Kind.ROLE, fold(role)) not in existing:
            values["role"] = BUILT_IN_ROLES[0]
            self._warn(address, f'the role "{role}" no longer exists')
        for name in [*values.get("departments", {})]:
            if (Kind.DEPARTMENT, fold(name)) not in existing:
                values["departments"] = _without(values["departments"], name)
                values["hours"] = _without(values.get("hours", {}), name)
                self._warn(address, f'the department "{name}" no longer exists')
        return replace(wanted, attributes=values)


def _update(existing: LiveObject, wanted: LiveObject, renamed: Iterable[Address]) -> Change:
    kind = existing.address.kind
    return Change(
        address=existing.address,
        name=wanted.attributes[KINDS[kind].identity],
        action=Action.UPDATE,
        reason=Reason.RENAMED if existing.address in renamed else Reason.UNDONE,
        before=existing.attributes,
        after=wanted.attributes,
        fields=field_changes(existing.attributes, wanted.attributes),
        id=existing.id,
    )


def _are_cleared_hours(part: FieldChange, attributes: Mapping[str, Any]) -> bool:
    """Return whether hours were cleared and not written: these are two requests."""
    return part.path[0] == "hours" and at(part.path, attributes) is None


def _has_value(live: Any, written: Any) -> bool:
    """Return whether a live value is the written one; LiveAgent may add fields to an entry."""
    if isinstance(written, Mapping):
        return isinstance(live, Mapping) and all(
            _has_value(live.get(key), part) for key, part in written.items()
        )
    return bool(live == written)


def _put(attributes: dict[str, Any], part: FieldChange) -> None:
    """Set the former value at a path, or remove an entry that was not there."""
    *outer, last = part.path
    inner = attributes
    for key in outer:
        inner = inner.setdefault(key, {})
    if part.before is None:
        inner.pop(last, None)
    else:
        inner[last] = editable(part.before)
    if part.path[0] == "hours":
        attributes["hours"] = _without_empty(attributes["hours"])


def _without_empty(week: Mapping[str, Any]) -> dict[str, Any]:
    """Return hours without departments and services that have no hours."""
    return {
        department: kept
        for department, services in week.items()
        if (kept := {service: days for service, days in services.items() if days})
    }


def _without(entries: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: entry for key, entry in entries.items() if key != name}
