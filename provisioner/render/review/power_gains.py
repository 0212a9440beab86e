"""People and roles that gain power by a plan: by name, with what they had and what they get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.address import Kind, fold
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.attribution.parts import Part
from provisioner.planning.changes import Action, Attribution, Change, Risk
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render import readable
from provisioner.render.review.change_texts import Place, declared_at, source_text
from provisioner.render.review.equal_changes import shown_name
from provisioner.render.sentences import Quoted, Sentence, name_list

TITLE = "Gains power"

NEW = "new"
"""What somebody was before a creation."""


@dataclass(frozen=True, slots=True)
class PowerGain:
    """One agent or role that may do more after the plan.

    Attributes:
        change: the change.
        before: the role before; `new` for an account that is created; empty for a role.
        after: the role after; for a role, the permissions that it gains.
        place: the place in the files that declares it.
        attribution: branch or earlier drift; None if the plan was made without a base.
        by_hand: whether a person gives it in the panel, and not the apply.
        permissions: all permissions that a role gains; `after` may only count some of them.
        holders: all people who have the role, by name.
    """

    change: Change
    before: Sentence
    after: Sentence
    place: Place
    attribution: Attribution | None
    by_hand: bool = False
    permissions: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()


def power_gains(
    parts: Iterable[Part], declared: Sequence[Change], steps: Iterable[ManualStep] = ()
) -> tuple[PowerGain, ...]:
    """Return who gains power, the most powerful first.

    Args:
        parts: the effective changes by attribution.
        declared: all changes of the plan, no-ops too: they show who has a role that gains.
        steps: the open manual steps, some of which give a role to somebody.
    """
    holders: dict[str, list[str]] = {}
    for change in declared:
        if change.address.kind is Kind.AGENT and change.after:
            role = fold(str(change.after.get("role", "")))
            holders.setdefault(role, []).append(shown_name(change))
    gains = [
        _gain(change, attribution, holders)
        for attribution, changes in parts
        for change in changes
        if Risk.RAISES_RIGHTS in change.risk
    ]
    by_address = {change.address: change for change in declared}
    gains += [
        _by_hand(by_address[step.address], step)
        for step in steps
        if step.section == manual_step.ROLE
        and step.address in by_address
        and step.values["role"] != BUILT_IN_ROLES[0]
    ]
    return tuple(sorted(gains, key=_rank))


def _by_hand(change: Change, step: ManualStep) -> PowerGain:
    """Return the gain of somebody to whom a person gives a role in the panel."""
    former = (change.before or {}).get("role", "")
    before: Sentence = (Quoted(readable.value(former)),) if former else (NEW,)
    after = (Quoted(step.values["role"]), " (by hand)")
    place = source_text(step.source)
    return PowerGain(change, before, after, place, step.attribution, by_hand=True)


def gain_headline(gains: Sequence[PowerGain]) -> str:
    """Return how many people and roles gain power: `2 gain power`; "" for none."""
    number = len(gains)
    by_hand = sum(gain.by_hand for gain in gains)
    words = f"{number} gain{'s' if number == 1 else ''} power"
    words += f", {by_hand} of them by hand" if by_hand else ""
    return words if number else ""


def _rank(gain: PowerGain) -> tuple[bool, int, str]:
    """Return the key to sort by: this branch first, then owners, admins and custom roles."""
    role = (gain.change.after or {}).get("role", "")
    order = BUILT_IN_ROLES.index(role) if role in BUILT_IN_ROLES else 0
    return gain.attribution is Attribution.DRIFT, -order, str(gain.change.address)


def _gain(
    change: Change, attribution: Attribution | None, holders: Mapping[str, Sequence[str]]
) -> PowerGain:
    before, after = change.before or {}, change.after or {}
    place = next((declared_at(f) for f in change.fields if f.path[0] in _FIELDS), Place())
    place = place or declared_at(change)
    if change.address.kind is Kind.ROLE:
        gained = tuple(sorted(_granted(after) - _granted(before)))
        names = tuple(holders.get(change.address.identity[1], ()))
        people: Sentence = (", for ", *name_list(names)) if names else ()
        text = ("gains ", *name_list(gained), *people)
        return PowerGain(change, (), text, place, attribution, permissions=gained, holders=names)
    role = Quoted(readable.value(after.get("role", BUILT_IN_ROLES[0])))
    if change.action is Action.CREATE:
        return PowerGain(change, (NEW,), (role,), place, attribution)
    former = readable.value(before.get("role", BUILT_IN_ROLES[0]))
    if former == role:
        return PowerGain(change, (), (role, " grants more"), place, attribution)
    return PowerGain(change, (Quoted(former),), (role,), place, attribution)


_FIELDS = frozenset({"role", "permissions"})


def _granted(attributes: Mapping[str, Any]) -> set[str]:
    permissions = attributes.get("permissions") or {}
    return {name for name, state in permissions.items() if state == "grant"}
