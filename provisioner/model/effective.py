"""Settings of a project as plain data, for plans and comparisons.

A plan stores the policy that it was made with, and a plan with a base compares the settings of the
branch with those of the base. Equal settings give equal data, regardless of their order.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from provisioner.model.acknowledgements import Acknowledgement
from provisioner.model.hours_form import hours_facts
from provisioner.model.policy import FieldRule
from provisioner.model.settings import Settings, Target
from provisioner.redaction import cut_keys

DIGITS = 8
"""Length of a shown digest: long enough to reveal a change, too short to recover a key."""

Data = dict[str, Any]


def effective_policy(settings: Settings, target: str) -> Data:
    """Return the policy for a target with defaults, without empty sections.

    The target's address and key source are excluded: a plan has them as its account.
    Acknowledgements are excluded, too: a plan shows them with its manual steps.
    """
    policy = {
        "account": dict(settings.account),
        **settings.consent.as_data(),
        **settings.minimums.as_data(),
        "guards": settings.guards_of(target).as_data(),
        "hours": hours_facts(settings.capabilities_of(target)),
        "ignore": sorted(map(_rule, settings.ignored)),
        "initial": sorted(map(_rule, settings.initial)),
        "manage": {
            kind.plural: {"undeclared": undeclared.value}
            for kind, undeclared in settings.undeclared.items()
        },
        "new_agent_defaults": dict(settings.capabilities_of(target).new_agent_defaults),
        "moves": sorted(f"{old} -> {new}" for old, new in settings.moves.domains),
        "protect": {
            kind.plural: sorted(patterns)
            for kind, patterns in settings.protection.patterns.items()
            if patterns
        },
        "role_ids": dict(settings.role_ids_of(target)),
        **settings.team_rules.as_data(),
        "scope": {
            kind.plural: sorted(patterns) for kind, patterns in settings.scope.patterns.items()
        },
        "takeover": sorted(settings.scope.takeover),
        "waivers": {waiver.label: waiver.terms for waiver in settings.waivers},
    }
    return {name: value for name, value in policy.items() if value}


def project_settings(settings: Settings) -> Data:
    """Return all settings of a project: policy, targets and acknowledgements."""
    return {
        **effective_policy(settings, ""),
        "acknowledged": _acknowledged(settings.acknowledged),
        "default_target": settings.default_target,
        "include": sorted(settings.selection.include) or None,
        "exclude": sorted(settings.selection.exclude) or None,
        "lock": asdict(settings.lock) if settings.lock else {},
        "prove": {} if settings.must_stop is None else {"must_stop": sorted(settings.must_stop)},
        "targets": {name: _target(target) for name, target in settings.targets.items()},
    }


def key_source(target: Target) -> str:
    """Return the source of a target's API key, such as `env LIVEAGENT_V3_API_KEY`.

    A possible key in the text is shortened and gets a digest, so that a change is visible.
    """
    source, argument = target.api_key
    shown = cut_keys(argument)
    if shown == argument:
        return f"{source} {argument}"
    digest = hashlib.sha256(argument.encode(errors="surrogatepass")).hexdigest()
    return f"{source} {shown} ({digest[:DIGITS]})"


def _target(target: Target) -> Data:
    optional = {
        "insecure": target.insecure,
        "hours": dict(target.hours),
        "account_name": target.account_name,
        "panel_url": target.panel_url,
        "new_agent_defaults": dict(target.new_agent_defaults),
        "guards": dict(target.guards),
    }
    return {
        "url": target.url,
        "api_key": key_source(target),
        "requests_per_minute": target.requests_per_minute,
        "role_ids": dict(target.role_ids),
        **{name: value for name, value in optional.items() if value},
    }


def _rule(rule: FieldRule) -> str:
    field = ".".join((rule.kind.plural, *rule.path))
    return f"{field} of {', '.join(sorted(rule.objects))}" if rule.objects else field


def _acknowledged(entries: Iterable[Acknowledgement]) -> dict[str, str]:
    """Return who did each step for which agents."""
    agents: dict[tuple[str, str], list[str]] = {}
    for one in entries:
        agents.setdefault((one.label, f"by {one.by} on {one.on}"), []).append(one.email)
    texts: dict[str, list[str]] = {}
    for (label, done), emails in sorted(agents.items()):
        whom = f" for {', '.join(sorted(emails))}" if any(emails) else ""
        texts.setdefault(label, []).append(f"{done}{whom}")
    return {label: "; ".join(parts) for label, parts in texts.items()}
