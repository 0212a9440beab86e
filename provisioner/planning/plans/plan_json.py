"""Plans as JSON data, in the shape of Terraform's plans."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.json_form import EntryList, digest
from provisioner.live.state import LiveObject
from provisioner.planning.leavers import leaver_data
from provisioner.planning.plans.change_json import change_data, step_data
from provisioner.planning.plans.coverage_json import coverage_data
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import policy_change_data
from provisioner.planning.plans.terraform_keys import terraform_keys

FORMAT_VERSION = "1.2"
"""The version of the JSON; a new minor version only adds keys.

terraform-compliance 1.16 reads up to 1.2: test later ones with it.
"""


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON data; `json_form` writes its long lists entry by entry.

    The `checksum` covers all other keys. Only a plan with a base has the attribution and the
    commit of each change.
    """
    based = plan.base is not None
    changes = sorted((*plan.changes, *plan.held), key=lambda change: str(change.address))
    data: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "target": plan.target,
        **(plan.day.as_data() if plan.day else {}),
        "account": plan.account.as_data(),
        "policy": plan.policy,
        "surface": plan.surface.value,
        **terraform_keys(changes),
        "resource_changes": EntryList(changes, partial(change_data, based=based)),
        **({"leavers": [*map(leaver_data, plan.leavers)]} if plan.leavers else {}),
        "undeclared": EntryList(plan.undeclared, _undeclared),
        "unmanaged": [one.as_data() for one in plan.unmanaged],
        "released": [one.as_data() for one in plan.released],
        "ownership": plan.ownership.as_data(),
        "not_looked_at": list(plan.not_looked_at),
        "suspected_renames": [one.as_data() for one in plan.suspected_renames],
        "missing": [str(address) for address in plan.missing],
        "left_out": [
            {"address": str(one.address), "needs": str(one.needs)} for one in plan.left_out
        ],
        "manual_steps": EntryList(plan.manual_steps, partial(step_data, based=based)),
        "refused": _diagnostics(plan.refused),
        **({"warnings": _diagnostics(plan.warnings)} if plan.warnings else {}),
        **(plan.approvals.as_data() if plan.approvals else {}),
        **({"waivers": [one.as_data() for one in plan.waivers]} if plan.waivers else {}),
        "summary": plan.summary(),
        "requests": plan.requests.as_data(),
        "coverage": coverage_data(plan.coverage),
        "snapshot": plan.snapshot,
        **({"snapshot_taken": plan.snapshot_time} if plan.snapshot_time else {}),
    }
    if plan.base is not None:
        data["base"] = {"ref": plan.base.ref, "commit": plan.base.commit}
    if plan.versions is not None:
        data["revisions"] = plan.versions.as_data()
    if plan.base is not None or plan.versions is not None:
        data["policy_changes"] = [policy_change_data(change) for change in plan.policy_changes]
    return {**data, "checksum": checksum(data)}


def changes_digest(plan: Plan) -> str:
    """Return the digest of everything that an apply of a plan would write."""
    changes = sorted(plan.effective, key=lambda change: str(change.address))
    return digest([change_data(change, based=False) for change in changes])


def checksum(data: Mapping[str, Any]) -> str:
    """Return the digest of a plan's data, without the key `checksum` itself."""
    return digest({key: value for key, value in data.items() if key != "checksum"})


def _undeclared(live: LiveObject) -> dict[str, str]:
    return {"address": str(live.address), "type": str(live.address.kind), "id": live.id}


def _diagnostics(diagnostics: Iterable[Diagnostic]) -> list[dict[str, str]]:
    return [
        {
            "code": one.code,
            "summary": one.summary,
            "hint": one.hint,
            **one.about_rule,
        }
        for one in diagnostics
    ]
