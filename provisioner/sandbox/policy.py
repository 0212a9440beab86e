"""Checks whether a caller may change an object (D: KB 228575, 677682, 904470).

An agent manages nobody. A custom role with "Manage agents" manages agents and custom roles. An
admin also manages admins and the configuration, and an owner everybody. Only an owner makes owners.
"""

from provisioner.sandbox.call import Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import ForbiddenError, InvalidError
from provisioner.sandbox.store import agents, roles

DENIED = "Insufficient privileges"


def require_configuration(call: Call) -> None:
    """Check that the caller may change roles, departments and memberships.

    Raises:
        ForbiddenError: the caller is neither admin nor owner.
    """
    if call.caller["role"] == "agent":
        raise ForbiddenError(DENIED)


def require_manager(call: Call, *agent_roles: str) -> None:
    """Check that the caller may manage agents with these roles.

    Raises:
        ForbiddenError: the caller may not manage one of them.
    """
    caller = call.caller["role"]
    if caller == "owner" or (caller == "admin" and "owner" not in agent_roles):
        return
    if caller == "agent" and set(agent_roles) == {"agent"} and _granted(call, "manage_agents"):
        return
    raise ForbiddenError(DENIED)


def require_device_manager(call: Call, agent_id: str) -> None:
    """Check that the caller may change an agent's devices: own ones, or with the permission.

    Raises:
        ForbiddenError: the caller may not.
    """
    _require(call, agent_id, "manage_agents_devices")


def require_status_manager(call: Call, agent_id: str) -> None:
    """Check that the caller may log out or pause an agent: oneself, or with the permission.

    Raises:
        ForbiddenError: the caller may not.
    """
    _require(call, agent_id, "manage_agents_statuses")


def require_still_owned(call: Call, agent: Row) -> None:
    """Check that an agent is neither the account's creator nor the last owner.

    Raises:
        InvalidError: it is one of them.
    """
    if agent["is_creator"] and call.switches.protect_account_creator:
        raise InvalidError("This is the account creator; name another creator first")
    if agent["role"] == "owner" and agents.owners(call.database) == 1:
        raise InvalidError("This is the last owner of the account")


def require_feature(call: Call, service_type: str) -> None:
    """Check that the account has a service that is switched on (I).

    Raises:
        InvalidError: chat or call is not in the plan, or not enabled.
    """
    features = {"T": call.switches.chat_feature, "P": call.switches.call_feature}
    if not features.get(service_type, True):
        raise InvalidError(f"Service {service_type} is not enabled in this account")


def may_view_reports(call: Call) -> bool:
    """Return whether the caller may see the reports of all agents."""
    return call.caller["role"] != "agent" or _granted(call, "view_reports")


def _require(call: Call, agent_id: str, permission: str) -> None:
    caller = call.caller
    is_allowed = caller["agent_id"] == agent_id or caller["role"] != "agent"
    if not (is_allowed or _granted(call, permission)):
        raise ForbiddenError(DENIED)


def _granted(call: Call, permission: str) -> bool:
    role_id = call.caller["role_id"]
    if role_id is None:
        return False
    return roles.permissions(call.database, [role_id])[role_id].get(permission) == "grant"
