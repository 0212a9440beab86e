"""The part of an account in a project's scope, and memberships of its agents outside of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.policy import ManagedScope

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
