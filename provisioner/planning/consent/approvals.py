"""Approvals: how many a plan needs by its risk, and who reviews it by what it changes.

A plan only states this. The platform of the pull request asks the reviewers and holds the merge.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Identity, fold
from provisioner.documents.schema.shapes import number, record, sequence, text
from provisioner.model.consent import ApprovalPolicy
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.attribution.parts import by_attribution, lost_coverage
from provisioner.planning.changes import Attribution, Change, Risk
from provisioner.planning.consent.confirmations import becomes_owner, lost_cover
from provisioner.planning.consent.reviewers import (
    Reviewer,
    confined_to,
    reviewers_of,
    touched_parts,
)
from provisioner.planning.coverage import Coverage
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep

APPROVAL_SHAPES = {
    "required_approvals": number(),
    "approval_points": sequence(record({"risk": text, "count": number(), "points": number()})),
    "reviewers": sequence(record({"reviewer": text, "for": text, "reason": text}, closed=True)),
}
"""The keys of a plan's JSON that hold its approvals."""

_POINTS = {
    Risk.RAISES_RIGHTS: "raise",
    Risk.LOWERS_RIGHTS: "lower",
    Risk.DELETES: "delete",
    Risk.REMOVES_ACCESS: "remove",
}
"""The name in `approvals.points` of each risk that a change has."""


@dataclass(frozen=True, slots=True)
class RiskPoints:
    """The points of one risk of a plan.

    Attributes:
        risk: its name in `approvals.points`.
        count: how often the plan has it.
        points: the points of all of them.
    """

    risk: str
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals that a plan needs.

    Attributes:
        required: how many people must approve it; with 0 the reviewers are only asked.
        risks: the risks that have points, with the most points first.
        reviewers: who reviews it, sorted by scope.
    """

    required: int
    risks: tuple[RiskPoints, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()

    @property
    def points(self) -> int:
        """The points of the plan."""
        return sum(one.points for one in self.risks)

    def as_data(self) -> dict[str, Any]:
        """Return the approvals as the keys of a plan's JSON."""
        return {
            "required_approvals": self.required,
            "approval_points": [
                {"risk": one.risk, "count": one.count, "points": one.points} for one in self.risks
            ],
            "reviewers": [
                {"reviewer": one.name, "for": one.scope, "reason": one.reason}
                for one in self.reviewers
            ],
        }


def approvals_in(data: Mapping[str, Any]) -> Approvals | None:
    """Return the approvals in the JSON data of a plan; None for a plan without any."""
    if "required_approvals" not in data:
        return None
    return Approvals(
        int(data["required_approvals"]),
        tuple(RiskPoints(**entry) for entry in data.get("approval_points", ())),
        tuple(
            Reviewer(entry["reviewer"], entry["for"], entry["reason"])
            for entry in data.get("reviewers", ())
        ),
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """The part of a plan that its reviewers decide on.

    Attributes:
        changes: the changes that apply makes.
        steps: the open manual steps.
        coverage: the coverage before and after the changes.
        settings: how many settings the branch changes.
        later: what the branch adds to later days.
    """

    changes: Sequence[Change]
    steps: Sequence[ManualStep]
    coverage: Coverage
    settings: int = 0
    later: Sequence[Change] = ()

    def without_drift(self) -> "Proposal":
        """Return the proposal of the branch: earlier drift is only put back as it was approved."""
        drift = Attribution.DRIFT
        parts = by_attribution(self.changes)
        changes = [change for origin, part in parts if origin is not drift for change in part]
        steps = [step for step in self.steps if step.attribution is not drift]
        taken = {(fold(name), one) for change in changes for name, one in lost_coverage(change)}
        cells = (one for one in self.coverage.cells if (fold(one.department), one.service) in taken)
        coverage = replace(self.coverage, cells=tuple(cells))
        return replace(self, changes=changes, steps=steps, coverage=coverage)


def needed_approvals(
    policies: Iterable[ApprovalPolicy | None], proposal: Proposal
) -> Approvals | None:
    """Return the approvals that a plan needs; None if no policy asks for any.

    The policies are those of the branch and of its base: a branch can't lower what it needs.
    """
    asked = [policy for policy in policies if policy is not None]
    if not asked:
        return None
    branch = proposal.without_drift()
    needs = [_approvals(policy, branch) for policy in asked]
    most = max(needs, key=lambda one: (one.required, one.points))
    reviewers = {reviewer for one in needs for reviewer in one.reviewers}
    return replace(most, reviewers=tuple(sorted(reviewers, key=lambda r: (r.scope, r.name))))


def _approvals(policy: ApprovalPolicy, proposal: Proposal) -> Approvals:
    counts = Counter(_risks(proposal))
    risks = [
        RiskPoints(risk, counts[risk], counts[risk] * points)
        for risk, points in policy.points.items()
        if counts[risk] * points
    ]
    ordered = tuple(sorted(risks, key=lambda one: (-one.points, one.risk)))
    required = policy.approvals_for(sum(one.points for one in ordered))
    touched = [*touched_parts((*proposal.changes, *proposal.later), proposal.steps)]
    leads = () if proposal.settings else confined_to(policy.owners, touched)
    if leads:
        # Their lead knows the people and the work, so nobody else needs to approve it.
        return Approvals(min(required, 1), ordered, leads)
    return Approvals(required, ordered, reviewers_of(policy.owners, touched))


def _risks(proposal: Proposal) -> Iterator[str]:
    """Yield the name in `approvals.points` of each risk of a proposal.

    A risk counts once for an object, also if more days have it.
    """
    risks: dict[Identity, set[str]] = defaultdict(set)
    for change in (*proposal.changes, *proposal.later):
        risks[change.address.identity] |= _change_risks(change)
    for names in risks.values():
        yield from names
    for step in proposal.steps:
        yield "change"
        if step.section == manual_step.ROLE and step.values["role"] != BUILT_IN_ROLES[0]:
            yield "owner" if step.values["role"] == BUILT_IN_ROLES[-1] else "raise"
        elif step.section == manual_step.ROLE_DEFINITION:
            yield "raise"
    yield from ("cover_lost" for _ in lost_cover(proposal.coverage))
    yield from ("policy" for _ in range(proposal.settings))


def _change_risks(change: Change) -> set[str]:
    risks = {"change", *(_POINTS[risk] for risk in change.risk if risk in _POINTS)}
    return (risks - {"raise"}) | {"owner"} if becomes_owner(change) else risks
