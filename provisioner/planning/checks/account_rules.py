"""LiveAgent's rules that depend on the account: its plan, features, plugins and routing.

What is not known of an account breaks no rule, and neither does what it has already: a rule is
about values that would be written.
"""

from collections.abc import Iterable, Iterator

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.agent_rules import slack_user, to_solve_only
from provisioner.model.desired import DesiredState, Resource
from provisioner.planning.changes import Action, Change

PLANS_WITH_ROLES = frozenset({"large", "enterprise", "all-inclusive"})
"""The plans with custom roles (D: KB 677682, 904470)."""

MODES_WITH_PRIORITY = frozenset({"max_utilization", "average_utilization", "priorities"})
"""The chat-routing modes that look at priorities; sources disagree, so all that are named (I)."""

SERVICES_OF_FEATURES = ("chats", "calls")


def account_rules(
    desired: DesiredState, live: LiveState, changes: Iterable[Change]
) -> list[Diagnostic]:
    """Return what of a project the account has no room for.

    Args:
        desired: the project.
        live: the account, with what the project says of it where it does not tell itself.
        changes: what would be written.
    """
    written = {
        change.address.identity: change
        for change in changes
        if change.action in {Action.CREATE, Action.UPDATE}
    }
    findings = [*_roles(desired, live)]
    key_agent = _key_agent(live)
    for identity, change in written.items():
        agent = desired.resources.get(identity)
        if agent is not None and identity[0] is Kind.AGENT:
            findings += _services(agent, change, live)
            findings += _plugins(agent, change, live)
            findings += _chat(agent, change, live)
            findings += _owner(agent, live, key_agent)
            findings += _product(agent, change, live)
    return findings


def _writes(change: Change, *path: str) -> bool:
    """Tell whether a change writes a field, or something around or inside it."""
    return change.action is Action.CREATE or any(
        all(ours == theirs for ours, theirs in zip(path, field.path, strict=False))
        for field in change.fields
    )


def _roles(desired: DesiredState, live: LiveState) -> Iterator[Diagnostic]:
    plan, most = live.account.plan, live.account.max_custom_roles
    declared = [role for role in desired.of(Kind.ROLE) if not role.absent]
    if plan is not None and plan.lower() not in PLANS_WITH_ROLES:
        for role in (role for role in declared if role.address.identity not in live.objects):
            yield Diagnostic(
                code="roles-not-in-plan",
                summary=f'role "{role.address.key}": the plan {plan} has no custom roles',
                span=role.span("name"),
                hint="use the built-in roles, or change the plan",
            )
    existing = {
        identity
        for identity in live.objects
        if identity[0] is Kind.ROLE
        and not ((resource := desired.resources.get(identity)) and resource.absent)
    }
    new = [role for role in declared if role.address.identity not in existing]
    if most is not None and new and len(existing) + len(new) > most:
        role = max(new, key=lambda role: role.span())
        yield Diagnostic(
            code="too-many-roles",
            summary=f"{len(existing) + len(new)} custom roles, and the account may have {most}",
            span=role.span("name"),
            hint="remove one, or declare one that is live as absent",
        )


def _services(agent: Resource, change: Change, live: LiveState) -> Iterator[Diagnostic]:
    for service in SERVICES_OF_FEATURES:
        if live.account.features.get(service, True):
            continue
        fields: list[tuple[str, ...]] = [
            ("departments", name, service)
            for name, entry in (agent.attributes.get("departments") or {}).items()
            if entry.get(service)
        ]
        if (agent.attributes.get("availability") or {}).get(service) == "online":
            fields.append(("availability", service))
        for field in fields:
            if not _writes(change, *field):
                continue
            yield Diagnostic(
                code="service-off",
                summary=f"{agent.declarer(*field)}: the account has no {service}",
                span=agent.span(*field),
                hint=f"remove {service}, or switch them on in the account",
            )


def _plugins(agent: Resource, change: Change, live: LiveState) -> Iterator[Diagnostic]:
    rules = (
        ("sounds", "sounds", "Sound configuration", Severity.ERROR),
        ("gamification", "level", "Gamification", Severity.WARNING),
    )
    for plugin, field, name, severity in rules:
        off = not live.account.plugins.get(plugin, True)
        if off and agent.attributes.get(field) and _writes(change, field):
            yield Diagnostic(
                code="plugin-off",
                summary=f"{agent.declarer(field)}: {field} without the plugin '{name}'",
                span=agent.span(field),
                hint="remove it, or activate the plugin in the account",
                severity=severity,
            )


def _chat(agent: Resource, change: Change, live: LiveState) -> Iterator[Diagnostic]:
    mode = live.account.chat_routing
    chat = agent.attributes.get("chat") or {}
    ignored = mode is not None and mode not in MODES_WITH_PRIORITY
    if ignored and chat.get("priority") is not None and _writes(change, "chat", "priority"):
        yield Diagnostic(
            code="priority-ignored",
            summary=f"{agent.declarer('chat', 'priority')}: a priority has no effect in the "
            f"chat routing '{mode}'",
            span=agent.span("chat", "priority"),
            hint="remove it, or change the account's chat routing",
            severity=Severity.WARNING,
        )


def _key_agent(live: LiveState) -> LiveObject | None:
    """Return the agent whom the API key belongs to, as far as the account tells."""
    return next(
        (
            existing
            for (kind, _), existing in live.objects.items()
            if kind is Kind.AGENT and existing.id == live.account.key_agent
        ),
        None,
    )


def _owner(agent: Resource, live: LiveState, key_agent: LiveObject | None) -> Iterator[Diagnostic]:
    found = live.objects.get(agent.address.identity)
    is_new = agent.attributes.get("role") == "owner" and (
        found is None or found.attributes["role"] != "owner"
    )
    if is_new and key_agent is not None and key_agent.attributes["role"] != "owner":
        yield Diagnostic(
            code="owner-by-owner",
            summary=f"{agent.declarer('role')}: the API key belongs to "
            f"{key_agent.address.key}, who is no owner and can't make one",
            span=agent.span("role"),
            hint="use the API key of an owner",
        )


def _product(agent: Resource, change: Change, live: LiveState) -> Iterator[Diagnostic]:
    found = live.objects.get(agent.address.identity)
    role = agent.attributes.get("role") or (found.attributes["role"] if found else "agent")
    if _writes(change, "to_solve_only") or _writes(change, "role"):
        yield from to_solve_only(agent, role)
    slack = (agent.attributes.get("notifications") or {}).get("slack") or {}
    before = found.attributes.get("notifications", {}).get("slack", {}) if found else {}
    is_known = bool(live.defaults) or "user" in slack
    if slack and is_known and _writes(change, "notifications", "slack"):
        yield from slack_user(agent, slack.get("user", before.get("user")))
