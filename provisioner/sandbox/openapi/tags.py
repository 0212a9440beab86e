"""Groups the operations of the OpenAPI documents by the first part of their paths."""

from provisioner.sandbox.fields import JsonObject

_DESCRIPTIONS = {
    "Account": "The account: subscription, regional settings, and whether the API works.",
    "Agents": "Agent accounts, their status, their sessions, and the settings of each agent.",
    "API keys": "Keys of the API, their scopes, and the login of the phone app.",
    "Departments": "Departments and their members.",
    "Devices": "Web and phone devices of agents, their departments, and planned hours.",
    "Files": "Uploaded files, such as photos of agents.",
    "Grids": "The lists that the panel shows, read by cursor.",
    "Phones": "Phones and extensions.",
    "Reports": "The performance of agents.",
    "Roles": "Custom roles and their permissions.",
    "Slack": "Users and channels of the connected Slack workspace.",
    "Users": "Agents, visitors and the system user.",
}
_TAGS = {
    "account": "Account",
    "agent_phone": "Phones",
    "agents": "Agents",
    "api": "API keys",
    "apikeys": "API keys",
    "departments": "Departments",
    "devices": "Devices",
    "extensions": "Phones",
    "files": "Files",
    "grid": "Grids",
    "levels": "Agents",
    "phones": "Phones",
    "ping": "Account",
    "reports": "Reports",
    "roles": "Roles",
    "settings": "Account",
    "slack": "Slack",
    "sso": "API keys",
    "sounds": "Agents",
    "users": "Users",
}


def tag(path: str) -> str:
    """Return the name of the group of a path, such as `/agents/{agentId}`."""
    return _TAGS[path.split("/")[1]]


def described(names: set[str]) -> list[JsonObject]:
    """Return the tag objects of groups, in the order of their names."""
    return [{"name": name, "description": _DESCRIPTIONS[name]} for name in sorted(names)]
