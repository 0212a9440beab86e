"""The account that files alone would set up, to compare two revisions without a real account."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from provisioner.live.state import AccountFacts, LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
from provisioner.model.policy import Moves
from provisioner.planning.claims.claims import ObjectId, former_objects
from provisioner.planning.diff import diff, merge_declared


def declared_account(desired: DesiredState, account: AccountFacts) -> LiveState:
    """Return an account that holds what files declare, and nothing else.

    A field that the files leave out is empty, or has its default if LiveAgent documents one. The
    id of an object is the one that the files pin, or else its address.

    `account` are the properties of the account, such as its zone.
    """
    empty = LiveState.of(map(_empty, _present(desired)), account=account)
    objects = (
        LiveObject(change.address, change.id or "", change.after)
        for change in diff(desired, empty)
        if change.after is not None
    )
    return LiveState.of(objects, account=account)


def _present(desired: DesiredState) -> Iterator[Resource]:
    return (resource for resource in desired.resources.values() if not resource.absent)


def _empty(resource: Resource) -> LiveObject:
    """Return an object of which nothing but the email or name is set."""
    row = KINDS[resource.address.kind]
    identity = {row.identity: resource.attributes[row.identity]}
    attributes: dict[str, Any] = {**merge_declared(row.shape, None, None), **identity}
    return LiveObject(resource.address, resource.pinned_id or str(resource.address), attributes)


def with_ids_of(desired: DesiredState, live: LiveState, moves: Moves) -> DesiredState:
    """Return declared objects with the ids of a `declared_account` instead of those they pin.

    An id in the files is that of the real account. An entry with an id that only one of two
    revisions pins is found by its email or name, or by its former one.
    """
    known = {(one.address.kind, one.id) for one in live.objects.values()}
    resources = {
        identity: replace(one, pinned_id=_id_of(one, live, moves, known)) if one.pinned_id else one
        for identity, one in desired.resources.items()
    }
    return replace(desired, resources=resources)


def _id_of(resource: Resource, live: LiveState, moves: Moves, known: set[ObjectId]) -> str:
    """Return the id of a pinned entry in an account; "" if it is not in there."""
    if (resource.address.kind, resource.pinned_id) in known:
        return resource.pinned_id
    same = live.objects.get(resource.address.identity)
    former = former_objects(resource, live, moves)
    return same.id if same else former[0].id if former else ""
