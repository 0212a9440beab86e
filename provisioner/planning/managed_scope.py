"""Keeps a project in its scope: what it declares, claims, compares and changes.

Another project manages the rest of the account. An agent of another project is taken over only
where `takeover` lists the email, so that two projects never write the same agent by mistake.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Mode, Resource
from provisioner.model.kinds import KINDS
from provisioner.model.policy import ManagedScope
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.claims.claims import Claim, Claims
from provisioner.suggestions import shown_names

_BY_DEPARTMENT = ("departments", "hours")
"""The fields of an agent with an entry for each department."""


def with_memberships_outside(
    after: Mapping[str, Any], existing: LiveObject | None, scope: ManagedScope
) -> dict[str, Any]:
    """Return an agent's new fields with the live memberships and hours outside of the scope."""
    result = dict(after)
    live = existing.attributes if existing else {}
    for field in _BY_DEPARTMENT:
        kept = {
            name: entry
            for name, entry in live.get(field, {}).items()
            if not scope.covers(Kind.DEPARTMENT, name)
        }
        if field in result and kept:
            result[field] = dict(sorted({**result[field], **kept}.items()))
    return result


def memberships_inside(attributes: Mapping[str, Any], scope: ManagedScope) -> dict[str, Any]:
    """Return an object's fields without memberships and hours outside of the scope."""
    return {
        field: {name: entry for name, entry in value.items() if scope.covers(Kind.DEPARTMENT, name)}
        if field in _BY_DEPARTMENT
        else value
        for field, value in attributes.items()
    }


def in_scope(live: LiveState, scope: ManagedScope) -> LiveState:
    """Return the part of an account that a project manages, without memberships outside of it."""
    if not scope.limited:
        return live
    objects = {
        identity: replace(existing, attributes=memberships_inside(existing.attributes, scope))
        for identity, existing in live.objects.items()
        if scope.covers(identity[0], existing.address.key)
    }
    return replace(live, objects=objects)


def without_shared(
    changes: Iterable[Change], live: LiveState, scope: ManagedScope
) -> tuple[tuple[Change, ...], list[Diagnostic]]:
    """Return changes without updates of roles and departments that others use, and warnings.

    An object that the scope lists belongs to the project, whoever uses it.
    """
    if not scope.limited:
        return tuple(changes), []
    users = _users_outside(live, scope)
    result, warnings = [], []
    for change in changes:
        others = users.get(change.address.identity, ())
        kind = change.address.kind
        if change.action is Action.UPDATE and others and kind not in scope.patterns:
            warnings.append(_shared(change, others))
            result.append(_unchanged(change))
        else:
            result.append(change)
    return tuple(result), warnings


def _unchanged(change: Change) -> Change:
    return replace(
        change, action=Action.NO_OP, reason=Reason.IN_SYNC, after=change.before, fields=()
    )


def _users_outside(live: LiveState, scope: ManagedScope) -> dict[Identity, list[str]]:
    """Return the identity of each role and department to the agents outside who have it."""
    users: dict[Identity, list[str]] = defaultdict(list)
    for (kind, _), existing in sorted(live.objects.items()):
        if kind is not Kind.AGENT or scope.covers(kind, existing.address.key):
            continue
        users[Kind.ROLE, fold(existing.attributes.get("role", ""))].append(existing.address.key)
        for name in existing.attributes.get("departments", {}):
            users[Kind.DEPARTMENT, fold(name)].append(existing.address.key)
    return users


def _shared(change: Change, users: Iterable[str]) -> Diagnostic:
    kind = change.address.kind
    fields = ", ".join(sorted({".".join(field.path) for field in change.fields}))
    return Diagnostic(
        code="used-by-others",
        summary=f'{kind} "{change.name}" is left as it is, as agents outside of the scope use it: '
        f"{shown_names([*users])}; it differs in {fields}",
        span=change.source,
        hint=f"add it to `scope.{kind.plural}` in provisioner.yaml, if this project manages it; "
        "otherwise write `mode: import-only` in its entry",
        severity=Severity.WARNING,
    )


def declared_outside(desired: DesiredState, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield an error for each entry that reaches out of the scope, by the files alone.

    An entry with `mode: import-only` writes nothing, so it may be anywhere.
    """
    for entry in desired.resources.values() if scope.limited else ():
        kind, naming = entry.address.kind, KINDS[entry.address.kind].identity
        if entry.mode is Mode.IMPORT_ONLY:
            continue
        if not scope.covers(kind, entry.address.key):
            yield _outside(entry, entry.address.key, naming, "outside of the scope")
        elif entry.previously and not scope.covers(kind, entry.previously):
            problem = f'has the former {naming} "{entry.previously}", outside of the scope'
            yield _outside(entry, entry.previously, "previously", problem)
        yield from _memberships(entry, scope)


def mode_and_state(desired: DesiredState) -> Iterator[Diagnostic]:
    """Yield an error for each entry that records the account and also takes something away."""
    for entry in desired.resources.values():
        if entry.mode is Mode.IMPORT_ONLY and (entry.absent or entry.suspended):
            state = "absent" if entry.absent else "suspended"
            yield Diagnostic(
                code="mode-and-state",
                summary=f'{entry.address.kind} "{entry.address.key}" is {state}, and its mode is '
                "import-only, which writes nothing",
                span=entry.span("mode"),
                hint="remove one of the two lines",
            )


def claimed_outside(claims: Claims, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield an error for each entry that claims a live object outside of the scope.

    The account is needed for that: an entry claims by `id` or by a move of a domain.
    """
    for claim in claims.of_entries.values() if scope.limited else ():
        kind, live_name = claim.existing.address.kind, claim.existing.address.key
        if claim.entry.mode is not Mode.IMPORT_ONLY and not scope.covers(kind, live_name):
            yield _outside(claim.entry, live_name, _claiming_key(claim), _takes(claim))


def _claiming_key(claim: Claim) -> str:
    entry = claim.entry
    if entry.pinned_id:
        return "id"
    return "previously" if entry.previously else KINDS[entry.address.kind].identity


def _takes(claim: Claim) -> str:
    existing = claim.existing
    return f'claims the live "{existing.address.key}" ({existing.id}), outside of the scope'


def _memberships(entry: Resource, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield the declared memberships in departments outside of the scope."""
    departments = entry.attributes.get("departments")
    for name in departments if isinstance(departments, dict) else ():
        if not scope.covers(Kind.DEPARTMENT, name):
            yield Diagnostic(
                code="outside-scope",
                summary=f'{entry.declarer("departments", name)}: department "{name}" is outside '
                "of the scope",
                span=entry.span("departments", name, key=True),
                hint="remove it: memberships outside of the scope stay as they are; or add the "
                "department to `scope` in provisioner.yaml",
            )


def _outside(entry: Resource, name: str, key: str, problem: str) -> Diagnostic:
    kind = entry.address.kind
    way_out = (
        f"add the email to `takeover` in provisioner.yaml: takeover: [{name}]"
        if kind is Kind.AGENT
        else "write `mode: import-only` in the entry, if it is only referred to"
    )
    is_own = problem.startswith("outside")
    return Diagnostic(
        code="outside-scope",
        summary=f'{kind} "{entry.address.key}" {"is " if is_own else ""}{problem}',
        span=entry.span(key),
        hint=f"let the other project declare it, or {way_out}",
    )
