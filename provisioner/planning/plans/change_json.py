"""Changes and manual steps as JSON data, in both directions."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import parse
from provisioner.diagnostics import Span
from provisioner.model.acknowledgements import Acknowledgement
from provisioner.model.desired import Mode
from provisioner.planning.changes import (
    Action,
    Attribution,
    Change,
    Commit,
    FieldChange,
    Reason,
    Risk,
)
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.terraform_keys import MANAGED


def change_data(change: Change, *, based: bool = False) -> dict[str, Any]:
    """Return a change as JSON data, in the shape of Terraform's `resource_changes`.

    `based` is whether to include its attribution and commit.
    """
    known = {"id": change.id} if change.id else {}
    after_default = dict.fromkeys(change.defaults, True)
    return {
        "address": str(change.address),
        "type": str(change.address.kind),
        "name": change.name,
        "change": {
            "actions": [change.action.value],
            "before": None if change.before is None else {**known, **change.before},
            "after": None if change.after is None else {**known, **change.after},
            "after_unknown": dict.fromkeys(_unknown(change), True),
            **({"after_default": after_default} if after_default else {}),
            "before_sensitive": False if change.before is None else {},
            "after_sensitive": False if change.after is None else {},
        },
        "action_reason": change.reason.value,
        "fields": [
            {
                "path": list(field.path),
                "before": field.before,
                "after": field.after,
                "source": source_data(field.source),
                "cause": f"profile/{field.profile}" if field.profile else None,
                **_attribution_data(field, based=based),
            }
            for field in change.fields
        ],
        "source": source_data(change.source),
        "risk": [risk.value for risk in change.risk],
        "mode": change.mode.value if change.mode else MANAGED,
        **_attribution_data(change, based=based),
    }


def _unknown(change: Change) -> Iterator[str]:
    """Yield the fields after a change that only the account decides on."""
    if change.after is not None and not change.id:
        yield "id"
    if change.restores and "role" not in (change.after or {}):
        yield "role"


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
                source_of(entry["source"]),
                (entry["cause"] or "").removeprefix("profile/"),
                _attribution(entry),
                _commit(entry),
            )
            for entry in data["fields"]
        ),
        id=next((part["id"] for part in parts if part and "id" in part), None),
        source=source_of(data["source"]),
        risk=tuple(Risk(word) for word in data["risk"]),
        defaults=tuple(change.get("after_default", ())),
        attribution=_attribution(data),
        commit=_commit(data),
        mode=Mode(data["mode"]) if data.get("mode", MANAGED) != MANAGED else None,
    )


def step_data(step: ManualStep, *, based: bool) -> dict[str, Any]:
    """Return a manual step as JSON data."""
    acknowledged = step.acknowledged
    return {
        "id": step.id,
        "address": str(step.address),
        "name": step.name,
        "section": step.section,
        "panel": step.panel,
        "todo": list(step.todo),
        "values": step.values,
        "then": list(step.then),
        "verifiable": step.verifiable,
        "status": "open" if step.open else "acknowledged" if acknowledged else "default",
        "acknowledged": ({"by": acknowledged.by, "on": acknowledged.on} if acknowledged else None),
        "hint": step.hint,
        "source": source_data(step.source),
        **({"origin": step.attribution and step.attribution.value} if based else {}),
    }


def step_of(data: Mapping[str, Any]) -> ManualStep:
    """Return a manual step from the JSON data of `step_data`."""
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
        source=source_of(data["source"]),
        acknowledged=acknowledged
        and Acknowledgement(data["id"], acknowledged["by"], acknowledged["on"]),
        attribution=_attribution(data),
        is_default=data.get("status") == "default",
    )


def source_data(source: Span | None) -> dict[str, Any] | None:
    """Return a place in the files as JSON data."""
    return {"file": source.file, "line": source.line} if source else None


def source_of(data: Mapping[str, Any] | None) -> Span | None:
    """Return a place from the JSON data of `source_data`."""
    return Span(data["file"], data["line"], 1) if data else None


def _attribution_data(part: Change | FieldChange, *, based: bool) -> dict[str, Any]:
    """Return the attribution and the commit as JSON data; nothing for a plan without a base."""
    if not based:
        return {}
    commit = part.commit
    return {
        "origin": part.attribution and part.attribution.value,
        "commit": {"id": commit.id, "summary": commit.summary} if commit else None,
    }


def _attribution(data: Mapping[str, Any]) -> Attribution | None:
    """Return the attribution in JSON data; only a plan with a base has one."""
    attribution = data.get("origin")
    return attribution and Attribution(attribution)


def _commit(data: Mapping[str, Any]) -> Commit | None:
    """Return the commit in JSON data; only a plan with a base has one."""
    commit = data.get("commit")
    return commit and Commit(**commit)
