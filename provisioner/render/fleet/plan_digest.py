"""Reduces the plan of an account to what the report of a fleet shows."""

from collections.abc import Iterator

from provisioner.address import Kind
from provisioner.fleet.account_task import PlanDigest, PlanSeverity
from provisioner.planning.changes import Action
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.review.equal_changes import shown_name
from provisioner.render.review.losses import LossGroup
from provisioner.render.review.power_gains import PowerGain
from provisioner.render.review.review import Review, counts_by_verb
from provisioner.render.review.titles import where_text
from provisioner.render.sentences import Quoted, Sentence, name_list

SHOWN = 10
"""The gains and the losses of an account that the report of a fleet names; others are counted."""


def severity_of(review: Review) -> PlanSeverity:
    """Return how much a plan needs the eyes of a reviewer."""
    plan = review.plan
    if plan.refused:
        return PlanSeverity.REFUSED
    if review.gains:
        return PlanSeverity.GAINS
    if review.losses:
        return PlanSeverity.LOSES
    return PlanSeverity.UNCHANGED if plan.settled else PlanSeverity.CHANGES


def digest_of(review: Review) -> PlanDigest:
    """Return a plan in short."""
    gains, losses = review.gains, review.equal_losses
    return PlanDigest(
        title=where_text(review.plan),
        verdict=review.verdict,
        counts=review.counts,
        gains=tuple(map(_gain, gains[:SHOWN])),
        losses=tuple(map(_loss, losses[:SHOWN])),
        more_gains=len(gains[SHOWN:]),
        more_losses=sum(len(group.losses) for group in losses[SHOWN:]),
        notes=tuple(_notes(review)),
        numbers=_numbers(review),
    )


def _gain(gain: PowerGain) -> Sentence:
    before = (*gain.before, " → ") if gain.before else ()
    return Quoted(shown_name(gain.change)), ": ", *before, *gain.after


def _loss(group: LossGroup) -> Sentence:
    names = name_list([shown_name(loss.change) for loss in group.losses])
    return *names, ": ", *group.lost


def _notes(review: Review) -> Iterator[Sentence]:
    """Yield what the counts leave out: consent, and access that the files do not own."""
    yield from review.consent
    if review.plan.settled:
        yield from review.headlines
    for sentence, _place in review.policy:
        yield "Policy: ", *sentence


def _numbers(review: Review) -> dict[str, int]:
    plan = review.plan
    verbs = {verb: kinds.total() for verb, kinds in counts_by_verb(plan)}
    return {
        **verbs,
        "gain_power": len(review.gains),
        "lose_access": len(review.losses),
        "manual_steps": len(plan.open_steps),
        "declared": len(plan.changes),
        "agents": _agents(plan),
        "requests": plan.requests.total if plan.effective else 0,
    }


def _agents(plan: Plan) -> int:
    return sum(
        change.address.kind is Kind.AGENT and change.action is not Action.DELETE
        for change in plan.changes
    )
