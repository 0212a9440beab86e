"""LiveAgent's rules about a single agent: those of the files alone, and the needed plugins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.desired import Resource

ROLES_WITHOUT_TO_SOLVE_ONLY = frozenset({"admin", "owner"})
"""The roles that LiveAgent does not offer 'to solve only' for (D: reseller's manual)."""

FIELDS_BY_ROLE = ("role", "to_solve_only")
"""The fields that `fields_allowed_by_role` compares."""

_ELEMENTS = (
    "a|abbr|b|big|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|link|meta"
    "|ol|p|pre|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|u"
    "|ul"
)
_MARKUP = rf"<(?:!--|/?(?:{_ELEMENTS})(?:\s[^<>]*)?/?>)|&(?:nbsp|amp|lt|gt|quot|copy|#\d{{1,6}});"
"""The elements and entities of HTML that signatures are written with. Other text in angle brackets,
such as an email address, is no markup."""


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
    if not agent.absent:
        yield from plain_signatures(agent)


def plain_signatures(agent: Resource) -> Iterator[Diagnostic]:
    """Yield a warning for each signature with markup, because the section is plain text (D).

    Help pages of the vendor's resellers show signatures with HTML (D), so it is no error.
    """
    for path, text in _signatures(agent):
        if match := re.search(_MARKUP, text, re.IGNORECASE):
            markup = " ".join(match[0].split())[:20]
            yield Diagnostic(
                code="signature-markup",
                summary=f"{agent.declarer(*path)}: the signature has the markup {markup}, "
                "and LiveAgent's section is plain text",
                span=agent.span(*path),
                hint="write plain text: customers may see the markup itself",
                severity=Severity.WARNING,
            )


def _signatures(agent: Resource) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and the text of each signature; the schema reports those of another type."""
    departments = agent.attributes.get("departments")
    entries = departments if isinstance(departments, dict) else {}
    own = {n: e for n, e in entries.items() if isinstance(e, dict) and "signature" in e}
    for path, fields in (((), agent.attributes), *((("departments", n), own[n]) for n in own)):
        text = fields.get("signature") if isinstance(fields, dict) else None
        if isinstance(text, str):
            yield (*path, "signature"), text


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


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin.

    Attributes:
        key: its key in the section `account.plugins` of the project's configuration.
        field: the agent's field that needs it.
        name: its name in the panel. Sources name 'Sound configuration' (D); 'Gamification' is
            inferred (I).
        is_needed: whether LiveAgent has no place for the field without it.
    """

    key: str
    field: str
    name: str
    is_needed: bool


PLUGINS = (
    Plugin("sounds", "sounds", "Sound configuration", is_needed=True),
    Plugin("gamification", "level", "Gamification", is_needed=False),
)
