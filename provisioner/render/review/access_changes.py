"""Access that a plan raises or lowers, and the counts of risky changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.address import Kind
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.attribution.parts import Part
from provisioner.planning.changes import Action, Attribution, Change, Risk
from provisioner.render import readable
from provisioner.render.review.change_texts import BY
from provisioner.render.review.losses import lost_access
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

_TITLES = {
    Risk.RAISES_RIGHTS: "More rights",
    Risk.LOWERS_RIGHTS: "Fewer rights",
    Risk.LOGS_OUT: "Logged out",
}
_PHRASES = {
    Risk.RAISES_RIGHTS: "more rights for",
    Risk.LOWERS_RIGHTS: "fewer rights for",
    Risk.LOGS_OUT: "logs out",
}


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What one change gives to an agent or a role, and what it takes away.

    Attributes:
        attribution: branch or earlier drift; None if the plan was made without a base.
        change: the change.
        raised: a sentence about what it gives; empty for nothing.
        lowered: a sentence about what it takes away; empty for nothing.
    """

    attribution: Attribution | None
    change: Change
    raised: Sentence
    lowered: Sentence


def access_changes(parts: Iterable[Part]) -> tuple[AccessChange, ...]:
    """Return the changes that raise or lower access."""
    rows = (
        AccessChange(attribution, change, joined(_raised(change)), joined(lost_access(change)))
        for attribution, changes in parts
        for change in changes
    )
    return tuple(row for row in rows if row.raised or row.lowered)


def _raised(change: Change) -> Iterator[Sentence]:
    before, after = change.before or {}, change.after or {}
    if Risk.RAISES_RIGHTS in change.risk:
        old, new = (readable.value(side.get("role", "agent")) for side in (before, after))
        if change.action is Action.CREATE and change.address.kind is Kind.AGENT:
            yield "role ", Quoted(new)
        else:
            yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants more",)
    if change.action is Action.CREATE:
        for name, entry in readable.ordered(after.get("departments", {})):
            yield "joins ", Quoted(readable.membership(name, entry))
    gained: dict[str, list[str]] = {}
    for field in change.fields:
        match field.path:
            case ("departments", name) if field.before is None:
                yield "joins ", Quoted(readable.membership(name, field.after))
            case ("departments", name, service) if service in SERVICES and field.after:
                gained.setdefault(name, []).append(service)
    for name, services in gained.items():
        new_services = " and ".join(service for service in SERVICES if service in services)
        yield f"{new_services} from ", Quoted(name)


def rights_sentences(parts: Iterable[Part]) -> Iterator[Sentence]:
    """Yield the names of those who get more or fewer rights, and who is logged out."""
    for attribution, changes in parts:
        for risk, title in _TITLES.items():
            names = [str(change.address) for change in changes if risk in change.risk]
            if names:
                yield f"{title}{BY[attribution]}: ", *name_list(names), "."


def risk_lines(parts: Iterable[Part]) -> Iterator[str]:
    """Yield the counts of risky changes, in one line for each attribution."""
    for attribution, changes in parts:
        roles = Counter(
            (change.before or {}).get("role")
            for change in changes
            if change.action is Action.DELETE and change.address.kind is Kind.AGENT
        )
        counts = [
            f"deletes {readable.count(roles[role], role)}"
            for role in BUILT_IN_ROLES[:0:-1]
            if roles[role]
        ]
        counts += [
            f"{phrase} {number}"
            for risk, phrase in _PHRASES.items()
            if (number := sum(risk in change.risk for change in changes))
        ]
        if counts:
            yield f"Risk{BY[attribution]}: {', '.join(counts)}."
