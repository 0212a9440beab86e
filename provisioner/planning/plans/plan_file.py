"""Saves a plan and its basis in a file, and reads them back.

A checksum covers the whole file.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from provisioner.address import parse
from provisioner.diagnostics import Diagnostic, RefusedError, Span
from provisioner.documents.files.attachments import Attachment
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import ShapeError, record, text
from provisioner.live.state import LiveObject, Surface
from provisioner.model.settings import Acknowledgement
from provisioner.planning.changes import (
    Action,
    Attribution,
    Change,
    Commit,
    FieldChange,
    Reason,
    Risk,
)
from provisioner.planning.coverage import read_coverage
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_checks import check_plan
from provisioner.planning.plans.plan_data import (
    FORMAT_VERSION,
    Base,
    Plan,
    RequestBudget,
    checksum,
)
from provisioner.planning.plans.plan_shape import PLAN_FILE, VERSION
from provisioner.planning.plans.policy_changes import PlanAccount, PolicyChange
from provisioner.planning.scope import LeftOut


def save(plan: Plan, basis: Basis) -> str:
    """Return a plan with its basis as the text of a file."""
    data = plan.as_data()
    data["basis"] = {
        "fingerprints": dict(basis.fingerprints),
        "facts": basis.facts,
        "project": basis.project,
        "url": basis.url,
        "renames": {f"{kind}/{id_}": str(new) for (kind, id_), new in basis.renames.items()},
        "roles": dict(basis.roles),
        "hours_of": sorted(basis.hours_of),
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
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


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
        raise RefusedError(_damaged(f"it is no plan, or was cut short; {error}")) from error
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


def _span(place: Mapping[str, Any] | None) -> Span | None:
    return Span(place["file"], place["line"], 1) if place else None


def _plan(data: Mapping[str, Any]) -> Plan:
    requests = data["requests"]
    return Plan(
        target=data["target"],
        surface=Surface(data["surface"]),
        changes=tuple(change_of(entry) for entry in data["resource_changes"]),
        manual_steps=tuple(_step(entry) for entry in data["manual_steps"]),
        undeclared=tuple(
            LiveObject(parse(entry["address"]), entry["id"], {}) for entry in data["undeclared"]
        ),
        refused=tuple(Diagnostic(**entry) for entry in data["refused"]),
        snapshot=data["snapshot"],
        taken=data.get("snapshot_taken", ""),
        requests=RequestBudget(
            read=requests["read"],
            by_operation=requests["by_operation"],
            verify=requests["verify"],
            per_minute=requests["per_minute"],
        ),
        base=Base(**data["base"]) if "base" in data else None,
        coverage=read_coverage(data["coverage"]),
        missing=tuple(parse(text) for text in data["missing"]),
        left_out=tuple(
            LeftOut(parse(entry["address"]), parse(entry["needs"])) for entry in data["left_out"]
        ),
        account=PlanAccount(**(data["account"] or {})),
        policy=data["policy"],
        policy_changes=tuple(
            PolicyChange(**{**entry, "source": _span(entry["source"])})
            for entry in data.get("policy_changes", ())
        ),
    )


def change_of(data: Mapping[str, Any]) -> Change:
    """Return a change from the JSON data of `change_data`."""
    change = data["change"]
    parts = [change["before"], change["after"]]
    before, after = (
        {k: v for k, v in part.items() if k != "id"} if part else part for part in parts
    )
    return Change(
        address=parse(data["address"]),
        name=data["name"],
        action=Action(change["actions"][0]),
        reason=Reason(data["action_reason"]),
        before=before,
        after=after,
        fields=tuple(
            FieldChange(
                tuple(entry["path"]),
                entry["before"],
                entry["after"],
                _span(entry["source"]),
                (entry["cause"] or "").removeprefix("profile/"),
                _attribution(entry),
                _commit(entry),
            )
            for entry in data["fields"]
        ),
        id=next((part["id"] for part in parts if part and "id" in part), None),
        source=_span(data["source"]),
        risk=tuple(Risk(word) for word in data["risk"]),
        attribution=_attribution(data),
        commit=_commit(data),
    )


def _attribution(data: Mapping[str, Any]) -> Attribution | None:
    """Return the attribution in JSON data; only a plan with a base has one."""
    attribution = data.get("origin")
    return attribution and Attribution(attribution)


def _commit(data: Mapping[str, Any]) -> Commit | None:
    """Return the commit in JSON data; only a plan with a base has one."""
    commit = data.get("commit")
    return commit and Commit(**commit)


def _step(data: Mapping[str, Any]) -> ManualStep:
    acknowledged = data["acknowledged"]
    return ManualStep(
        address=parse(data["address"]),
        name=data["name"],
        section=data["section"],
        todo=tuple(data["todo"]),
        values=data["values"],
        then=tuple(data["then"]),
        verifiable=data["verifiable"],
        hint=data["hint"],
        source=_span(data["source"]),
        acknowledged=acknowledged
        and Acknowledgement(data["id"], acknowledged["by"], acknowledged["on"], "", None),
        attribution=_attribution(data),
    )


def _basis(data: Mapping[str, Any]) -> Basis:
    return Basis(
        fingerprints=data["fingerprints"],
        facts=data["facts"],
        project=data["project"],
        url=data["url"],
        renames={
            (known.kind, known.key): parse(new)
            for text, new in data["renames"].items()
            for known in (parse(text),)
        },
        roles=data["roles"],
        hours_of=frozenset(data["hours_of"]),
        attachments={
            digest: Attachment(entry["name"], base64.b64decode(entry["content"]), entry["type"])
            for digest, entry in data["attachments"].items()
        },
    )
