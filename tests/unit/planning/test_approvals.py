"""Approvals: the points of a plan, and its reviewers by what it changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.address import Kind, agent, department, role
from provisioner.model.consent import ApprovalPolicy
from provisioner.planning.changes import Attribution
from provisioner.planning.consent.approvals import Approvals, Proposal, needed_approvals
from provisioner.planning.consent.reviewers import owners_of_nothing
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Plan
from tests import plans
from tests.plans import person, state

POINTS = {"owner": 5, "raise": 2, "lower": 1, "delete": 2, "remove": 1, "cover_lost": 3}
POLICY = ApprovalPolicy.of(
    {
        "points": POINTS,
        "need": [{"from": 1, "approvals": 1}, {"from": 5, "approvals": 2}],
        "owners": [
            {"departments": ["Support*"], "reviewers": ["@support"]},
            {"departments": ["Sales"], "fields": ["agents.level"], "reviewers": ["@sales"]},
            {"roles": ["owner", "Lead"], "reviewers": ["@boss", "@it"]},
        ],
    }
)
MIA = {"mia": person("Mia", Support="tickets")}
BOTH = {**MIA, "bob": person("Bob", Support="tickets", Sales="chats")}


def proposal(plan: Plan, settings: int = 0) -> Proposal:
    return Proposal(plan.effective, plan.open_steps, plan.coverage, settings)


def needed(plan: Plan, settings: int = 0, *policies: ApprovalPolicy | None) -> Approvals:
    approvals = needed_approvals(policies or [POLICY], proposal(plan, settings))
    assert approvals is not None
    return approvals


def summary(approvals: Approvals) -> tuple[int, dict[str, int], set[str]]:
    risks = {one.risk: one.points for one in approvals.risks}
    return approvals.required, risks, {one.name for one in approvals.reviewers}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (BOTH, {**BOTH, "mia": person("Maria", Support="tickets")}, (0, {}, {"@support"})),
        # An owner is no raise, too, and reaches out of the department.
        (
            MIA,
            {"mia": person("Mia", "owner", Support="tickets")},
            (2, {"owner": 5}, {"@support", "@boss", "@it"}),
        ),
        (MIA, {"mia": person("Mia", "admin", Support="tickets")}, (1, {"raise": 2}, {"@support"})),
        # All of it stays inside Support, whatever the points.
        (
            {**MIA, "eva": person("Eva", Support="chats")},
            {},
            (1, {"delete": 4, "cover_lost": 6}, {"@support"}),
        ),
        # Bob is in Sales, too, so the lead of Support does not decide alone.
        (
            BOTH,
            {**BOTH, "bob": person("Bob", Sales="chats")},
            (1, {"remove": 1}, {"@support"}),
        ),
        (BOTH, MIA, (2, {"delete": 2, "cover_lost": 3}, {"@support", "@sales"})),
    ],
)  # fmt: skip
def test_points_and_reviewers_follow_from_the_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], expected: tuple[int, Any, Any]
) -> None:
    kept = {department("Support"): {"name": "Support"}, department("Sales"): {"name": "Sales"}}
    plan = plans.plan({**kept, **state(**before)}, {**kept, **state(**after)})
    assert summary(needed(plan)) == expected


def test_a_reviewer_has_the_reason() -> None:
    approvals = needed(
        plans.plan(state(**MIA), state(mia=person("Mia", "owner", Support="tickets")))
    )
    assert [(one.name, one.scope, one.reason) for one in approvals.reviewers] == [
        ("@support", "department Support", "department Support: agent/mia@acme.example"),
        ("@boss", "role owner", "role owner: agent/mia@acme.example"),
        ("@it", "role owner", "role owner: agent/mia@acme.example"),
    ]
    inside = needed(plans.plan(state(**MIA), state(mia=person("Ms M", Support="tickets"))))
    [lead] = inside.reviewers
    assert lead.reason == "the whole plan stays inside of department Support"


def test_manual_steps_count_and_are_reviewed() -> None:
    step = ManualStep(
        agent("mia@acme.example"),
        "Mia",
        manual_step.ROLE,
        ("role: owner",),
        {"role": "owner"},
    )
    same = state(**MIA)
    assert summary(needed(plans.plan(same, same, steps=(step,)))) == (
        2,
        {"owner": 5},
        {"@boss", "@it"},
    )
    new = ManualStep(
        role("Lead"), "Lead", manual_step.ROLE_DEFINITION, ("create",), {"permissions": {}}
    )
    assert summary(needed(plans.plan(same, same, steps=(new,))))[0] == 1
    assert summary(needed(plans.plan(same, same, steps=(replace(new, is_default=True),))))[0] == 0


def test_earlier_drift_does_not_count_and_a_changed_policy_stays_inside_of_nothing() -> None:
    mia = agent("mia@acme.example")
    gone = state(eva=person("Eva", Support="chats"))
    both = {**state(**MIA), **gone}
    drift = plans.plan(both, gone, origins={mia: Attribution.DRIFT})
    assert summary(needed(drift)) == (0, {}, set())
    branch = plans.plan(both, gone, origins={mia: Attribution.BRANCH})
    assert summary(needed(branch))[0] == 1
    policy = replace(POLICY, points={**POINTS, "policy": 3})
    assert summary(needed(branch, 1, policy))[0] == 2


def test_reviewers_of_what_does_not_exist_are_named() -> None:
    names = {Kind.DEPARTMENT: {"Support Berlin", "Sale"}, Kind.ROLE: {"owner", "Leads"}}
    shown = [one.summary for one in owners_of_nothing(POLICY.owners, names)]
    assert shown == [
        'approvals: there is no department "Sales" for @sales to review',
        'approvals: there is no role "Lead" for @boss, @it to review',
    ]


def test_a_branch_cannot_lower_what_its_base_needs() -> None:
    plan = plans.plan(state(**MIA), state(mia=person("Mia", "owner", Support="tickets")))
    weak = ApprovalPolicy.of({"owners": [{"roles": ["owner"], "reviewers": ["@eve"]}]})
    for policies in ([weak, POLICY], [None, POLICY]):
        approvals = needed(plan, 1, *policies)
        assert approvals.required == 2
        assert {"@support", "@boss"} <= {one.name for one in approvals.reviewers}
    assert needed_approvals([None, None], proposal(plan)) is None
