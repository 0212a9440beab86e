"""Selects the changes of a partial run (`--only`, `--exclude`).

A change is selected together with the changes that it needs. A change that needs an excluded one
is left out, so that no change is applied only in part.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.address import Address, Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.policy import fits
from provisioner.planning.changes import Action, Change, renamed_away

MEMBER_OF = "member-of/"
"""The prefix of a selector for the agents of a department."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The selectors of a run.

    Attributes:
        only: an object must match one of these; if there are none, all objects match.
        exclude: an object must match none of these.
        lapsed: only what dates of the past take away; see `only_lapses`.
    """

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    lapsed: bool = False

    @property
    def partial(self) -> bool:
        """Whether the run selects a part of the project only."""
        return self.lapsed or bool(self.only or self.exclude)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change that is left out because it needs another one that is left out.

    Attributes:
        address: the address of the change.
        needs: the address of the change that it needs.
    """

    address: Address
    needs: Address


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected changes of a plan.

    Attributes:
        changes: the selected changes and those that they need.
        left_out: the changes that need an excluded or a held one, sorted by address.
        held: the selected changes that apply does not make because of their mode.
    """

    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...] = ()
    held: tuple[Change, ...] = ()


def select(changes: Sequence[Change], scope: Scope) -> Selection:
    """Return the changes that a scope selects."""
    held = {change.address.identity for change in changes if change.is_held}
    if not scope.partial and not held:
        return Selection(tuple(changes))
    by_identity = {change.address.identity: change for change in changes}
    needs = _needs_of(changes)
    selected: set[Identity] = set()
    waiting = [
        change.address.identity
        for change in changes
        if not scope.only or any(_matches(change, selector) for selector in scope.only)
    ]
    while waiting:
        identity = waiting.pop()
        if identity not in selected:
            selected.add(identity)
            waiting += needs[identity]
    excluded = {
        change.address.identity
        for change in changes
        if any(_matches(change, selector) for selector in scope.exclude)
    }
    missing = _missing_needs(changes, excluded | held)
    left_out = tuple(
        LeftOut(by_identity[identity].address, by_identity[needed].address)
        for identity, needed in missing.items()
        if identity in selected and by_identity[identity].action is not Action.NO_OP
    )
    rest = selected - excluded - missing.keys()
    shown = (selected - excluded) & held
    return Selection(
        tuple(change for change in changes if change.address.identity in rest - held),
        tuple(sorted(left_out, key=lambda one: str(one.address))),
        tuple(change for change in changes if change.address.identity in shown),
    )


def _missing_needs(changes: Sequence[Change], excluded: set[Identity]) -> dict[Identity, Identity]:
    """Return the changes that need an excluded one, each with a change that it needs.

    A reference to an existing object needs no change of that object.
    """
    created = {change.address.identity for change in changes if change.action is Action.CREATE}
    freed_by = renamed_away(changes)
    needed_by: dict[Identity, list[Identity]] = {}
    for change in sorted(changes, key=lambda change: change.address.identity):
        needs = [needed for needed in _refers_to(change) if needed in created]
        for needed in (*needs, *_waits_for(change, freed_by)):
            needed_by.setdefault(needed, []).append(change.address.identity)
    missing: dict[Identity, Identity] = {}
    waiting = deque(sorted(excluded))
    while waiting:
        needed = waiting.popleft()
        for identity in needed_by.get(needed, ()):
            if identity not in excluded and identity not in missing:
                missing[identity] = needed
                waiting.append(identity)
    return missing


def unmatched_selectors(changes: Sequence[Change], scope: Scope) -> Iterator[Diagnostic]:
    """Yield an error for each selector that matches no object."""
    selection = select(changes, scope)
    if scope.partial and not (selection.changes or selection.held):
        yield Diagnostic(
            code="selector-without-object",
            summary="--only and --exclude together select no object",
            hint="check the two options",
        )
    for selector in (*scope.only, *scope.exclude):
        if not any(_matches(change, selector) for change in changes):
            yield Diagnostic(
                code="selector-without-object",
                summary=f'no declared object matches "{selector}"',
                hint="write a kind (agents), an address (agent/mia.chen@acme.example, also with "
                "* and ?), or member-of/DEPARTMENT",
            )


def partial_plan(scope: Scope) -> Diagnostic:
    """Return the warning that a plan is partial."""
    words = [f"--only {word}" for word in scope.only]
    words += [f"--exclude {word}" for word in scope.exclude]
    words += ["--lapsed"] if scope.lapsed else []
    return Diagnostic(
        code="partial-plan",
        summary=f"this plan is partial: {' '.join(words)}",
        hint="run it without these options to see all changes",
        severity=Severity.WARNING,
    )


def matches(address: Address, departments: Iterable[str], selector: str) -> bool:
    """Return whether a selector matches an object.

    `selector` is a kind, an address with `*` and `?`, or `member-of/DEPARTMENT`.
    """
    if selector in {kind.plural for kind in Kind}:
        return address.kind.plural == selector
    if selector.startswith(MEMBER_OF):
        wanted = selector.removeprefix(MEMBER_OF)
        return any(fits(name, wanted) for name in departments)
    return fits(str(address), selector)


def _matches(change: Change, selector: str) -> bool:
    members = (
        name
        for part in (change.before, change.after)
        for name in (part or {}).get("departments", {})
    )
    return matches(change.address, members, selector)


def _needs_of(changes: Sequence[Change]) -> dict[Identity, tuple[Identity, ...]]:
    """Return each change with those that it needs: its references, and the rename of its name."""
    known = {change.address.identity for change in changes}
    freed_by = renamed_away(changes)
    return {
        change.address.identity: tuple(
            needed
            for needed in (*_refers_to(change), *_waits_for(change, freed_by))
            if needed in known
        )
        for change in changes
    }


def _waits_for(change: Change, freed_by: Mapping[Identity, Change]) -> Iterator[Identity]:
    """Yield the rename that frees the new email or name of an object."""
    if change.takes_name and (rename := freed_by.get(change.address.identity)):
        yield rename.address.identity


def _refers_to(change: Change) -> Iterator[Identity]:
    """Yield the role and the departments that a change gives to an agent."""
    if change.address.kind is not Kind.AGENT or change.after is None:
        return
    before = change.before or {}
    if change.after.get("role") not in {None, before.get("role")}:
        yield Kind.ROLE, fold(change.after["role"])
    for name in change.after.get("departments", {}).keys() - before.get("departments", {}).keys():
        yield Kind.DEPARTMENT, fold(name)
