"""What is refused before the first write: a plan that looks like an accident.

Protections hold always. Guards are thresholds, and a run may be allowed past one by naming the
number: there is no way to switch them all off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Scalar, Shape
from provisioner.model.policy import Guards, Protection
from provisioner.planning.changes import Action, Change

ALLOWANCES = ("deletes", "updates", "unmatched", "replacements")
"""What a run can be allowed: more deletions, more updates, a project that knows no live agent, and
agents who are deleted while others of the same name or mailbox are created."""

DEFAULT_DEPARTMENT = "default"
"""The id of the department that can't be deleted (D: changelog 2025-08-07)."""

SHOWN = 10
"""How many names a refusal lists."""


@dataclass(frozen=True, slots=True)
class Safety:
    """What refusals are decided by.

    Attributes:
        guards: the thresholds.
        protection: what is never deleted, demoted or stripped.
        allowed: what the run allows: `deletes`, `updates`, `unmatched` to a number.
    """

    guards: Guards
    protection: Protection
    allowed: Mapping[str, int]


def refusals(
    changes: tuple[Change, ...], desired: DesiredState, live: LiveState, safety: Safety
) -> list[Diagnostic]:
    """Return why a plan may not be applied; nothing if it may."""
    found = [
        *_protected(changes, desired, live, safety),
        *_suspended(changes, desired, live, safety),
        *_in_use(changes, live),
        *_owners(changes, live, safety),
        *_suspected_renames(changes, desired, live, safety),
    ]
    for kind in Kind:
        found += _too_much(changes, live, safety, kind)
    return [*found, *_unmatched(desired, live, safety)]


def untouchable(address: Address, live: LiveState, protection: Protection) -> str:
    """Return why an object must never be deleted, or "" where it may."""
    existing = live.objects.get(address.identity)
    if _covered(address, existing, protection):
        return "it is protected by the project"
    if address.kind is Kind.AGENT and existing is not None:
        if existing.id == live.account.key_agent:
            return "the API key belongs to it"
        if existing.id == live.account.creator:
            return "it is the account's creator"
    return ""


def _covered(address: Address, existing: LiveObject | None, protection: Protection) -> bool:
    """Return whether the project protects an object, by its declared or by its live name."""
    former = existing and str(existing.attributes[KINDS[address.kind].identity])
    return protection.covers(address) or bool(
        former and protection.covers(Address(address.kind, former))
    )


def _suspended(
    changes: tuple[Change, ...], desired: DesiredState, live: LiveState, safety: Safety
) -> Iterator[Diagnostic]:
    """Yield the agents who must not be suspended, whether or not that changes anything today."""
    for change in changes:
        agent = desired.resources.get(change.address.identity)
        if agent is None or not agent.suspended:
            continue
        if why := untouchable(agent.address, live, safety.protection):
            yield Diagnostic(
                code="protected",
                summary=f"{agent.address} can't be suspended: {why}",
                span=agent.span("state"),
                hint="remove `state: suspended` from the entry",
            )


def _protected(
    changes: tuple[Change, ...], desired: DesiredState, live: LiveState, safety: Safety
) -> Iterator[Diagnostic]:
    for change in changes:
        agent = desired.resources.get(change.address.identity)
        if not change.loses or (agent and agent.suspended):
            continue
        why = untouchable(change.address, live, safety.protection)
        existing = live.objects.get(change.address.identity)
        covered = _covered(change.address, existing, safety.protection)
        demoted = "role" in {field.path[0] for field in change.fields}
        if why and (covered or demoted or change.action is Action.DELETE):
            yield Diagnostic(
                code="protected",
                summary=f"{change.address} can't be deleted, demoted or stripped: {why}",
                span=change.source,
                hint="take the change out of the files"
                + (", or the name out of `protect`" if covered else ""),
            )


def _suspected_renames(
    changes: tuple[Change, ...], desired: DesiredState, live: LiveState, safety: Safety
) -> Iterator[Diagnostic]:
    """Yield the agents who come while one of the same name or mailbox goes or is not declared."""
    gone: dict[str, Address] = {}
    for identity, existing in sorted(live.objects.items()):
        if identity[0] is Kind.AGENT and identity not in desired.resources:
            # Two people may share a name; a mailbox in another domain is most likely a typo.
            gone.setdefault(_mailbox(existing.attributes), existing.address)
    for change in changes:
        if change.action is Action.DELETE and change.address.kind is Kind.AGENT:
            for mark in _marks(change.before or {}):
                gone.setdefault(mark, change.address)
    pairs = [
        (change, gone[mark])
        for change in changes
        if change.action is Action.CREATE and change.address.kind is Kind.AGENT
        for mark in sorted(_marks(change.after or {}) & gone.keys())[:1]
    ]
    if len(pairs) <= safety.allowed.get("replacements", 0):
        return
    for new, old in pairs:
        yield Diagnostic(
            code="suspected-rename",
            summary=f"{new.address} is to be created, and {old} is to go or is not declared: the "
            "same name or mailbox, so most likely the same person",
            span=new.source,
            hint=f"if so, write under the new one: previously: {old.key}; if they are two, "
            f"allow it for this run: --allow replacements={len(pairs)}",
        )


def _marks(attributes: Mapping[str, Any]) -> set[str]:
    return {f"name {fold(attributes.get('name', ''))}", _mailbox(attributes)}


def _mailbox(attributes: Mapping[str, Any]) -> str:
    return f"mailbox {fold(attributes.get('email', '')).partition('@')[0]}"


