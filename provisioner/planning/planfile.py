"""Plans in files: what was reviewed is what is applied, or nothing.

A file holds the plan and what it was based on: a fingerprint of every object that it touches or
refers to, and of the account's facts. An apply compares them with the account as it is then; what
else has changed in the account does not matter. A checksum covers all of it.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind, parse
from provisioner.diagnostics import Diagnostic, RefusedError, Span
from provisioner.documents.attachments import Attachment
from provisioner.live.state import LiveObject, LiveState, Surface
from provisioner.model.settings import Acknowledgement
from provisioner.planning.changes import (
    Action,
    Change,
    Commit,
    FieldChange,
    Origin,
    Reason,
    Risk,
)
from provisioner.planning.coverage import read_coverage
from provisioner.planning.diff import field_changes
from provisioner.planning.manual import ManualStep, Section
from provisioner.planning.matching import Renames
from provisioner.planning.plan import FORMAT_VERSION, Base, Plan, Requests, checksum

ABSENT = "absent"
"""The fingerprint of an object that does not exist."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a saved plan relies on.

    Attributes:
        fingerprints: address to fingerprint of every object that the plan touches or refers to.
        facts: fingerprint of the account's surface, defaults and zone.
        roles: role id to name, where the API lists no roles.
        hours_of: folded emails of the agents whose hours were read.
        attachments: digest to the photo that is to be uploaded.
        project: the folder that the plan was made from, relative to the file's own.
        url: the account's address; "" for the embedded sandbox, whose port is another each time.
        renames: live identity to the address under which the files declare the object.
    """

    fingerprints: Mapping[str, str]
    facts: str
    roles: Mapping[str, str] = field(default_factory=dict)
    hours_of: frozenset[str] = frozenset()
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    project: str = "."
    url: str = ""
    renames: Renames = field(default_factory=dict)


def basis_of(
    plan: Plan,
    live: LiveState,
    *,
    roles: Mapping[str, str],
    hours_of: frozenset[str],
    attachments: Mapping[str, Attachment],
    url: str,
    renames: Renames,
) -> Basis:
    """Return what a plan relies on in the account that it was made from."""
    addresses = {str(address): address for change in plan.effective for address in _touched(change)}
    return Basis(
        fingerprints={text: fingerprint(live, address) for text, address in addresses.items()},
        facts=_facts(live),
        roles=roles,
        hours_of=hours_of,
        attachments=attachments,
        url=url,
        renames=renames,
    )


def fingerprint(live: LiveState, address: Address) -> str:
    """Return a digest of an object as it is, or `ABSENT`."""
    existing = live.objects.get(address.identity)
    return ABSENT if existing is None else _digest([existing.id, existing.attributes])


def moved(plan: Plan, basis: Basis, live: LiveState) -> list[Diagnostic]:
    """Return what has changed of all that a plan relies on; nothing if it still holds."""
    found = []
    if _facts(live) != basis.facts:
        found.append(
            _stale("it is another account, or its permissions, defaults or time zone have changed")
        )
    changes = {str(change.address): change for change in plan.changes}
    for text, before in sorted(basis.fingerprints.items()):
        address = parse(text)
        if fingerprint(live, address) != before:
            existing = live.objects.get(address.identity)
            found.append(_stale(f"{text}: {_how(changes.get(text), before, existing)}"))
    return found


def save(plan: Plan, basis: Basis) -> str:
    """Return a plan with its basis as the text of a file."""
    data = plan.as_data()
    data["basis"] = {
        "fingerprints": dict(basis.fingerprints),
        "facts": basis.facts,
        "project": basis.project,
        "url": basis.url,
        "renames": {f"{kind}/{key}": str(new) for (kind, key), new in basis.renames.items()},
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


def load(text: str) -> tuple[Plan, Basis]:
    """Read a plan from the text of a file.

    Raises:
        RefusedError: the text is no plan, or was edited or cut short since it was saved.
    """
    try:
        data = json.loads(text)
        if data["checksum"] != checksum(data):
            raise RefusedError(_damaged("it was edited or cut short since it was saved"))
        major = str(data["format_version"]).split(".", maxsplit=1)[0]
        if major != FORMAT_VERSION.split(".", maxsplit=1)[0]:
            raise RefusedError(_damaged("it was saved by a version that this one can't read"))
        return _plan(data), _basis(data["basis"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefusedError(_damaged("it is no plan, or was cut short")) from error


def _touched(change: Change) -> Iterator[Address]:
    """Yield the addresses of a change and of what it refers to."""
    yield change.address
    if change.address.kind is Kind.AGENT and change.after is not None:
        if role := change.after.get("role"):
            yield Address(Kind.ROLE, role)
        for name in change.after.get("departments", {}):
            yield Address(Kind.DEPARTMENT, name)


def _facts(live: LiveState) -> str:
    account = live.account
    return _digest([live.surface, live.defaults, account.timezone, account.creator])


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _how(change: Change | None, before: str, existing: LiveObject | None) -> str:
    if existing is None:
        return "it does not exist any more"
    if before == ABSENT:
        return "it exists by now"
    if change is None or change.before is None:
        return "it has changed"
    fields = field_changes(change.before, existing.attributes)
    said = [
        f"{' / '.join(part.path)} was {json.dumps(part.before, ensure_ascii=False)} "
        f"and is {json.dumps(part.after, ensure_ascii=False)}"
        for part in fields
    ]
    return "; ".join(said) or "it is another object by now"


def _stale(what: str) -> Diagnostic:
    return Diagnostic(
        code="stale-plan",
        summary=what,
        hint="make a new plan and look at it again",
    )


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
        changes=tuple(_change(entry) for entry in data["resource_changes"]),
        manual_steps=tuple(_step(entry) for entry in data["manual_steps"]),
        undeclared=tuple(
            LiveObject(parse(entry["address"]), entry["id"], {}) for entry in data["undeclared"]
        ),
        refused=tuple(Diagnostic(**entry) for entry in data["refused"]),
        snapshot=data["snapshot"],
        taken=data.get("snapshot_taken", ""),
        requests=Requests(
            read=requests["read"],
            by_operation=requests["by_operation"],
            verify=requests["verify"],
            per_minute=requests["per_minute"],
        ),
        base=Base(**data["base"]) if "base" in data else None,
        coverage=read_coverage(data["coverage"]),
    )


def _change(data: Mapping[str, Any]) -> Change:
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
                **_whose(entry),
            )
            for entry in data["fields"]
        ),
        id=next((part["id"] for part in parts if part and "id" in part), None),
        source=_span(data["source"]),
        risk=tuple(Risk(word) for word in data["risk"]),
        **_whose(data),
    )


def _whose(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what only a plan with a base says of a change or a field."""
    origin, commit = data.get("origin"), data.get("commit")
    return {"origin": origin and Origin(origin), "commit": commit and Commit(**commit)}


def _step(data: Mapping[str, Any]) -> ManualStep:
    said = data["acknowledged"]
    return ManualStep(
        address=parse(data["address"]),
        name=data["name"],
        section=Section(data["section"]),
        todo=tuple(data["todo"]),
        values=data["values"],
        then=tuple(data["then"]),
        verifiable=data["verifiable"],
        hint=data["hint"],
        source=_span(data["source"]),
        acknowledged=said and Acknowledgement(data["id"], said["by"], said["on"], "", None),
        origin=_whose(data)["origin"],
    )


def _basis(data: Mapping[str, Any]) -> Basis:
    return Basis(
        fingerprints=data["fingerprints"],
        facts=data["facts"],
        project=data["project"],
        url=data["url"],
        renames={parse(old).identity: parse(new) for old, new in data["renames"].items()},
        roles=data["roles"],
        hours_of=frozenset(data["hours_of"]),
        attachments={
            digest: Attachment(entry["name"], base64.b64decode(entry["content"]), entry["type"])
            for digest, entry in data["attachments"].items()
        },
    )
