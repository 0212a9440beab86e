"""What files set in an account: the fields of each declared object, as a record of a run keeps it.

A later plan compares it with the files as they are then, to find what they set no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind, parse
from provisioner.documents.schema.shapes import anything, flag, mapping, record
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.policy import Moves
from provisioner.planning.desired_on_account import UnenforcedFields, declared_on_account

ManagedObjects = Mapping[str, Mapping[str, Any]]
"""Address to `{"fields": …, "suspended": …}` of each object that files declare, as JSON data."""

MANAGED_SHAPE = mapping(
    record({"fields": mapping(anything), "suspended": flag}, closed=True), key=ADDRESS
)


def _no_commit(_earlier: Resource, _now: Resource | None, _path: FieldPath) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class EarlierFiles:
    """Files that were in effect before: those of a base, or those of the last complete apply.

    Attributes:
        desired: the objects that they declare.
        since: the commit or the run that had them, such as `run 12`.
        moves: the email domains that had moved.
        unenforced: the fields that were not compared.
        role_ids: folded role name to id, where the API lists no roles.
        commit_of: returns the commit that removed a field, from the entry in these files, the
            entry of today (if any) and the path; "" if it is unknown.
    """

    desired: DesiredState
    since: str
    moves: Moves = field(default_factory=Moves)
    unenforced: UnenforcedFields = field(default_factory=UnenforcedFields)
    role_ids: Mapping[str, str] = field(default_factory=dict)
    commit_of: Callable[[Resource, Resource | None, FieldPath], str] = _no_commit


def managed_fields(
    resource: Resource, live: LiveState, unenforced: UnenforcedFields
) -> Mapping[str, Any]:
    """Return the fields that an entry sets in an account. A field with None is a reset."""
    existing = live.objects.get(resource.address.identity)
    if existing is None and resource.address.kind is Kind.ROLE:
        declared = resource.attributes  # the permissions of a new role are no choice of the files
    else:
        declared = declared_on_account(resource, existing, live)
    return unenforced.removed_from(resource.address, declared, new=False)


def managed_objects(
    desired: DesiredState, live: LiveState, unenforced: UnenforcedFields
) -> dict[str, Mapping[str, Any]]:
    """Return what files set in an account, for the record of an apply."""
    return {
        str(resource.address): {
            "fields": managed_fields(resource, live, unenforced),
            "suspended": resource.suspended,
        }
        for resource in sorted(desired.resources.values(), key=lambda one: str(one.address))
        if not resource.absent
    }


def files_of_record(objects: ManagedObjects, since: str) -> EarlierFiles:
    """Return the files that a record describes."""
    resources = [
        Resource(parse(text), one["fields"], (), suspended=one["suspended"])
        for text, one in objects.items()
    ]
    return EarlierFiles(DesiredState({one.address.identity: one for one in resources}), since)
