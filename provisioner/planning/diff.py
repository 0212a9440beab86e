"""The comparison of desired and live state. The only user of deepdiff.

Objects are matched by identity first and compared for equality; only what is unequal is given to
deepdiff, which costs about a millisecond for each pair.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.changes import Action, Change, FieldChange, Reason
from provisioner.planning.desired_on_account import UnenforcedFields, declared_on_account
from provisioner.planning.merge import merge_declared


def diff(
    desired: DesiredState,
    live: LiveState,
    unenforced: UnenforcedFields = UnenforcedFields(),  # noqa: B008  frozen
) -> tuple[Change, ...]:
    """Return one change for each declared object that exists or shall exist, sorted by address.

    Args:
        desired: the declared objects.
        live: the account, with renamed objects under their new names.
        unenforced: fields that are not compared.
    """
    changes = [
        change
        for identity, resource in desired.resources.items()
        if (change := _compare(resource, live.objects.get(identity), live, unenforced))
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


def _compare(
    resource: Resource, live: LiveObject | None, state: LiveState, unenforced: UnenforcedFields
) -> Change | None:
    row = KINDS[resource.address.kind]
    source = resource.span()
    name = resource.attributes[row.identity]
    if resource.absent:
        return deletion(live, resource) if live else None
    before = live.attributes if live else None
    default = state.defaults.get(row.kind)
    declared = unenforced.removed_from(
        resource.address, declared_on_account(resource, live, state), new=not live
    )
    after = _without_left_hours(merge_declared(row.shape, before, declared, default))
    if live is None:
        if resource.suspended:
            return None
        deleted = state.deleted.get(fold(name)) if row.kind is Kind.AGENT else None
        return Change(
            address=resource.address,
            name=name,
            action=Action.CREATE,
            reason=Reason.RESTORED if deleted else Reason.DECLARED_MISSING,
            before=None,
            after={row.identity: name, **after},
            id=deleted,
            source=source,
        )
    renamed = fold(live.attributes[row.identity]) != resource.address.identity[1]
    if renamed:
        after = {**after, row.identity: name}
    same = before == after
    reason = Reason.SUSPENDED if resource.suspended else Reason.DIFFERS
    return Change(
        address=resource.address,
        name=name,
        action=Action.NO_OP if same else Action.UPDATE,
        reason=Reason.IN_SYNC if same else Reason.RENAMED if renamed else reason,
        before=before,
        after=after,
        fields=() if same else _with_origins(field_changes(live.attributes, after), resource),
        id=live.id,
        source=source,
    )


def _without_left_hours(after: dict[str, Any]) -> dict[str, Any]:
    """Return an object's fields without hours in departments that an agent is not in."""
    if "hours" not in after or "departments" not in after:
        return after
    kept = {name: week for name, week in after["hours"].items() if name in after["departments"]}
    return {**after, "hours": kept}


def _with_origins(fields: tuple[FieldChange, ...], resource: Resource) -> tuple[FieldChange, ...]:
    """Return field changes with the place in the files that causes each."""
    return tuple(
        replace(field, source=origin.span, profile=origin.layer.profile)
        if (origin := resource.source(*field.path))
        else field
        for field in fields
    )


def deletion(existing: LiveObject, resource: Resource | None = None) -> Change:
    """Return the deletion of a live object.

    Args:
        existing: the object.
        resource: its declaration as absent; None where nothing declares it.
    """
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


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields in which two unequal objects differ, sorted by path.

    An entry that comes or goes as a whole, such as a membership, is one change.
    """
    # Imported here: deepdiff takes 100 ms to load, and a plan without changes never needs it.
    from deepdiff import DeepDiff  # noqa: PLC0415

    tree = DeepDiff(
        *_unequal(before, after),
        view="tree",
        threshold_to_diff_deeper=0,
        # A key may begin with two underscores like any other: it is a name, and nothing private.
        ignore_private_variables=False,
    )
    found = [
        FieldChange(
            tuple(str(key) for key in level.path(output_format="list")),
            _present(level.t1),
            _present(level.t2),
        )
        for levels in tree.values()
        for level in levels
    ]
    return tuple(sorted(found, key=lambda change: change.path))


def _unequal(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two mappings without what is equal in both: deepdiff takes as long for that."""
    left, right = dict(before), dict(after)
    for key in before.keys() & after.keys():
        one, other = before[key], after[key]
        if one == other:
            del left[key], right[key]
        elif isinstance(one, Mapping) and isinstance(other, Mapping):
            left[key], right[key] = _unequal(one, other)
    return left, right


def _present(value: Any) -> Any:
    """Return a value of deepdiff's, with None for its mark of a missing one."""
    from deepdiff.helper import NotPresent  # noqa: PLC0415

    return None if isinstance(value, NotPresent) else value
