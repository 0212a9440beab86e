"""Compares desired and live state.

Objects with the same identity are compared for equality first. `field_changes` compares only
unequal objects.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import ObjectKey, unread_fields
from provisioner.model.desired import STRIPPED, DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import (
    BUILT_IN_ROLES,
    KINDS,
    Collection,
    Entries,
    FieldGroup,
    Overrides,
    Scalar,
    Shape,
)
from provisioner.model.policy import ManagedScope
from provisioner.model.settings import Settings, Undeclared
from provisioner.planning.changes import Action, Change, FieldChange, Reason
from provisioner.planning.desired_on_account import UnenforcedFields, declared_on_account
from provisioner.planning.field_changes import field_changes
from provisioner.planning.managed_scope import with_memberships_outside


def merge_declared(shape: Shape, live: Any, declared: Any, default: Any = None) -> Any:
    """Return the value of a field after an apply.

    Args:
        shape: the field's row in the table of kinds.
        live: the live value; None if there is none yet.
        declared: the declared value; None resets the field.
        default: the account's default in the form of the value; None if it does not report one.

    Returns:
        The value; `live` itself, or parts of it, where nothing changes. `live` is not modified.
    """
    if isinstance(shape, Scalar):
        fallback = shape.default if default is None else default
        return fallback if declared is None else declared
    if isinstance(shape, FieldGroup):
        return _group(shape, live or {}, declared, default or {})
    if isinstance(shape, Collection):
        merged = {
            key: merge_declared(shape.entry, (live or {}).get(key), entry)
            for key, entry in sorted((declared or {}).items())
        }
        return live if merged == live else merged
    kept: dict[str, Any] = {}
    match shape:
        case Entries() if declared is not None:
            kept = live or {}
        case Overrides():
            kept = default or {}
            declared = {key: value for key, value in (declared or {}).items() if value is not None}
    merged = {**kept, **(declared or {})}
    merged = {key: value for key, value in merged.items() if value is not None}
    return live if merged == live else merged


def _group(
    shape: FieldGroup, live: Mapping[str, Any], declared: Any, default: Any
) -> Mapping[str, Any]:
    given = dict.fromkeys(shape.fields) if declared is None else declared
    # Python compares whole mappings ten times faster than one value after the other.
    if shape.is_flat and given.items() <= live.items() and None not in given.values():
        return live
    changed = {}
    for name, part in shape.fields.items():
        if name in given:
            before, after = live.get(name), given[name]
            if after is None or part.__class__ is not Scalar:
                after = merge_declared(part, before, after, default.get(name))
            if (after is not before and after != before) or name not in live:
                changed[name] = after
    return {**live, **changed} if changed else live


def diff(
    desired: DesiredState,
    live: LiveState,
    unenforced: UnenforcedFields = UnenforcedFields(),  # noqa: B008  frozen
    scope: ManagedScope = ManagedScope(),  # noqa: B008  frozen
) -> tuple[Change, ...]:
    """Return one change for each declared object that exists or shall exist, sorted by address."""
    compare = _Comparer(live, unenforced, scope, unread_fields(live.unread)).compare
    changes = [
        replace(change, mode=resource.mode) if resource.mode else change
        for identity, resource in desired.resources.items()
        if (change := compare(resource, live.objects.get(identity)))
    ]
    return tuple(sorted(changes, key=lambda change: str(change.address)))


def undeclared(desired: DesiredState, live: LiveState, kind: Kind) -> tuple[LiveObject, ...]:
    """Return the live objects of a kind that no file declares, sorted by address."""
    return tuple(
        sorted(
            (
                live_object
                for identity, live_object in live.objects.items()
                if identity[0] is kind and identity not in desired.resources
            ),
            key=lambda live_object: str(live_object.address),
        )
    )


def reported_undeclared(
    desired: DesiredState, live: LiveState, settings: Settings, changes: Iterable[Change]
) -> tuple[LiveObject, ...]:
    """Return the undeclared objects that stay and that the project wants in the report."""
    changed = {change.address for change in changes}
    return tuple(
        existing
        for kind in Kind
        if settings.undeclared[kind] is not Undeclared.IGNORE
        for existing in undeclared(desired, live, kind)
        if existing.address not in changed and settings.scope.covers(kind, existing.address.key)
    )


@dataclass(frozen=True, slots=True)
class _Comparer:
    """Compares declared objects with their live objects.

    Attributes:
        live: the account, with renamed objects under their new names.
        unenforced: fields that are not compared.
        scope: the part of the account that the project manages.
        unread: the fields of each live object with an unknown value.
    """

    live: LiveState
    unenforced: UnenforcedFields
    scope: ManagedScope
    unread: Mapping[ObjectKey, tuple[FieldPath, ...]]

    def compare(self, resource: Resource, existing: LiveObject | None) -> Change | None:
        """Return the change of an object; None if there is nothing to delete or suspend."""
        if resource.absent:
            return deletion(existing, resource) if existing else None
        if existing is None and resource.suspended:
            return None
        row = KINDS[resource.address.kind]
        before = existing.attributes if existing else None
        declared = self._enforced(resource, existing)
        after = merge_declared(row.shape, before, declared, self.live.defaults.get(row.kind))
        if self.scope.limited and row.kind is Kind.AGENT:
            after = with_memberships_outside(after, existing, self.scope)
        after = _without_hours_of_left(after)
        if existing is None:
            return _creation(resource, after, self.live)
        return _update(resource, existing, after)

    def _enforced(self, resource: Resource, existing: LiveObject | None) -> Mapping[str, Any]:
        """Return the declared fields that the run enforces, as values of the account."""
        key = (resource.address.kind, existing.id) if existing else None
        unknown = self.unread.get(key, ()) if key else ()
        on_account = declared_on_account(resource, existing, self.live, unknown)
        declared = self.unenforced.removed_from(resource.address, on_account, new=not existing)
        if resource.suspended:
            # A suspension takes everything away, whatever `initial` and `ignore` leave to others.
            stripped = {name: value for name, value in on_account.items() if name in STRIPPED}
            declared = {**declared, **stripped}
        return declared


def _creation(resource: Resource, after: Mapping[str, Any], live: LiveState) -> Change:
    """Return the creation of an object, or the restoration of a deleted agent's account.

    A new agent without a declared role gets the default role. A restored one keeps the former role.
    """
    row = KINDS[resource.address.kind]
    name = resource.attributes[row.identity]
    is_agent = row.kind is Kind.AGENT
    deleted = live.deleted.get(fold(name)) if is_agent else None
    gets_default_role = is_agent and not deleted and "role" not in after
    if gets_default_role:
        after = {**after, "role": BUILT_IN_ROLES[0]}
    return Change(
        address=resource.address,
        name=name,
        action=Action.CREATE,
        reason=Reason.RESTORED if deleted else Reason.DECLARED_MISSING,
        before=None,
        after={row.identity: name, **after},
        id=deleted,
        source=resource.span(),
        defaults=("role",) if gets_default_role else (),
    )


def _update(resource: Resource, existing: LiveObject, after: Mapping[str, Any]) -> Change:
    """Return the update of an object, or a no-op where nothing differs."""
    before, naming = existing.attributes, KINDS[resource.address.kind].identity
    name = resource.attributes[naming]
    renamed = fold(before[naming]) != resource.address.identity[1]
    if renamed:
        after = {**after, naming: name}
    same = before is after or before == after
    reason = Reason.SUSPENDED if resource.suspended else Reason.DIFFERS
    return Change(
        address=resource.address,
        name=name,
        action=Action.NO_OP if same else Action.UPDATE,
        reason=Reason.IN_SYNC if same else Reason.RENAMED if renamed else reason,
        before=before,
        after=after,
        fields=() if same else _with_sources(field_changes(before, after), resource),
        id=existing.id,
        source=resource.span(),
    )


def _without_hours_of_left(after: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object's fields without hours in departments that the agent leaves."""
    if after.get("hours", {}).keys() <= after.get("departments", {}).keys():
        return after
    if "departments" not in after:
        return after
    hours = {name: week for name, week in after["hours"].items() if name in after["departments"]}
    return {**after, "hours": hours}


def _with_sources(fields: tuple[FieldChange, ...], resource: Resource) -> tuple[FieldChange, ...]:
    """Return field changes with the place in the files that declares each new value."""
    return tuple(
        FieldChange(field.path, field.before, field.after, source.span, source.layer.profile)
        if (source := resource.source(*field.path))
        else field
        for field in fields
    )


def deletion(existing: LiveObject, resource: Resource | None = None) -> Change:
    """Return the deletion of a live object."""
    return Change(
        address=resource.address if resource else existing.address,
        name=existing.attributes[KINDS[existing.address.kind].identity],
        action=Action.DELETE,
        reason=Reason.DECLARED_ABSENT if resource else Reason.UNDECLARED,
        before=existing.attributes,
        after=None,
        id=existing.id,
        source=resource.span() if resource else None,
    )
