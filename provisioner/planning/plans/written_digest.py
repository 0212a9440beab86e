"""The digest by which pipelines compare two plans: it covers what an apply of a plan would write.

It is computed from the JSON of plans, so that a plan of another machine needs no project here. It
covers the account, the policy, each changed field, the created objects with all their values, and
the open manual steps. It leaves out the rest of the account, and the origin of changes.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import ShapeError
from provisioner.planning.plans.plan_json import checksum

_KEYS = {"target", "account", "policy", "resource_changes", "manual_steps", "checksum"}

Data = Mapping[str, Any]


def read_plan_data(content: bytes, name: str) -> Data:
    """Return the data of a saved plan, or of the JSON that `plan --format json` printed.

    `name` is the file's name, for messages.

    Raises:
        RefusedError: it is no plan, or was changed since it was written.
    """
    try:
        data = parse_json(content)
    except ShapeError as error:
        raise _damaged(name, str(error)) from error
    return check_plan_data(data, name)


def check_plan_data(data: Any, name: str) -> Data:
    """Return the data of a plan; see `read_plan_data`.

    Raises:
        RefusedError: it is no plan, or was changed since it was written.
    """
    if not (isinstance(data, dict) and data.keys() >= _KEYS):
        raise _damaged(name, "it is not a plan")
    if data["checksum"] != checksum(data):
        raise _damaged(name, "it was edited or cut short since it was saved")
    return data


def written_digest(plan: Data, reviewed: Data | None = None) -> str:
    """Return the digest of what a plan writes; equal for two plans that write the same.

    Manual steps of the reviewed plan may be done since: they count as still open. A step that the
    reviewed plan does not have changes the digest.
    """
    entries = [one for one in plan["resource_changes"] if one["change"]["actions"] != ["no-op"]]
    steps = _open_work(plan)
    if reviewed is not None and steps <= (reviewed_steps := _open_work(reviewed)):
        steps = reviewed_steps
    account = [plan["target"], plan["account"], plan["policy"]]
    text = json.dumps([account, [*map(_written, entries)], sorted(steps)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _damaged(name: str, why: str) -> RefusedError:
    return RefusedError(
        Diagnostic(
            code="plan-file",
            summary=f"{name} can't be used: {why}",
            hint="make it anew: provisioner plan --out FILE",
        )
    )


def _written(entry: Data) -> list[Any]:
    change = entry["change"]
    known = (change["before"] or {}).get("id")
    fields = [[field["path"], field["before"], field["after"]] for field in entry["fields"]]
    whole = change["after"] if change["actions"] == ["create"] else None
    return [entry["address"], change["actions"], known, fields, whole]


def _open_work(plan: Data) -> set[str]:
    """Return the open manual steps; each membership is one, because it can be done alone."""
    steps = [step for step in plan["manual_steps"] if step["status"] == "open"]
    memberships = {
        f"{step['address']} {action} {name}"
        for step in steps
        if step["section"] == "departments"
        for action, names in step["values"].items()
        for name in names
    }
    return memberships | {step["id"] for step in steps if step["section"] != "departments"}
