"""Who may change whom (D: KB 228575, 677682, 904470).

An agent manages nobody; a custom role with "Manage agents" manages agents and custom roles; an
admin also admins and the configuration; an owner everybody. Only an owner makes owners.
"""

from provisioner.sandbox.call import Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import ForbiddenError, InvalidError
from provisioner.sandbox.store import agents, roles

_DENIED = "Insufficient privileges"


def require_configuration(call: Call) -> None:
    """Let only admins and owners change roles, departments and memberships.

    Raises:
        ForbiddenError: the caller is neither.
    """
    if call.caller["role"] == "agent":
        raise ForbiddenError(_DENIED)


def require_manager(call: Call, *agent_roles: str) -> None:
    """Let a caller only manage accounts of lower or equal standing.

    Args:
        call: who asks.
        agent_roles: the built-in role that the account has, and the one it shall get.

    Raises:
        ForbiddenError: the caller may not manage one of them.
    """
    caller = call.caller["role"]
    if caller == "owner" or (caller == "admin" and "owner" not in agent_roles):
        return
    if caller == "agent" and set(agent_roles) == {"agent"} and _granted(call, "manage_agents"):
        return
    raise ForbiddenError(_DENIED)


def require_device_manager(call: Call, agent_id: str) -> None:
    """Let a caller change the own devices, or everybody's with the permission for it.

    Raises:
        ForbiddenError: they are somebody else's.
    """
    caller = call.caller
    if caller["agent_id"] == agent_id or caller["role"] != "agent":
        return
    if not _granted(call, "manage_agents_devices"):
        raise ForbiddenError(_DENIED)


def require_status_manager(call: Call, agent_id: str) -> None:
    """Let a caller log out or pause oneself, or others with the permission for it.

    Raises:
        ForbiddenError: it is somebody else's session.
    """
    caller = call.caller
    if caller["agent_id"] == agent_id or caller["role"] != "agent":
        return
    if not _granted(call, "manage_agents_statuses"):
        raise ForbiddenError(_DENIED)


def require_still_owned(call: Call, agent: Row) -> None:
    """Keep the account's creator, and at least one owner.

    Args:
        call: who asks.
        agent: the account that is to be deleted or to lose its role.

    Raises:
        InvalidError: it is the creator's or the last owner's.
    """
    if agent["is_creator"] and call.switches.protect_account_creator:
        raise InvalidError("This is the account creator; name another creator first")
    if agent["role"] == "owner" and agents.owners(call.database) == 1:
        raise InvalidError("This is the last owner of the account")


def require_feature(call: Call, service_type: str) -> None:
    """Let only a service be switched on that the account has (I).

    Raises:
        InvalidError: chat or call is not in the plan, or not enabled.
    """
    features = {"T": call.switches.chat_feature, "P": call.switches.call_feature}
    if not features.get(service_type, True):
        raise InvalidError(f"Service {service_type} is not enabled in this account")


def may_view_reports(call: Call) -> bool:
    """Tell whether a caller sees everybody's report, and not the own one only."""
    return call.caller["role"] != "agent" or _granted(call, "view_reports")


def _granted(call: Call, permission: str) -> bool:
    role_id = call.caller["role_id"]
    if role_id is None:
        return False
    return roles.permissions(call.database, [role_id])[role_id].get(permission) == "grant"
