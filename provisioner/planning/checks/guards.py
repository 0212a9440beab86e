"""Guards: limits on a plan, each a row of one table.

The refusals, the help of `--allow` and the table of docs/safety.md are made from `GUARDS`. A run
is allowed a number beyond the limit of one guard; no option switches all guards off.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.yaml.yaml_writer import write_inline
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import KINDS, Collection, FieldGroup, Scalar, Shape
from provisioner.model.policy import Guards, ManagedScope, Protection
from provisioner.planning.changes import Action, Change
from provisioner.planning.managed_scope import in_scope
from provisioner.planning.suspicion.people_likeness import mailbox
from provisioner.suggestions import shown_names


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """A plan, and what decides whether it is refused.

    Attributes:
        changes: the changes of the plan.
        desired: the declared objects.
        live: the account.
        guards: the limits of the project.
        protection: the objects that are never deleted, demoted or stripped.
        allowed: allowance of a guard to the number that `--allow` gives it.
        scope: the part of the account that the project manages.
    """

    changes: Sequence[Change]
    desired: DesiredState
    live: LiveState
    guards: Guards
    protection: Protection
    allowed: Mapping[str, int]
    scope: ManagedScope = field(default_factory=ManagedScope)

    @property
    def managed(self) -> LiveState:
        """The part of the account that the project manages."""
        return in_scope(self.live, self.scope)

    def changed(self, kind: Kind, action: Action) -> list[Change]:
        """Return the changes of a kind with an action."""
        return [c for c in self.changes if c.address.kind is kind and c.action is action]

    def population(self, kind: Kind) -> int:
        """Return the number of live objects of a kind in the scope of the project."""
        return sum(live_kind is kind for live_kind, _ in self.managed.objects)


@dataclass(frozen=True, slots=True)
class Excess:
    """A count that is over the limit of a guard.

    Attributes:
        count: the number that a run must be allowed.
        summary: what the plan does.
        advice: what to do instead, and when to allow it.
        span: the place in the files that causes it, if there is one.
    """

    count: int
    summary: str
    advice: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """A limit that refuses a plan.

    Attributes:
        code: the code of the refusal.
        allowance: the word of `--allow`; "" for a guard that no run can be allowed to pass.
        counts: what is counted, for the documentation.
        limit: the highest number that is not refused, for the documentation.
        excesses: returns what is over the limit in a plan.
    """

    code: str
    allowance: str
    counts: str
    limit: str
    excesses: Callable[[PlanCheck], Iterator[Excess]]

    def refusals(self, check: PlanCheck) -> Iterator[Diagnostic]:
        """Yield the refusals of a plan."""
        for excess in self.excesses(check):
            hint = excess.advice
            if self.allowance:
                if excess.count <= check.allowed.get(self.allowance, 0):
                    continue
                hint += f", allow it for this run: --allow {self.allowance}={excess.count}"
            yield Diagnostic(code=self.code, summary=excess.summary, span=excess.span, hint=hint)


def _deletes(check: PlanCheck) -> Iterator[Excess]:
    guards = check.guards
    for kind in Kind:
        deleted = check.changed(kind, Action.DELETE)
        if _is_over_share(len(deleted), guards.max_delete_percent, check, kind):
            yield _of_kind(deleted, "deletes", f"{guards.max_delete_percent} %", check, kind)
        elif len(deleted) > guards.max_delete:
            yield _of_kind(deleted, "deletes", f"{guards.max_delete}", check, kind)


def _updates(check: PlanCheck) -> Iterator[Excess]:
    percent = check.guards.max_update_percent
    for kind in Kind:
        updated = [
            change
            for change in check.changed(kind, Action.UPDATE)
            if not change.only_moves_domain and not _fills_in_defaults(change, check.live)
        ]
        if _is_over_share(len(updated), percent, check, kind):
            yield _of_kind(updated, "updates", f"{percent} %", check, kind)


def _is_over_share(count: int, percent: int, check: PlanCheck, kind: Kind) -> bool:
    """Return whether a count is over a share of the live objects of a kind.

    Shares apply from `min_population` live objects on.
    """
    population = check.population(kind)
    return population >= check.guards.min_population and count * 100 > percent * population


def _of_kind(
    changes: Sequence[Change], noun: str, limit: str, check: PlanCheck, kind: Kind
) -> Excess:
    names = shown_names([change.address.key for change in changes])
    return Excess(
        len(changes),
        f"{len(changes)} of {check.population(kind)} {kind.plural} with {noun}, "
        f"more than {limit}: {names}",
        "if that is meant",
    )


def _fills_in_defaults(change: Change, live: LiveState) -> bool:
    """Return whether an update only sets fields that have their default values.

    An apply that was interrupted leaves such updates, and they take nothing from anybody.
    """
    shape, defaults = KINDS[change.address.kind].shape, live.defaults.get(change.address.kind, {})
    return not change.risk and all(
        _is_default(shape, defaults, field.path, field.before) for field in change.fields
    )


def _is_default(shape: Shape | None, default: Any, path: tuple[str, ...], value: Any) -> bool:
    if value is None or value == {}:
        return True
    if not path:
        known = shape.default if isinstance(shape, Scalar) else None
        return bool(value == (known if default is None else default))
    name, *rest = path
    inner = default.get(name) if isinstance(default, Mapping) else None
    match shape:
        case FieldGroup():
            return _is_default(shape.fields.get(name), inner, tuple(rest), value)
        case Collection():
            return _is_default(shape.entry, None, tuple(rest), value)
        case _:
            return False


def _unmatched(check: PlanCheck) -> Iterator[Excess]:
    agents = [identity for identity in check.managed.objects if identity[0] is Kind.AGENT]
    declares_one = any(identity in check.desired.resources for identity in agents)
    if len(agents) >= check.guards.min_population and not declares_one:
        yield Excess(
            len(agents),
            f"the project declares none of the {len(agents)} agents of the account",
            "check that the target is the right one; if it is",
        )


def _replacements(check: PlanCheck) -> Iterator[Excess]:
    leaving: dict[str, Address] = {}
    for identity, existing in sorted(check.managed.objects.items()):
        if identity[0] is Kind.AGENT and identity not in check.desired.resources:
            # Two people may share a name; a mailbox in another domain is most likely a typo.
            leaving.setdefault(_mailbox(existing.attributes), existing.address)
    for change in check.changed(Kind.AGENT, Action.DELETE):
        for mark in _marks(change.before or {}):
            leaving.setdefault(mark, change.address)
    pairs = [
        (change, leaving[mark])
        for change in check.changed(Kind.AGENT, Action.CREATE)
        for mark in sorted(_marks(change.after or {}) & leaving.keys())[:1]
    ]
    moved = Counter(_domains(new, old) for new, old in pairs)
    for new, old in pairs:
        yield Excess(
            len(pairs),
            f"{new.address} is to be created, and {old} is to go or is not declared: the "
            "same name or mailbox, so most likely the same person",
            f"if so, write under the new one: previously: {write_inline(old.key)}"
            f"{_whole_domain(*_domains(new, old)) if moved[_domains(new, old)] > 1 else ''}; "
            "if they are two",
            new.source,
        )


def _domains(new: Change, old: Address) -> tuple[str, str]:
    return old.key.rpartition("@")[2], new.address.key.rpartition("@")[2]


def _whole_domain(old: str, new: str) -> str:
    """Return how to rename all agents of a domain at once; "" within one domain."""
    rule = f'moves: [{{from: "@{old}", to: "@{new}"}}]'
    return f", or for the whole domain in provisioner.yaml: {rule}" if old != new else ""


def _marks(attributes: Mapping[str, Any]) -> set[str]:
    return {f"name {fold(attributes.get('name', ''))}", _mailbox(attributes)}


def _mailbox(attributes: Mapping[str, Any]) -> str:
    return f"mailbox {mailbox(attributes)}"


def _owners(check: PlanCheck) -> Iterator[Excess]:
    owners = {
        existing.address
        for (kind, _), existing in check.live.objects.items()
        if kind is Kind.AGENT and existing.attributes["role"] == "owner"
    }
    before, minimum = len(owners), check.guards.min_owners
    for change in check.changes:
        if change.address.kind is Kind.AGENT and change.action is not Action.NO_OP:
            owners.discard(change.address)
            if change.after is not None and change.after.get("role") == "owner":
                owners.add(change.address)
    if len(owners) < min(before, minimum):
        yield Excess(
            len(owners),
            f"{len(owners)} of {before} owners would stay, and at least {minimum} must",
            "keep an owner, or make another one first",
        )


GUARDS = (
    Guard(
        code="too-many-deletes",
        allowance="deletes",
        counts="deletions of a kind",
        limit="`max_delete`, and `max_delete_percent` of the live objects of the kind",
        excesses=_deletes,
    ),
    Guard(
        code="too-many-updates",
        allowance="updates",
        counts="updates of a kind that change more than default values or the domain of an email",
        limit="`max_update_percent` of the live objects of the kind",
        excesses=_updates,
    ),
    Guard(
        code="no-live-agent-declared",
        allowance="unmatched",
        counts="live agents, where the project declares none of them",
        limit="fewer than `min_population`",
        excesses=_unmatched,
    ),
    Guard(
        code="suspected-rename",
        allowance="replacements",
        counts="new agents with the name or mailbox of an agent who is deleted or not declared",
        limit="none",
        excesses=_replacements,
    ),
    Guard(
        code="too-few-owners",
        allowance="",
        counts="owners who stay",
        limit="at least `min_owners`",
        excesses=_owners,
    ),
)
"""All guards, in the order of the documentation."""

ALLOWANCES = tuple(guard.allowance for guard in GUARDS if guard.allowance)
"""The words of `--allow`."""
