"""Losses of access: the most severe first, and apart by attribution."""

import pytest

from provisioner.address import agent
from provisioner.planning.changes import Attribution
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.markdown import comment
from provisioner.render.markdown.access_sections import loss_section
from provisioner.render.review.losses import LossSeverity, loss_headline
from provisioner.render.review.review import review_of
from provisioner.render.sentences import to_text
from tests import plans

DRIFT = dict.fromkeys(map(agent, ("mia@acme.example", "bob@acme.example")), Attribution.DRIFT)


def leaving(**kept: str) -> Plan:
    """Return a plan by which Mia and Bob lose what is not kept, all of it by earlier drift."""
    names = {"mia": "Mia", "bob": "Bob"}
    before = plans.state(**{k: plans.person(n, Support="tickets chats") for k, n in names.items()})
    after = plans.state(**{k: plans.person(names[k], Support=had) for k, had in kept.items()})
    return plans.plan(before, {**before, **after}, origins=DRIFT)


def test_the_most_severe_come_first() -> None:
    found = [(loss.attribution, loss.severity) for loss in review_of(plans.drifted()).losses]
    assert found == [
        (Attribution.BRANCH, LossSeverity.DELETED),
        (Attribution.BRANCH, LossSeverity.SUSPENDED),
        (Attribution.DRIFT, LossSeverity.LEAVES),
        (Attribution.DRIFT, LossSeverity.SERVICES),
    ]


def test_a_suspension_is_called_one_at_the_place_of_the_person() -> None:
    sue = next(
        loss
        for loss in review_of(plans.drifted()).losses
        if loss.severity is LossSeverity.SUSPENDED
    )
    assert to_text(sue.lost, str) == "is suspended: leaves Billing, leaves Support"
    assert sue.change.source is not None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (plans.drifted(), (True, "1 person deleted, 1 suspended, 2 more by earlier drift")),
        (
            leaving(mia="tickets", bob="chats"),
            (False, "nobody loses access by this branch, 2 people by earlier drift"),
        ),
        (
            leaving(mia="tickets"),
            (False, "nobody loses access by this branch, 1 person by earlier drift"),
        ),
        (plans.typical(), (True, "1 person deleted, 3 lose access")),
        (plans.plan({}, {}), (False, "nobody loses access")),
    ],
)
def test_a_branch_is_not_blamed_for_drift(content: Plan, expected: tuple[bool, str]) -> None:
    assert loss_headline(review_of(content).losses) == expected


def test_the_counts_of_risk_name_deleted_admins() -> None:
    assert review_of(plans.drifted()).risks == ("Risk by this branch: deletes 1 admin.",)


@pytest.mark.no_cover
def test_who_is_deleted_is_named_before_all_others() -> None:
    shown = comment.draw(review_of(plans.many(3_000, departments=1_000)))
    deleted = shown.partition("**Deleted (150):**")[2].partition("\n")[0]
    assert deleted.count("@acme.example") == 150
    assert "and are not listed: 354 lose services." in shown


def test_without_any_room_all_are_counted() -> None:
    shown = loss_section(review_of(plans.many(3_000, departments=1_000)).equal_losses, 0)
    assert "2700 more lose access" in shown
    assert "150 deleted, 2550 lose services" in shown
