"""The basis of a plan: fingerprints of the objects that it relies on, for `stale-plan`.

An apply compares the fingerprints with the account as it is then. Other changes in the account do
not matter.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from provisioner.address import Address, Kind, fold, parse
from provisioner.diagnostics import Diagnostic
from provisioner.documents.files.attachments import Attachment
from provisioner.json_form import digest
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.access.managed import ManagedObjects
from provisioner.planning.changes import LOGINS, Action, Change
from provisioner.planning.claims.claims import Renames
from provisioner.planning.field_changes import field_changes
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.revision import UNKNOWN, Revision

ABSENT = "absent"
"""The fingerprint of an object that does not exist."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The part of an account that a plan relies on.

    Attributes:
        fingerprints: mapping from address to fingerprint, for each object that the plan changes
            or refers to.
        account: fingerprint of the account's surface, defaults and zone.
        roles: mapping from role id to name, where the API lists no roles.
        hours_of: folded emails of the agents for which hours were read.
        attachments: digest to photo, for the photos to upload.
        project: the project's folder, relative to the folder of the plan file.
        url: the account's address; "" for the embedded sandbox, which has another port each time.
        renames: kind and id of a live object to the address under which the files declare it.
        deleted: folded email to id of deleted agents that the account does not list, and that the
            plan restores.
        managed: what the files set, for the record of the apply; None for an undo.
        revision: the commit of the files that the plan was made from.
    """

    fingerprints: Mapping[str, str]
    account: str
    roles: Mapping[str, str] = field(default_factory=dict)
    hours_of: frozenset[str] = frozenset()
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    project: str = "."
    url: str = ""
    renames: Renames = field(default_factory=dict)
    deleted: Mapping[str, str] = field(default_factory=dict)
    managed: ManagedObjects | None = None
    revision: Revision = UNKNOWN


def with_default_role(basis: Basis, facts: RecordedFacts) -> Basis:
    """Return a basis with the name of the default role, if a run has learned its id."""
    learned = {role_id: name for name, role_id in facts.role_ids.items()}
    return replace(basis, roles={**learned, **basis.roles})


def basis_of(
    plan: Plan,
    live: LiveState,
    *,
    roles: Mapping[str, str],
    hours_of: frozenset[str],
    attachments: Mapping[str, Attachment],
    url: str,
    renames: Renames,
    listed: Mapping[str, str],
    managed: ManagedObjects | None = None,
) -> Basis:
    """Return the basis of a plan in the account that it was made from.

    Args:
        plan: the plan.
        live: the account, under the names that the files use.
        roles: mapping from role id to name, where the API lists no roles.
        hours_of: folded emails of the agents for which hours were read.
        attachments: digest to photo, for the photos to upload.
        url: the account's address; "" for the embedded sandbox.
        renames: kind and id of a live object to its address in the files.
        listed: folded email to id of the deleted agents that the account itself lists.
        managed: what the files set; None for an undo.
    """
    addresses = {address for change in plan.effective for address in relied_on(change)}
    availability = switched(plan)
    return Basis(
        fingerprints={
            str(address): fingerprint(live, address, switched=address in availability)
            for address in addresses
        },
        account=_account(live),
        roles=roles,
        hours_of=hours_of,
        attachments=attachments,
        url=url,
        renames=renames,
        managed=managed,
        deleted={
            email: change.id
            for change in plan.effective
            if change.restores and change.id and (email := change.address.key) not in listed
        },
    )


def fingerprint(live: LiveState, address: Address, *, switched: bool) -> str:
    """Return a digest of an object as it is, or `ABSENT`.

    `switched` is whether its availability counts; agents switch it during the day.
    """
    existing = live.objects.get(address.identity)
    if existing is None:
        return ABSENT
    # A login that has ended meanwhile is no conflict.
    left_out = {LOGINS} if switched else {LOGINS, "availability"}
    attributes = {name: v for name, v in existing.attributes.items() if name not in left_out}
    return digest([existing.id, attributes])


def switched(plan: Plan) -> frozenset[Address]:
    """Return the agents for whom a plan writes the availability."""
    return frozenset(
        change.address
        for change in plan.effective
        if any(field.path[0] == "availability" for field in change.fields)
    )


def moved(plan: Plan, basis: Basis, live: LiveState) -> list[Diagnostic]:
    """Return a diagnostic for each part of the basis that has changed."""
    findings = []
    if _account(live) != basis.account:
        findings.append(
            _stale("it is another account, or its permissions, defaults or time zone have changed")
        )
    findings += [
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
            difference = _difference(changes.get(text), before, existing)
            findings.append(_stale(f"{text}: {difference}"))
    return findings


def relied_on(change: Change) -> Iterator[Address]:
    """Yield the addresses of a change and of the objects that it refers to."""
    yield change.address
    if change.address.kind is Kind.AGENT and change.after is not None:
        if role := change.after.get("role"):
            yield Address(Kind.ROLE, role)
        for name in change.after.get("departments", {}):
            yield Address(Kind.DEPARTMENT, name)


def _account(live: LiveState) -> str:
    """Return a digest of the facts that hold for the account as a whole."""
    account = live.account
    return digest([live.surface, live.defaults, account.timezone, account.creator])


def _difference(change: Change | None, before: str, existing: LiveObject | None) -> str:
    if existing is None:
        return "it no longer exists"
    if before == ABSENT:
        return "it exists by now"
    if change is None or change.before is None:
        return "it has changed"
    planned = {name: value for name, value in change.before.items() if name != LOGINS}
    fields = field_changes(planned, existing.attributes)
    differences = [
        f"{' / '.join(part.path)} was {json.dumps(part.before, ensure_ascii=False)} "
        f"and is {json.dumps(part.after, ensure_ascii=False)}"
        for part in fields
    ]
    return "; ".join(differences) or "it is another object by now"


def _stale(summary: str) -> Diagnostic:
    return Diagnostic(
        code="stale-plan",
        summary=summary,
        hint="make a new plan and look at it again",
    )
