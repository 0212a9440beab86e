"""Changes backwards: from what a run did to what brings it back, as the account is now.

Only what is still as the run left it is brought back. What somebody has changed since is left
alone, and told with what can't come back at all.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS
from provisioner.planning.changes import Action, Change, FieldChange, Reason, at
from provisioner.planning.claims.renaming import Renames, rename
from provisioner.planning.diff import deletion, field_changes

Identity = tuple[Kind, str]

NOT_KEPT = {
    "photo": "the former photo is not kept",
    "two_factor": "two-factor login can be switched on by the agent only",
}
"""Fields of an agent whose previous value can't be set again, and why (the second: D)."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """What brings a run's changes back.

    Attributes:
        live: the account, with what gets its old name back under that name.
        changes: the changes backwards, sorted by address.
        renames: kind and id of a live object to the address that it had before.
        lost: what can't come back, or is left alone, each told once.
    """

    live: LiveState
    changes: tuple[Change, ...]
    renames: Renames
    lost: tuple[Diagnostic, ...]


def reverse(changes: Iterable[Change], live: LiveState) -> Reversal:
    """Return what brings changes back, as far as they are still as they were made.

    Args:
        changes: what may have taken effect.
        live: the account as it is now.
    """
    work = _Work(live)
    for change in changes:
        work.take(change)
    return work.reversal()


class _Work:
    """Goes through the changes of a run, and collects what each leads to."""

    def __init__(self, live: LiveState) -> None:
        self.live = live
        self.by_id = {(kind, found.id): found for (kind, _), found in live.objects.items()}
        self.patched: dict[Identity, LiveObject] = {}
        self.former: dict[Identity, Address] = {}
        self.created: list[Change] = []
        self.deleted: set[Identity] = set()
        self.lost: list[Diagnostic] = []

    def take(self, change: Change) -> None:
        existing = self.live.objects.get(change.address.identity)
        if change.action is Action.UPDATE and change.id:
            existing = self.by_id.get((change.address.kind, change.id))
        match change.action:
            case Action.CREATE if existing is not None:
                self._delete(change, existing)
            case Action.DELETE if existing is None:
                self._create(change)
            case Action.DELETE:
                self._lose(change.address, "it was made anew since, and is left alone")
            case Action.UPDATE if existing is not None:
                self._patch(change, existing)
            case Action.UPDATE:
                self._lose(change.address, "it does not exist any more")
            case _:
                pass

    def reversal(self) -> Reversal:
        self._keep_taken_names()
        renames = {
            (kind, self.live.objects[kind, key].id): former
            for (kind, key), former in self.former.items()
        }
        before = rename(self.live, renames)
        objects = {**self.live.objects, **self.patched}
        after = rename(replace(self.live, objects=objects), renames)
        touched = [
            self.former[identity].identity if identity in self.former else identity
            for identity in self.patched
        ]
        found = [self._with_what_exists(change, before) for change in self.created]
        for identity in touched:
            existing = before.objects[identity]
            wanted = self._with_existing(after.objects[identity], before)
            if wanted.attributes != existing.attributes:
                found.append(_update(existing, wanted, renames.values()))
        found += [
            replace(deletion(self.live.objects[identity]), reason=Reason.UNDONE)
            for identity in self.deleted
        ]
        ordered = tuple(sorted(found, key=lambda change: str(change.address)))
        return Reversal(before, ordered, renames, tuple(dict.fromkeys(self.lost)))

    def _keep_taken_names(self) -> None:
        """Give up the renames to a name that another object has and keeps.

        A name is free if its object gets back a former name, too. One that is deleted does not
        count: a deleted account keeps its email (D), and deletions come last.
        """
        while taken := [
            identity
            for identity, former in self.former.items()
            if former.identity in self.live.objects and former.identity not in self.former
        ]:
            for identity in taken:
                former = self.former.pop(identity)
                existing, naming = self.patched[identity], KINDS[identity[0]].identity
                self._lose(
                    existing.address, f'the former {naming} "{former.key}" is another one\'s now'
                )
                live_name = self.live.objects[identity].attributes[naming]
                attributes = {**existing.attributes, naming: live_name}
                self.patched[identity] = replace(existing, attributes=attributes)

    def _lose(self, address: Address, what: str) -> None:
        self.lost.append(
            Diagnostic(
                code="cannot-come-back",
                summary=f"{address}: {what}",
                severity=Severity.WARNING,
            )
        )

    def _delete(self, change: Change, existing: LiveObject) -> None:
        """Delete what was created, unless somebody has made something else of it."""
        after = change.after or {}
        told = [name for name in ("name", "role", "permissions") if name in after]
        if others := [n for n in told if not _is_as(existing.attributes.get(n), after[n])]:
            self._lose(
                change.address, f"{', '.join(others)} was changed since, so it is not deleted"
            )
            return
        self.deleted.add(change.address.identity)
        if change.address.kind is Kind.AGENT and not change.id:
            self._lose(change.address, "LiveAgent has sent a registration mail")

    def _create(self, change: Change) -> None:
        """Make anew what was deleted; a deleted agent's account is restored."""
        values = dict(change.before or {})
        for name, why in NOT_KEPT.items():
            if values.pop(name, None):
                self._lose(change.address, why)
        # What was empty is empty in a new account, too.
        values = {name: value for name, value in values.items() if value not in ("", {})}
        if change.address.kind is not Kind.AGENT:
            self._lose(
                change.address, "it comes back under a new id, which rules and reports don't know"
            )
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

    def _patch(self, change: Change, existing: LiveObject) -> None:
        """Put the previous values of an update's fields into the object as it is now."""
        attributes = deepcopy(dict(existing.attributes))
        for part in change.fields:
            where = " / ".join(part.path)
            if part.path[0] in NOT_KEPT and part.before:
                self._lose(change.address, NOT_KEPT[part.path[0]])
            elif not _is_as(at(part.path, attributes), part.after) and not _is_gone(
                part, attributes
            ):
                if not _is_as(at(part.path, attributes), part.before):
                    self._lose(
                        change.address, f"{where} was changed again since, and is left alone"
                    )
            elif len(part.path) > 1 or part.before is not None:
                _put(attributes, part)
        identity, kind = existing.address.identity, change.address.kind
        naming = KINDS[kind].identity
        former = Address(kind, attributes[naming])
        if former.identity != identity:
            self.former[identity] = former
        self.patched[identity] = replace(existing, attributes=attributes)

    def _with_what_exists(self, change: Change, live: LiveState) -> Change:
        made = LiveObject(change.address, "", change.after or {})
        return replace(change, after=self._with_existing(made, live).attributes)

    def _with_existing(self, wanted: LiveObject, live: LiveState) -> LiveObject:
        """Return an agent without the role and departments that are not there any more."""
        if wanted.address.kind is not Kind.AGENT:
            return wanted
        there = {change.address.identity for change in self.created} | live.objects.keys()
        there -= self.deleted
        values, address = dict(wanted.attributes), wanted.address
        role = values.get("role", BUILT_IN_ROLES[0])
        has_roles = any(kind is Kind.ROLE for kind, _ in there)
        if has_roles and role not in BUILT_IN_ROLES and (Kind.ROLE, fold(role)) not in there:
            values["role"] = BUILT_IN_ROLES[0]
            self._lose(address, f'the role "{role}" does not exist any more')
        for name in [*values.get("departments", {})]:
            if (Kind.DEPARTMENT, fold(name)) not in there:
                values["departments"] = _without(values["departments"], name)
                values["hours"] = _without(values.get("hours", {}), name)
                self._lose(address, f'the department "{name}" does not exist any more')
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


