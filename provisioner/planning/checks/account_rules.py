"""Rules about an account's subscription, features, plugins and chat routing.

A rule applies only to values that the plan writes. A rule about a property that the account does
not report is skipped.
"""

from collections.abc import Collection, Iterable, Iterator

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveState, Surface
from provisioner.model.agent_rules import (
    FIELDS_BY_ROLE,
    PLUGINS,
    Plugin,
    fields_allowed_by_role,
    slack_user,
)
from provisioner.model.desired import DesiredState, Resource
from provisioner.planning.changes import Change, at
from provisioner.planning.checks import object_rules
from provisioner.planning.checks.account_check import AccountCheck, AccountRule
from provisioner.planning.checks.object_rules import fields_with_service
from provisioner.planning.suspicion.rename_candidates import suspected_renames
from provisioner.suggestions import shown_names


def rename_advice(check: AccountCheck, new: Collection[Resource]) -> str:
    """Return how to rename a live role instead of creating a new one.

    Returns:
        Advice that ends with a semicolon and a space; "" if the files declare all live roles.
    """
    created = {role.address for role in new}
    if suspected := suspected_renames(check.desired, check.live, created):
        return "".join(
            f'if "{one.address.key}" is the role "{one.former_name}" under a new name, write '
            f"in its entry {one.place}: {one.line}; "
            for one in suspected
        )
    undeclared = sorted(
        existing.address.key
        for identity, existing in check.live.objects.items()
        if identity[0] is Kind.ROLE and identity not in check.desired.resources
    )
    if not undeclared:
        return ""
    return (
        f"if it is a live role under a new name ({shown_names(undeclared)}), write in its entry: "
        "previously: FORMER NAME; "
    )


SUBSCRIPTIONS_WITH_ROLES = frozenset({"large", "enterprise", "all-inclusive"})
"""The subscriptions with custom roles (D: KB 677682, 904470)."""

MODES_WITH_PRIORITY = frozenset({"max_utilization", "average_utilization", "priorities"})
"""The chat-routing modes that use priorities; sources disagree, so all that are named (I)."""

OPTIONAL_SERVICES = ("chats", "calls")
"""The services that an account can be without."""


