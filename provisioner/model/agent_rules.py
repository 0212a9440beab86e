"""LiveAgent's rules about a single agent that can be checked with the files alone."""

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic
from provisioner.model.desired import Resource

ROLES_WITHOUT_TO_SOLVE_ONLY = frozenset({"admin", "owner"})
"""The roles that LiveAgent does not offer 'to solve only' for (D: reseller's manual)."""

FIELDS_BY_ROLE = ("role", "to_solve_only")
"""The fields that `fields_allowed_by_role` compares."""


def broken_rules(agent: Resource) -> Iterator[Diagnostic]:
    """Yield the rules that declared values violate on every account.

    Agents that violate the schema are checked, too, so fields may have any type here.
    """
    role = agent.attributes.get("role")
    if not (agent.absent or agent.suspended) and isinstance(role, str):
        yield from fields_allowed_by_role(agent, role)
    notifications = agent.attributes.get("notifications")
    slack = notifications.get("slack") if isinstance(notifications, dict) else None
    if not agent.absent and isinstance(slack, dict) and "user" in slack:
        yield from slack_user(agent, slack["user"])


def fields_allowed_by_role(agent: Resource, role: str) -> Iterator[Diagnostic]:
    """Yield an error for 'to solve only' with a role that LiveAgent does not offer it for."""
    if agent.attributes.get("to_solve_only") is True and role in ROLES_WITHOUT_TO_SOLVE_ONLY:
        yield Diagnostic(
            code="to-solve-only-role",
            summary=f"{agent.declarer('to_solve_only')}: 'to solve only' for the role {role}",
            span=agent.span("to_solve_only"),
            hint="remove it, or give the role agent",
        )


def slack_user(agent: Resource, user: object) -> Iterator[Diagnostic]:
    """Yield an error for declared Slack notifications without a Slack user."""
    slack = agent.attributes["notifications"]["slack"]
    if not user and any(value is True for value in slack.values()):
        yield Diagnostic(
            code="slack-without-user",
            summary=f"{agent.declarer('notifications', 'slack')}: Slack notifications without a "
            "Slack user",
            span=agent.span("notifications", "slack"),
            hint="add `user: ` with the id of the agent's Slack user",
        )