def _is_gone(part: FieldChange, attributes: Mapping[str, Any]) -> bool:
    """Tell whether hours were cleared and not written: one call does the one, one the other."""
    return part.path[0] == "hours" and at(part.path, attributes) is None


def _is_as(seen: Any, told: Any) -> bool:
    """Tell whether a value is as it was told; an entry may have got more fields by itself."""
    if isinstance(told, Mapping):
        return isinstance(seen, Mapping) and all(
            _is_as(seen.get(key), part) for key, part in told.items()
        )
    return bool(seen == told)


def _put(attributes: dict[str, Any], part: FieldChange) -> None:
    """Set the previous value at a path, or take away an entry that was not there."""
    *way, last = part.path
    inner = attributes
    for key in way:
        inner = inner.setdefault(key, {})
    if part.before is None:
        inner.pop(last, None)
    else:
        inner[last] = deepcopy(part.before)
    if part.path[0] == "hours":
        attributes["hours"] = _pruned(attributes["hours"])


def _pruned(week: Mapping[str, Any]) -> dict[str, Any]:
    """Return hours without departments and services that have none."""
    return {
        department: kept
        for department, services in week.items()
        if (kept := {service: days for service, days in services.items() if days})
    }


def _without(entries: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: entry for key, entry in entries.items() if key != name}