def custom_roles_in_subscription(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the new roles, if the account's subscription has no custom roles."""
    subscription = check.live.account.plan
    if subscription is None or subscription.lower() in SUBSCRIPTIONS_WITH_ROLES:
        return
    for role in check.desired.of(Kind.ROLE):
        if not role.absent and role.address.identity not in check.live.objects:
            yield Diagnostic(
                code="roles-not-in-plan",
                summary=f'role "{role.address.key}": the subscription {subscription} has no '
                "custom roles",
                span=role.span("name"),
                hint=f"{rename_advice(check, [role])}use the built-in roles, or change the "
                "subscription",
            )


def number_of_custom_roles(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the last new role, if there are more custom roles than the account may have."""
    maximum = check.live.account.max_custom_roles
    if maximum is None:
        return
    absent = {role.address.identity for role in check.desired.of(Kind.ROLE) if role.absent}
    existing = {identity for identity in check.live.objects if identity[0] is Kind.ROLE} - absent
    new = [
        role
        for role in check.desired.of(Kind.ROLE)
        if not role.absent and role.address.identity not in existing
    ]
    total = len(existing) + len(new)
    if new and total > maximum:
        last = max(new, key=lambda role: role.span())
        yield Diagnostic(
            code="too-many-roles",
            summary=f"{total} custom roles, and the account may have {maximum}",
            span=last.span("name"),
            hint=f"{rename_advice(check, new)}remove a new role, or declare a live one absent "
            "that no agent needs",
        )


def services_of_account(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the services that agents are to take and that the account does not have."""
    missing = [
        name for name in OPTIONAL_SERVICES if not check.live.account.features.get(name, True)
    ]
    if not missing:
        return
    for written in check.written_agents():
        agent = written.agent
        fields = [(name, path) for name in missing for path in fields_with_service(agent, name)]
        for service, field in fields:
            if written.writes(*field):
                yield Diagnostic(
                    code="service-off",
                    summary=f"{agent.declarer(*field)}: the account has no {service}",
                    span=agent.span(*field),
                    hint=f"remove {service}, or switch them on in the account",
                )


def active_plugins(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the fields of agents that need a plugin which is not active.

    Where API v3 does not show whether a plugin is active, yield the first of its fields.
    """
    active = check.live.account.plugins
    asked = check.live.surface is Surface.V3
    rows = [row for row in PLUGINS if not active.get(row.key, not asked)]
    for row in rows:
        for written in check.written_agents():
            agent, field = written.agent, row.field
            if not (agent.attributes.get(field) and written.writes(field)):
                continue
            if row.key not in active:
                yield _plugin_unknown(agent, row)
                break
            yield Diagnostic(
                code="plugin-off",
                summary=f"{agent.declarer(field)}: {field} without the plugin '{row.name}'",
                span=agent.span(field),
                hint="remove it, or activate the plugin in the account",
                severity=Severity.ERROR if row.is_needed else Severity.WARNING,
            )


def _plugin_unknown(agent: Resource, plugin: Plugin) -> Diagnostic:
    return Diagnostic(
        code="plugin-unknown",
        summary=f"{agent.declarer(plugin.field)}: not looked at whether the plugin "
        f"'{plugin.name}' is active, which {plugin.field} need",
        span=agent.span(plugin.field),
        hint="give the API key the scope plugin_settings.read, or declare in provisioner.yaml: "
        f"account: {{plugins: {{{plugin.key}: true}}}}",
        severity=Severity.WARNING,
    )


def chat_priority(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the chat priorities that have no effect in the account's chat routing."""
    mode = check.live.account.chat_routing
    if mode is None or mode in MODES_WITH_PRIORITY:
        return
    for written in check.written_agents():
        agent = written.agent
        chat = agent.attributes.get("chat") or {}
        if chat.get("priority") is not None and written.writes("chat", "priority"):
            yield Diagnostic(
                code="priority-ignored",
                summary=f"{agent.declarer('chat', 'priority')}: a priority has no effect in the "
                f"chat routing '{mode}'",
                span=agent.span("chat", "priority"),
                hint="remove it, or change the account's chat routing",
                severity=Severity.WARNING,
            )


def owners_made_by_owner(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the new owners, if the API key belongs to an agent who is not an owner."""
    agents = (agent for (kind, _), agent in check.live.objects.items() if kind is Kind.AGENT)
    key_agent = next((agent for agent in agents if agent.id == check.live.account.key_agent), None)
    if key_agent is None or key_agent.attributes["role"] == "owner":
        return
    for written in check.written_agents():
        agent, existing = written.agent, written.existing
        was_owner = existing is not None and existing.attributes["role"] == "owner"
        if agent.attributes.get("role") == "owner" and not was_owner:
            yield Diagnostic(
                code="owner-by-owner",
                summary=f"{agent.declarer('role')}: the API key belongs to "
                f"{key_agent.address.key}, who is not an owner and can't make one",
                span=agent.span("role"),
                hint="use the API key of an owner",
            )


def fields_of_role(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the declared fields that an agent's declared or live role does not allow."""
    for written in check.written_agents():
        live_role = written.existing.attributes["role"] if written.existing else "agent"
        if any(written.writes(field) for field in FIELDS_BY_ROLE):
            role = written.agent.attributes.get("role") or live_role
            yield from fields_allowed_by_role(written.agent, role)


def user_of_slack(check: AccountCheck) -> Iterator[Diagnostic]:
    """Yield the declared Slack notifications of agents without a declared or live Slack user."""
    for written in check.written_agents():
        slack = (written.agent.attributes.get("notifications") or {}).get("slack") or {}
        known = "user" in slack or bool(check.live.defaults)
        if slack and known and written.writes("notifications", "slack"):
            live_user = at(("notifications", "slack", "user"), written.change.before)
            yield from slack_user(written.agent, slack.get("user", live_user))


ACCOUNT_RULES: tuple[AccountRule, ...] = (
    object_rules.unique_name,
    object_rules.required_fields,
    object_rules.known_permissions,
    object_rules.needed_permissions,
    object_rules.hours_in_the_zone_of_the_account,
    object_rules.web_devices,
    custom_roles_in_subscription,
    number_of_custom_roles,
    services_of_account,
    active_plugins,
    chat_priority,
    owners_made_by_owner,
    fields_of_role,
    user_of_slack,
)


def check_account(
    desired: DesiredState, live: LiveState, changes: Iterable[Change]
) -> list[Diagnostic]:
    """Return what the account can't hold of a project."""
    check = AccountCheck(desired, live, {change.address.identity: change for change in changes})
    return [diagnostic for rule in ACCOUNT_RULES for diagnostic in rule(check)]
