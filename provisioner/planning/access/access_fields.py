"""The access fields of an agent and their defaults. No other module lists them.

They decide who may do what: the state of the account, the role, and the departments with their
services and the role in each department.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address, Kind
from provisioner.model.fields import ANY, FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS, SERVICES, Collection, Scalar

STATE: FieldPath = ("state",)
"""The path of the state: absent, suspended, or left out for an account that exists."""

ROLE: FieldPath = ("role",)
DEPARTMENTS: FieldPath = ("departments",)

MEMBERSHIP_ROLE = "role"
"""The key of the role in a department."""

_MEMBERSHIP_FIELDS = (*SERVICES, MEMBERSHIP_ROLE)
"""The access fields of a membership."""


def _defaults() -> dict[FieldPath, Any]:
    """Return the default of each access field, from the schema of agents."""
    fields = KINDS[Kind.AGENT].shape.fields
    role, departments = fields["role"], fields["departments"]
    defaults: dict[FieldPath, Any] = {STATE: None}
    if isinstance(role, Scalar) and isinstance(departments, Collection):
        defaults[ROLE] = role.default
        defaults[DEPARTMENTS] = {}
        for name in _MEMBERSHIP_FIELDS:
            part = departments.entry.fields[name]
            defaults[*DEPARTMENTS, ANY, name] = part.default if isinstance(part, Scalar) else None
    return defaults


ACCESS_FIELDS: Mapping[FieldPath, Any] = _defaults()
"""The path of each access field to its default; `ANY` for any department."""


def is_access(path: FieldPath) -> bool:
    """Return whether a field decides about access.

    Args:
        path: the path of a field of an agent. A whole membership, such as
            `("departments", "Support")`, decides, too; () is the whole agent.
    """
    if path[:1] == DEPARTMENTS and len(path) > 1:
        return len(path) == 2 or (*DEPARTMENTS, ANY, *path[2:]) in ACCESS_FIELDS
    return not path or path in ACCESS_FIELDS


def decides_access(address: Address, path: FieldPath) -> bool:
    """Return whether a field decides who may do what: of an agent, or the permissions of a role."""
    match address.kind:
        case Kind.AGENT:
            return is_access(path)
        case Kind.ROLE:
            return True
        case _:
            return False


def access_default(path: FieldPath, defaults: Mapping[str, Any]) -> Any:
    """Return the account's default of an access field."""
    if path == ROLE and ROLE[0] in defaults:
        return defaults[ROLE[0]]
    if path[:1] == DEPARTMENTS and len(path) > 2:
        return ACCESS_FIELDS[*DEPARTMENTS, ANY, *path[2:]]
    return ACCESS_FIELDS.get(path)


def memberships(attributes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the departments of a live agent, with the access fields that the API shows."""
    return {
        name: {part: entry[part] for part in _MEMBERSHIP_FIELDS if part in entry}
        for name, entry in sorted(attributes.get("departments", {}).items())
    }


def access_of(
    attributes: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Iterator[tuple[FieldPath, Any]]:
    """Yield the path and the value of everything that a live agent may do beyond the defaults.

    Yields:
        The role; each membership (True); the services and the role of each membership.
    """
    role = attributes.get("role")
    if role is not None and role != access_default(ROLE, defaults):
        yield ROLE, role
    for name, entry in memberships(attributes).items():
        yield (*DEPARTMENTS, name), True
        for part, value in entry.items():
            path = (*DEPARTMENTS, name, part)
            if value != access_default(path, defaults):
                yield path, value


_DEPARTMENT_ROLES = ("manager", "supervisor")
"""Roles in a department that may do more than solve tickets, the most powerful first (D)."""

LEAST_POWER = 5
"""The rank of a membership, of a service in it, and of everything that is no access."""


def power(path: FieldPath, value: Any) -> int:
    """Return how much an access value lets an agent do: 0 for the most."""
    if path == ROLE:
        ranks = {"owner": 0, "admin": 1, BUILT_IN_ROLES[0]: LEAST_POWER, None: LEAST_POWER}
        return ranks.get(value, 2)  # a custom role may grant anything below an admin
    if path == DEPARTMENTS:
        entries = list((value or {}).values())
    else:
        entries = [value if isinstance(value, Mapping) else {path[-1]: value}] if path else []
    roles = {entry.get(MEMBERSHIP_ROLE) for entry in entries}
    ranked = (3 + rank for rank, name in enumerate(_DEPARTMENT_ROLES) if name in roles)
    return min(ranked, default=LEAST_POWER)
