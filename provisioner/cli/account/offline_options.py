"""The options of a plan that is made without a connection."""

import os
from functools import partial
from typing import TYPE_CHECKING

from provisioner.app.make_plan import PlanOptions
from provisioner.cli.account.targets import (
    URL_VARIABLE,
    environment_target,
    find_target,
    target_at_base,
)
from provisioner.liveagent.costs import apply_cost
from provisioner.liveagent.page_looks import look_rules
from provisioner.model.account_urls import account_address
from provisioner.model.effective import key_source
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provisioner.planning.rules.questions import RuleAnswer, RuleFacts, RuleQuestion


def offline_options(
    settings: Settings, name: str, url: str, base: Settings | None = None
) -> PlanOptions:
    """Return the options of a plan that is made without a connection; no key is read.

    Args:
        settings: settings of the project.
        name: the target's name.
        url: the address in the snapshot; used if the environment does not define its target.
        base: settings of the base, from which the address is taken if they have the target.

    Raises:
        TargetError: there is no such target.
    """
    known = settings.capabilities_of(name)
    costs = partial(apply_cost, capabilities=known)
    if name == SANDBOX:
        looks = partial(look_rules, capabilities=known, per_minute=0)
        return PlanOptions(target=name, costs=costs, looks=looks, evaluate=evaluate_rules)
    if name == ENVIRONMENT and not settings.targets and URL_VARIABLE not in os.environ:
        target = environment_target(url)
    else:
        target = find_target(settings, name)
    if base is not None and name in base.targets:
        target = target_at_base(target, base)
    same = account_address(url) == account_address(target.url)
    return PlanOptions(
        target=name,
        costs=costs,
        evaluate=evaluate_rules,
        looks=partial(look_rules, capabilities=known, per_minute=target.requests_per_minute),
        per_minute=target.requests_per_minute,
        url=url if same else target.url,
        api_key=key_source(target),
    )


def evaluate_rules(
    questions: "Sequence[RuleQuestion]", facts: "RuleFacts"
) -> "Iterator[RuleAnswer]":
    """Yield the answers to the questions of a team's rules; see `evaluate_in_child`."""
    # Imported here: only a project with rules needs the expressions, and the process.
    from provisioner.cli.rule_process import evaluate_in_child  # noqa: PLC0415

    return evaluate_in_child(questions, facts)
