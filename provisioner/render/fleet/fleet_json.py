"""Plans of a fleet as JSON: an array of plans, each of the same shape as alone, on one line."""

from collections.abc import Mapping
from typing import Any

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.json_form import json_line
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import FORMAT_VERSION, plan_data
from provisioner.render.diagnostics.text import diagnostic_object

FLEET_KEY = "fleet"
"""The key that an element has besides those of a plan; the plan's checksum leaves it out."""


def account_json(account: FleetAccount, severity: PlanSeverity, plan: Plan) -> str:
    """Return the element of an account with a plan."""
    return with_fleet_key(account, severity, plan_data(plan))


def with_fleet_key(
    account: FleetAccount, severity: PlanSeverity | None, data: Mapping[str, Any]
) -> str:
    """Return the element of an account: the data as alone, and its place in the fleet."""
    return "".join(json_line({**data, FLEET_KEY: _fleet(account, severity)}))


def planless_plan_json(result: AccountResult, since: str = "") -> str:
    """Return the element of an account without a plan: it has `errors`, and no changes.

    `since` is the ref since which an account without errors is not touched.
    """
    element = {
        "format_version": FORMAT_VERSION,
        "target": result.account.target,
        "errors": [diagnostic_object(error) for error in result.errors],
        FLEET_KEY: {
            **_fleet(result.account, result.severity),
            **({"since": since} if result.severity is PlanSeverity.UNTOUCHED else {}),
        },
    }
    return "".join(json_line(element))


def _fleet(account: FleetAccount, severity: PlanSeverity | None) -> dict[str, Any]:
    return {
        "name": account.name,
        "project": account.project,
        "wave": account.wave,
        "tags": [*account.tags],
        **({"severity": severity.value} if severity else {}),
    }
