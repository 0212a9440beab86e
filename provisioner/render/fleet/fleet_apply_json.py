"""An apply of a fleet as JSON: an array of documents, each of the same shape as alone."""

from typing import Any

from provisioner.fleet.apply_task import ApplyResult
from provisioner.render import apply_json
from provisioner.render.diagnostics.text import diagnostic_object
from provisioner.render.fleet.fleet_json import FLEET_KEY


def fleet_keys(result: ApplyResult) -> dict[str, Any]:
    """Return the keys that an element has besides those of an apply alone."""
    account = result.account
    return {
        "errors": [diagnostic_object(error) for error in result.errors],
        FLEET_KEY: {
            "name": account.name,
            "project": account.project,
            "wave": account.wave,
            "tags": [*account.tags],
            "outcome": result.outcome.value,
            "reason": result.reason or None,
        },
    }


def planless_json(result: ApplyResult) -> str:
    """Return the element of an account without a plan: it has no changes and no steps."""
    return apply_json.as_text(
        {
            "command": "apply",
            "outcome": result.outcome.value,
            "target": result.account.target,
            **fleet_keys(result),
        }
    )
