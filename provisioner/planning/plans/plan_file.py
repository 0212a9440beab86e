"""Saves a plan and its basis in a file, and reads them back.

A checksum covers the whole file.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import parse
from provisioner.diagnostics import Diagnostic, RefusedError, Severity
from provisioner.documents.files.attachments import Attachment
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import ShapeError, record, text
from provisioner.json_form import json_lines
from provisioner.live.state import LiveObject, Surface
from provisioner.planning.access.ownership import (
    Ownership,
    ownership_of,
    released_of,
    unmanaged_of,
)
from provisioner.planning.consent.approvals import approvals_in
from provisioner.planning.dates.plan_day import read_plan_day
from provisioner.planning.leavers import leaver_of
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.change_json import change_of, source_of, step_of
from provisioner.planning.plans.coverage_json import read_coverage
from provisioner.planning.plans.plan_checks import check_plan
from provisioner.planning.plans.plan_data import Base, Plan
from provisioner.planning.plans.plan_json import FORMAT_VERSION, checksum, plan_data
from provisioner.planning.plans.plan_shape import PLAN_FILE, VERSION
from provisioner.planning.plans.policy_changes import PlanAccount, PolicyChange
from provisioner.planning.plans.requests import RequestBudget
from provisioner.planning.plans.revision import Revision
from provisioner.planning.scope import LeftOut
from provisioner.planning.suspicion.suspected_renames import suspected_of
from provisioner.planning.waiving import held_waiver_of


def save(plan: Plan, basis: Basis) -> Iterator[str]:
    """Yield a plan with its basis as the lines of a file."""
    data = plan_data(plan)
    data["basis"] = {
        "fingerprints": dict(basis.fingerprints),
        "facts": basis.account,
        "project": basis.project,
        "url": basis.url,
        "renames": {f"{kind}/{id_}": str(new) for (kind, id_), new in basis.renames.items()},
        "roles": dict(basis.roles),
        "hours_of": sorted(basis.hours_of),
        "deleted": dict(basis.deleted),
        **({} if basis.managed is None else {"managed": basis.managed}),
        **({"revision": basis.revision.as_data()} if basis.revision.commit else {}),
        "attachments": {
            digest: {
                "name": file.name,
                "type": file.type,
                "content": base64.b64encode(file.content).decode(),
            }
            for digest, file in basis.attachments.items()
        },
    }
    data["checksum"] = checksum(data)
    return json_lines(data)


def load(content: bytes | str) -> tuple[Plan, Basis]:
    """Return the plan and the basis in the content of a file.

    Raises:
        RefusedError: the content is not a plan, was edited or truncated since it was saved, or
            contradicts itself.
    """
    try:
        data = parse_json(content)
        _HEAD(data)
    except ShapeError as error:
        raise RefusedError(_damaged(f"it is not a plan, or was cut short; {error}")) from error
    if data["checksum"] != checksum(data):
        raise RefusedError(_damaged("it was edited or cut short since it was saved"))
    major = data["format_version"].split(".", maxsplit=1)[0]
    if major != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise RefusedError(_damaged("it was saved by a version that this one can't read"))
    try:
        PLAN_FILE(data)
        plan, basis = _plan(data), _basis(data["basis"])
        check_plan(plan, basis, data)
    except ShapeError as error:
        raise RefusedError(_damaged(f"it does not hold what a plan holds; {error}")) from error
    return plan, basis


_HEAD = record({"format_version": VERSION, "checksum": text})


def _damaged(why: str) -> Diagnostic:
    return Diagnostic(
        code="plan-file",
        summary=f"the plan file can't be used: {why}",
        hint="make it anew: provisioner plan --out FILE",
    )


def _plan(data: Mapping[str, Any]) -> Plan:
    changes = [change_of(entry) for entry in data["resource_changes"]]
    return Plan(
        target=data["target"],
        day=read_plan_day(data),
        surface=Surface(data["surface"]),
        changes=tuple(change for change in changes if not change.is_held),
        held=tuple(change for change in changes if change.is_held),
        approvals=approvals_in(data),
        leavers=tuple(leaver_of(entry) for entry in data.get("leavers", ())),
        manual_steps=tuple(step_of(entry) for entry in data["manual_steps"]),
        undeclared=tuple(
            LiveObject(parse(entry["address"]), entry["id"], {}) for entry in data["undeclared"]
        ),
        refused=tuple(Diagnostic(**entry) for entry in data["refused"]),
        warnings=tuple(
            Diagnostic(**entry, severity=Severity.WARNING) for entry in data.get("warnings", ())
        ),
        snapshot=data["snapshot"],
        snapshot_time=data.get("snapshot_taken", ""),
        requests=RequestBudget.of_data(data["requests"]),
        base=Base(**data["base"]) if "base" in data else None,
        coverage=read_coverage(data["coverage"]),
        missing=tuple(parse(text) for text in data["missing"]),
        left_out=tuple(
            LeftOut(parse(entry["address"]), parse(entry["needs"])) for entry in data["left_out"]
        ),
        account=PlanAccount(**(data["account"] or {})),
        policy=data["policy"],
        unmanaged=tuple(unmanaged_of(entry) for entry in data.get("unmanaged", ())),
        released=tuple(released_of(entry) for entry in data.get("released", ())),
        ownership=ownership_of(data["ownership"]) if "ownership" in data else Ownership(),
        not_looked_at=tuple(data.get("not_looked_at", ())),
        suspected_renames=tuple(map(suspected_of, data.get("suspected_renames", ()))),
        waivers=tuple(map(held_waiver_of, data.get("waivers", ()))),
        policy_changes=tuple(
            PolicyChange(**{**entry, "source": source_of(entry["source"])})
            for entry in data.get("policy_changes", ())
        ),
    )


def _basis(data: Mapping[str, Any]) -> Basis:
    return Basis(
        fingerprints=data["fingerprints"],
        account=data["facts"],
        project=data["project"],
        url=data["url"],
        renames={
            (known.kind, known.key): parse(new)
            for text, new in data["renames"].items()
            for known in (parse(text),)
        },
        roles=data["roles"],
        hours_of=frozenset(data["hours_of"]),
        deleted=data.get("deleted", {}),
        managed=data.get("managed"),
        revision=Revision(**data.get("revision", {})),
        attachments={
            digest: Attachment(entry["name"], base64.b64decode(entry["content"]), entry["type"])
            for digest, entry in data["attachments"].items()
        },
    )
