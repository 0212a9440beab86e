"""Keeps the roles and departments as they are that agents outside of a project's scope use."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveState
from provisioner.model.policy import ManagedScope
from provisioner.planning.changes import Action, Change, Reason
from provisioner.suggestions import shown_names


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