def _in_use(changes: tuple[Change, ...], live: LiveState) -> Iterator[Diagnostic]:
    """Yield the roles and departments that are to go while somebody stays in them."""
    gone = {
        change.address.identity: change
        for change in changes
        if change.action is Action.DELETE and change.address.kind is not Kind.AGENT
    }
    if not gone:
        return
    after = {change.address.identity: change.after for change in changes}
    users: dict[tuple[Kind, str], list[str]] = {}
    for identity, existing in sorted(live.objects.items()):
        agent = after.get(identity, existing.attributes)
        if identity[0] is Kind.AGENT and agent is not None:
            users.setdefault((Kind.ROLE, fold(agent["role"])), []).append(existing.address.key)
            for name in agent["departments"]:
                users.setdefault((Kind.DEPARTMENT, fold(name)), []).append(existing.address.key)
    for identity, change in gone.items():
        if change.id == DEFAULT_DEPARTMENT and identity[0] is Kind.DEPARTMENT:
            yield Diagnostic(
                code="default-department",
                summary=f'department "{change.name}" is the default one and can\'t be deleted',
                span=change.source,
                hint="remove the line `state: absent`",
            )
        elif names := users.get(identity):
            yield Diagnostic(
                code=f"{identity[0]}-in-use",
                summary=f'{identity[0]} "{change.name}" is still used by {_listed(names)}',
                span=change.source,
                hint=f"declare another {identity[0]} for them first",
            )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _owners(changes: tuple[Change, ...], live: LiveState, safety: Safety) -> Iterator[Diagnostic]:
    owners = {
        existing.address
        for (kind, _), existing in live.objects.items()
        if kind is Kind.AGENT and existing.attributes["role"] == "owner"
    }
    before = len(owners)
    for change in changes:
        if change.address.kind is Kind.AGENT and change.action is not Action.NO_OP:
            owners.discard(change.address)
            if change.after is not None and change.after.get("role") == "owner":
                owners.add(change.address)
    if len(owners) < min(before, safety.guards.min_owners):
        yield Diagnostic(
            code="too-few-owners",
            summary=f"{len(owners)} of {before} owners would stay, "
            f"and at least {safety.guards.min_owners} must",
            hint="keep an owner, or make another one first",
        )


def _too_much(
    changes: tuple[Change, ...], live: LiveState, safety: Safety, kind: Kind
) -> Iterator[Diagnostic]:
    guards = safety.guards
    population = sum(live_kind is kind for live_kind, _ in live.objects)
    counts = population >= guards.min_population
    deleted = [c for c in changes if c.address.kind is kind and c.action is Action.DELETE]
    updated = [
        change
        for change in changes
        if change.address.kind is kind
        and change.action is Action.UPDATE
        and not _fills_in(change, live)
    ]
    percent = counts and len(deleted) * 100 > guards.max_delete_percent * population
    if (len(deleted) > guards.max_delete or percent) and len(deleted) > safety.allowed.get(
        "deletes", 0
    ):
        limit = f"{guards.max_delete_percent} %" if percent else f"{guards.max_delete}"
        yield _guard("too-many-deletes", "deletes", deleted, population, kind, limit)
    too_many = counts and len(updated) * 100 > guards.max_update_percent * population
    if too_many and len(updated) > safety.allowed.get("updates", 0):
        limit = f"{guards.max_update_percent} %"
        yield _guard("too-many-updates", "updates", updated, population, kind, limit)


def _fills_in(change: Change, live: LiveState) -> bool:
    """Tell whether a change only gives values to fields that have their defaults.

    That is what is left of an apply that was cut short, and it takes nothing from anybody.
    """
    shape, defaults = KINDS[change.address.kind].shape, live.defaults.get(change.address.kind, {})
    return not change.risk and all(
        _has_default(shape, defaults, field.path, field.before) for field in change.fields
    )


def _has_default(shape: Shape | None, default: Any, path: tuple[str, ...], before: Any) -> bool:
    if before is None or before == {}:
        return True
    if not path:
        known = shape.default if isinstance(shape, Scalar) else None
        return bool(before == (known if default is None else default))
    name, *rest = path
    inner = default.get(name) if isinstance(default, Mapping) else None
    match shape:
        case FieldGroup():
            return _has_default(shape.fields.get(name), inner, tuple(rest), before)
        case Collection():
            return _has_default(shape.entry, None, tuple(rest), before)
        case _:
            return False


def _guard(
    code: str, what: str, changes: list[Change], population: int, kind: Kind, limit: str
) -> Diagnostic:
    names = _listed([change.address.key for change in changes])
    return Diagnostic(
        code=code,
        summary=f"{len(changes)} of {population} {kind.plural} with {what}, "
        f"more than {limit}: {names}",
        hint=f"if that is meant, allow it for this run: --allow {what}={len(changes)}",
    )


def _unmatched(desired: DesiredState, live: LiveState, safety: Safety) -> Iterator[Diagnostic]:
    agents = [identity for identity in live.objects if identity[0] is Kind.AGENT]
    if len(agents) < safety.guards.min_population or any(
        identity in desired.resources for identity in agents
    ):
        return
    if len(agents) > safety.allowed.get("unmatched", 0):
        yield Diagnostic(
            code="no-live-agent-declared",
            summary=f"the project declares none of the {len(agents)} agents of the account",
            hint="check that the target is the right one; if it is, allow it for this run: "
            f"--allow unmatched={len(agents)}",
        )
