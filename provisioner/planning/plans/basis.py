"""What a plan relies on in the account that it was made from, and whether that still holds.

A plan holds a fingerprint of every object that it touches or refers to, and of the account's
facts. An apply compares them with the account as it is then; what else has changed in the account
does not matter.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind, fold, parse
from provisioner.diagnostics import Diagnostic
from provisioner.documents.files.attachments import Attachment
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.changes import Action, Change
from provisioner.planning.claims.renaming import Renames
from provisioner.planning.diff import field_changes
from provisioner.planning.plans.plan_data import Plan

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
        renames: kind and id of a live object to the address under which the files declare it.
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
    addresses = {address for change in plan.effective for address in relied_on(change)}
    availability = switched(plan)
    return Basis(
        fingerprints={
            str(address): fingerprint(live, address, switched=address in availability)
            for address in addresses
        },
        facts=_facts(live),
        roles=roles,
        hours_of=hours_of,
        attachments=attachments,
        url=url,
        renames=renames,
    )


def fingerprint(live: LiveState, address: Address, *, switched: bool) -> str:
    """Return a digest of an object as it is, or `ABSENT`.

    Args:
        live: the account.
        address: of the object.
        switched: whether its availability counts; agents switch theirs during the day.
    """
    existing = live.objects.get(address.identity)
    if existing is None:
        return ABSENT
    attributes = existing.attributes
    if not switched:
        attributes = {name: v for name, v in attributes.items() if name != "availability"}
    return _digest([existing.id, attributes])


def switched(plan: Plan) -> frozenset[Address]:
    """Return the agents whose availability a plan writes."""
    return frozenset(
        change.address
        for change in plan.effective
        if any(field.path[0] == "availability" for field in change.fields)
    )


def moved(plan: Plan, basis: Basis, live: LiveState) -> list[Diagnostic]:
    """Return what has changed of all that a plan relies on; nothing if it still holds."""
    found = []
    if _facts(live) != basis.facts:
        found.append(
            _stale("it is another account, or its permissions, defaults or time zone have changed")
        )
    found += [
        _stale(f"{change.address}: the deleted account that is to be restored is not there")
        for change in plan.effective
        if change.action is Action.CREATE
        and change.id is not None
        and live.deleted.get(fold(change.address.key)) != change.id
    ]
    changes = {str(change.address): change for change in plan.changes}
    availability = switched(plan)
    for text, before in sorted(basis.fingerprints.items()):
        address = parse(text)
        if fingerprint(live, address, switched=address in availability) != before:
            existing = live.objects.get(address.identity)
            found.append(_stale(f"{text}: {_how(changes.get(text), before, existing)}"))
    return found


def relied_on(change: Change) -> Iterator[Address]:
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
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


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
