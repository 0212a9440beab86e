"""Counts of risky changes."""

from collections import Counter
from collections.abc import Iterable, Iterator

from provisioner.address import Kind
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.attribution.parts import Part
from provisioner.planning.changes import Action, Risk
from provisioner.render import readable
from provisioner.render.review.change_texts import BY

_PHRASES = {
    Risk.RAISES_RIGHTS: "more rights for",
    Risk.LOWERS_RIGHTS: "fewer rights for",
    Risk.LOGS_OUT: "logs out",
}


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
