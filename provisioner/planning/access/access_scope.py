"""Separates the access that a project with a scope lists from that of other projects."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from provisioner.address import Identity, Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.policy import ManagedScope
from provisioner.planning.access.access_fields import DEPARTMENTS


@dataclass(frozen=True, slots=True)
class OutsideScope:
    """The numbers of what a list of access leaves out, because other projects manage it.

    Attributes:
        people: agents outside of the scope.
        memberships: memberships of listed agents in departments outside of the scope.
    """

    people: int = 0
    memberships: int = 0

    def as_data(self) -> dict[str, int]:
        """Return it as JSON data."""
        return {"people": self.people, "memberships": self.memberships}


def listed_access(
    live: LiveState, desired: DesiredState, scope: ManagedScope
) -> tuple[LiveState, OutsideScope]:
    """Return the part of an account that a list of access shows, and the numbers of the rest.

    Agents and memberships outside of the scope are listed only if an entry declares them, which
    needs `mode: import-only`.
    """
    if not scope.limited:
        return live, OutsideScope()
    objects: dict[Identity, LiveObject] = {}
    people = memberships = 0
    for identity, existing in live.objects.items():
        kind = identity[0]
        resource = desired.resources.get(identity)
        if kind is not Kind.AGENT:
            objects[identity] = existing
        elif resource is None and not scope.covers(kind, existing.address.key):
            people += 1
        else:
            declared = (resource.attributes.get(DEPARTMENTS[0]) if resource else None) or {}
            outside = {
                name for name in _departments_outside(existing, scope) if name not in declared
            }
            memberships += len(outside)
            objects[identity] = _without(existing, outside)
    return replace(live, objects=objects), OutsideScope(people, memberships)


def _departments_outside(existing: LiveObject, scope: ManagedScope) -> Iterator[str]:
    for name in existing.attributes.get(DEPARTMENTS[0], {}):
        if not scope.covers(Kind.DEPARTMENT, name):
            yield name


def _without(existing: LiveObject, departments: set[str]) -> LiveObject:
    if not departments:
        return existing
    field = DEPARTMENTS[0]
    kept = {
        name: entry for name, entry in existing.attributes[field].items() if name not in departments
    }
    return replace(existing, attributes={**existing.attributes, field: kept})
