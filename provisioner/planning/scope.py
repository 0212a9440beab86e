"""Which part of a project a run looks at: some objects only, all but some, and fields left alone.

A run with a scope is partial, and says so. What a selected change needs comes along; what needs
something that is left out is left out, too, so that no half of a change is made.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Shape
from provisioner.model.policy import FieldRule, fits
from provisioner.planning.changes import Action, Change, renamed_away

MEMBER_OF = "member-of/"
"""What a selector begins with that means the agents of a department."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Selectors of a run.

    Attributes:
        only: an object must fit one of these; none means that all do.
        exclude: an object must fit none of these.
    """

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether anything is left out."""
        return bool(self.only or self.exclude)


Identity = tuple[Kind, str]

Unfinished = Mapping[Address, frozenset[str]]
"""Address to the top-level fields that no run has written yet, of what was created."""


@dataclass(frozen=True, slots=True)
class UnenforcedFields:
    """Fields that a run does not enforce.

    Attributes:
        initial: set at creation, and left alone afterwards.
        ignored: left alone always.
        unfinished: what runs before this one created, with the fields that are still to come:
            as good as new.
    """

    initial: tuple[FieldRule, ...] = ()
    ignored: tuple[FieldRule, ...] = ()
    unfinished: Unfinished = field(default_factory=dict)

    def removed_from(
        self, address: Address, declared: Mapping[str, Any], *, new: bool
    ) -> Mapping[str, Any]:
        """Return an object's declared fields without those that are left alone."""
        still = self.unfinished.get(address, frozenset())
        done = [rule for rule in self.initial if not new and rule.path[0] not in still]
        for rule in (*self.ignored, *done):
            if rule.covers(address):
                declared = _without(KINDS[address.kind].shape, declared, rule.path)
        return declared


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change that no selector excludes, and that is left out all the same.

    Attributes:
        address: of the change.
        needs: the address of the change that it needs, which is left out, too.
    """

    address: Address
    needs: Address


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a plan that a run is about.

    Attributes:
        changes: the selected changes with those that they need.
        left_out: the changes that need one that is excluded, sorted by address.
    """

    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...] = ()


def select(changes: Sequence[Change], scope: Scope) -> Selection:
    """Return the changes that a run is about."""
    if not scope.partial:
        return Selection(tuple(changes))
    by_identity = {change.address.identity: change for change in changes}
    needs = _needs_of(changes)
    chosen: set[Identity] = set()
    waiting = [
        change.address.identity
        for change in changes
        if not scope.only or any(_fits(change, selector) for selector in scope.only)
    ]
    while waiting:
        identity = waiting.pop()
        if identity not in chosen:
            chosen.add(identity)
            waiting += needs[identity]
    excluded = {
        change.address.identity
        for change in changes
        if any(_fits(change, selector) for selector in scope.exclude)
    }
    missing = _missing_needs(changes, excluded)
    left_out = tuple(
        LeftOut(by_identity[identity].address, by_identity[needed].address)
        for identity, needed in missing.items()
        if identity in chosen and by_identity[identity].action is not Action.NO_OP
    )
    rest = chosen - excluded - missing.keys()
    return Selection(
        tuple(change for change in changes if change.address.identity in rest),
        tuple(sorted(left_out, key=lambda one: str(one.address))),
    )


def _missing_needs(changes: Sequence[Change], excluded: set[Identity]) -> dict[Identity, Identity]:
    """Return what can't be done without the excluded changes, each with a change that it needs.

    An object that exists can be referred to whatever becomes of its change.
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
    """Yield the selectors that no object fits: most often a misspelling."""
    if scope.partial and not select(changes, scope).changes:
        yield Diagnostic(
            code="selector-without-object",
            summary="nothing is left of the selection",
            hint="check what --only and --exclude leave together",
        )
    for selector in (*scope.only, *scope.exclude):
        if not any(_fits(change, selector) for change in changes):
            yield Diagnostic(
                code="selector-without-object",
                summary=f'no declared object fits "{selector}"',
                hint="write a kind (agents), an address (agent/mia.chen@acme.example, also with "
                "* and ?), or member-of/DEPARTMENT",
            )


def partial_plan(scope: Scope) -> Diagnostic:
    """Return the warning that a plan does not show everything."""
    words = [f"--only {word}" for word in scope.only]
    words += [f"--exclude {word}" for word in scope.exclude]
    return Diagnostic(
        code="partial-plan",
        summary=f"this is a part of the plan only: {' '.join(words)}",
        hint="run it without these options before you rely on nothing being left",
        severity=Severity.WARNING,
    )


def _without(shape: Shape, value: Any, path: tuple[str, ...]) -> Any:
    name, *rest = path
    if isinstance(shape, FieldGroup) and value is None:
        value = dict.fromkeys(shape.fields)
    if not isinstance(value, Mapping):
        return value
    names = list(value) if name == "*" else [name]
    result = dict(value)
    for key in names:
        if key not in result:
            continue
        if not rest:
            del result[key]
            continue
        part = shape.entry if isinstance(shape, Collection) else _part(shape, key)
        result[key] = _without(part, result[key], tuple(rest)) if part else result[key]
    return result


def _part(shape: Shape, key: str) -> Shape | None:
    return shape.fields.get(key) if isinstance(shape, FieldGroup) else None


def _fits(change: Change, selector: str) -> bool:
    if selector in {kind.plural for kind in Kind}:
        return change.address.kind.plural == selector
    if selector.startswith(MEMBER_OF):
        wanted = selector.removeprefix(MEMBER_OF)
        members = [
            name
            for part in (change.before, change.after)
            for name in (part or {}).get("departments", {})
        ]
        return any(fits(name, wanted) for name in members)
    return fits(str(change.address), selector)


def _needs_of(changes: Sequence[Change]) -> dict[Identity, tuple[Identity, ...]]:
    """Return for each change the others that it needs: to refer to, and to have its name."""
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
    """Yield the rename that frees the email or name that a change gives to its object."""
    if change.takes_name and (rename := freed_by.get(change.address.identity)):
        yield rename.address.identity


def _refers_to(change: Change) -> Iterator[Identity]:
    """Yield the role and the departments that an agent gets."""
    if change.address.kind is not Kind.AGENT or change.after is None:
        return
    before = change.before or {}
    if change.after.get("role") not in {None, before.get("role")}:
        yield Kind.ROLE, fold(change.after["role"])
    for name in change.after.get("departments", {}).keys() - before.get("departments", {}).keys():
        yield Kind.DEPARTMENT, fold(name)
