"""Handlers of custom roles and their permissions (extended surface)."""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.models import ROLES
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.permissions import DEFAULTS, PERMISSIONS, check_permissions
from provisioner.sandbox.policy import require_configuration
from provisioner.sandbox.store import roles

PLANS_WITH_ROLES = ("Large", "Enterprise", "All-inclusive")  # D: KB 904470

LISTING = Listing(roles.SELECT, {"id": "id", "name": "name"})


def list_roles(call: Call) -> Answer:
    """List the custom roles, without the built-in ones."""
    return listed(call, _public(call, by_page(call, LISTING)))


def get_role(call: Call) -> Row:
    """Read a custom role."""
    return _public(call, [_undeleted(call)])[0]


def create_role(call: Call) -> Row:
    """Create a custom role."""
    require_configuration(call)
    given = call.body
    if call.switches.plan not in PLANS_WITH_ROLES:
        raise InvalidError(f"Custom roles need one of the plans {', '.join(PLANS_WITH_ROLES)}")
    if roles.count(call.database) >= call.switches.max_custom_roles:
        raise InvalidError(f"The account can have {call.switches.max_custom_roles} custom roles")
    _require_free(call, given["name"], "")
    changed = _changed(given)
    role_id = roles.add(call.database, given["name"], changed)
    return {"id": role_id, "name": given["name"], "permissions": DEFAULTS | changed}


def update_role(call: Call) -> Row:
    """Write a whole custom role; omitted permissions get their defaults."""
    require_configuration(call)
    role_id = _undeleted(call)["id"]
    given = call.body
    _require_free(call, given["name"], role_id)
    changed = _changed(given)
    roles.replace(call.database, role_id, given["name"], changed)
    return {"id": role_id, "name": given["name"], "permissions": DEFAULTS | changed}


def delete_role(call: Call) -> JsonObject:
    """Delete a custom role that no agent has."""
    require_configuration(call)
    role = _undeleted(call)
    emails = roles.emails_with(call.database, role["id"])
    if emails:
        raise InvalidError(f"Role '{role['name']}' is used by {', '.join(emails)}")
    roles.delete(call.database, role["id"])
    return {}


def list_permissions(_call: Call) -> list[Row]:
    """List every permission that a custom role can have."""
    return [
        {
            "name": permission.name,
            "title": permission.title,
            "group": permission.group,
            "default": permission.default,
            "requires": permission.requires,
        }
        for permission in PERMISSIONS
    ]


def _undeleted(call: Call) -> Row:
    role = roles.undeleted(call.database, call.path["roleId"])
    if role is None:
        raise MissingError(NO_ROW)
    return role


def _public(call: Call, rows: list[Row]) -> list[Row]:
    changed = roles.permissions(call.database, [row["id"] for row in rows])
    return [
        {"id": row["id"], "name": row["name"], "permissions": DEFAULTS | changed[row["id"]]}
        for row in rows
    ]


def _changed(given: JsonObject) -> dict[str, str]:
    """Return the permissions that differ from the default."""
    permissions: dict[str, str] = given.get("permissions", {})
    check_permissions(permissions)
    return {name: value for name, value in permissions.items() if value != DEFAULTS[name]}


def _require_free(call: Call, name: str, role_id: str) -> None:
    if name.casefold() in ROLES.words:
        raise InvalidError(f"Role '{name}' is built in")
    holder = roles.by_name(call.database, name)
    if holder is not None and holder["id"] != role_id:
        raise InvalidError(f"Role '{holder['name']}' already exists")
