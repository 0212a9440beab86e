"""Guards: limits on a plan, each a row of one table.

The refusals, the help of `--allow` and the table of docs/safety.md are made from `GUARDS`. A run
is allowed a number beyond the limit of one guard; no option switches all guards off.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.documents.yaml.yaml_writer import write_inline
from provisioner.planning.changes import Action, Change
from provisioner.planning.checks.count_limits import deletes, updates
from provisioner.planning.checks.plan_check import Excess, PlanCheck
from provisioner.planning.suspicion.people_likeness import mailbox


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


def _unmatched(check: PlanCheck) -> Iterator[Excess]:
    agents = [identity for identity in check.managed.objects if identity[0] is Kind.AGENT]
    declares_one = any(identity in check.desired.resources for identity in agents)
    if len(agents) >= check.guards.of_kind(Kind.AGENT)["min_population"] and not declares_one:
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
        counts="deletions of a kind, and agents who leave a department with limits of its own",
        limit="`max_delete`, and `max_delete_percent` of the live objects of the kind, or of the "
        "agents of the department",
        excesses=deletes,
    ),
    Guard(
        code="too-many-updates",
        allowance="updates",
        counts="updates of a kind that change more than default values or the domain of an email",
        limit="`max_update_percent` of the live objects of the kind, or of the agents of the "
        "department",
        excesses=updates,
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
