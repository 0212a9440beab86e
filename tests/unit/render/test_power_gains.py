"""Who gains power: by an apply, by a role that grants more, and by a person in the panel."""

from dataclasses import replace

from provisioner.address import agent, role
from provisioner.planning.manual import manual_step
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.review.review import review_of
from provisioner.render.sentences import to_text
from tests import plans

ANN, BOB, LEAD = agent("ann@acme.example"), agent("bob@acme.example"), role("Lead")


def shown(plan: Plan) -> list[tuple[str, str, str, bool]]:
    return [
        (
            str(gain.change.address),
            to_text(gain.before, str),
            to_text(gain.after, str),
            gain.by_hand,
        )
        for gain in review_of(plan).gains
    ]


def test_owners_come_before_admins_and_new_people_had_nothing() -> None:
    plan = plans.plan(
        {ANN: plans.person("Ann")},
        {ANN: plans.person("Ann", "admin"), BOB: plans.person("Bob", "owner")},
    )
    assert shown(plan) == [
        (str(BOB), "new", "owner", False),
        (str(ANN), "agent", "admin", False),
    ]


def test_a_role_names_what_it_gains_and_who_has_it() -> None:
    ann = plans.person("Ann", "Lead")
    before = {LEAD: {"name": "Lead", "permissions": {"own_chats": "grant"}}, ANN: ann}
    after = {LEAD: {"name": "Lead", "permissions": {"own_chats": "grant", "x": "grant"}}, ANN: ann}
    assert shown(plans.plan(before, after)) == [(str(LEAD), "", "gains x, for Ann", False)]


def test_a_role_that_a_person_gives_counts() -> None:
    step = replace(
        plans.step("set the role", "Ann"),
        address=ANN,
        section=manual_step.ROLE,
        values={"role": "Lead"},
    )
    before = {ANN: plans.person("Ann")}
    plan = plans.plan(before, before, steps=(step,))
    assert shown(plan) == [(str(ANN), "agent", "Lead (by hand)", True)]
    assert "1 gains power, 1 of them by hand" in to_text(review_of(plan).verdict, str)
