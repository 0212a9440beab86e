"""The verdict of a review, and the attribution of changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.address import Address, agent, role
from provisioner.live.state import Surface
from provisioner.planning.attribution.parts import by_attribution
from provisioner.planning.changes import Attribution, Change, FieldChange
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PlanAccount
from provisioner.render.html import html_page
from provisioner.render.markdown import comment
from provisioner.render.review.change_groups import group_changes
from provisioner.render.review.review import Mood, review_of
from provisioner.render.sentences import to_text
from provisioner.render.terminal import plan_text
from tests import plans

MIA = plans.person("Mia", Support="tickets")
BOB = plans.person("Bob", Support="tickets")
LEAD = {role("Lead"): {"name": "Lead", "permissions": {"manage_agents": "grant"}}}
STRIPPED = {role("Lead"): {"name": "Lead", "permissions": {}}}


@pytest.mark.parametrize(
    ("content", "mood", "verdict"),
    [
        (plans.plan({}, {}), Mood.NOTHING, "nothing to change"),
        (plans.plan({}, plans.state(mia=MIA)), Mood.CHANGES, "nobody loses access"),
        (
            plans.plan({}, {}, steps=(plans.step("alias: Mia"),)),
            Mood.CHANGES,
            "nobody loses access by the apply",
        ),
        (plans.plan(plans.state(mia=MIA), {}), Mood.LOSES, "1 person deleted"),
        (plans.plan(plans.state(mia=MIA, bob=BOB), {}), Mood.LOSES, "2 people deleted"),
        (plans.plan(LEAD, STRIPPED), Mood.LOSES, "access is taken away"),
        (
            plans.hostile("x"),
            Mood.REFUSED,
            "refused for 1 reason, 3 gain power, 1 person deleted, 1 loses access",
        ),
    ],
)
def test_the_verdict_comes_first(content: Plan, mood: Mood, verdict: str) -> None:
    review = review_of(content)
    assert (review.mood, to_text(review.verdict, str)) == (mood, verdict)


@pytest.mark.parametrize(
    ("surface", "words"), [(Surface.V3, "API v3"), (Surface.FULL, "extended surface")]
)
@pytest.mark.parametrize("after", [{}, plans.state(mia=MIA)], ids=["nothing", "changes"])
def test_every_format_names_the_account(
    surface: Surface, words: str, after: Mapping[Address, Mapping[str, Any]]
) -> None:
    account = PlanAccount("https://acme.example", "env KEY", name="Acme Support")
    content = replace(plans.plan({}, after, surface=surface), account=account)
    for draw in (plan_text.draw, comment.draw, html_page.draw):
        shown = draw(review_of(content))
        for part in (content.target, "Acme Support", "https://acme.example", words):
            assert part in shown


def moved(*origins: Attribution | None, whole: Attribution | None = None) -> Change:
    change = plans.change(agent("mia@acme.example"), {"name": "M"}, {"name": "Mia"})
    fields = tuple(
        FieldChange((f"field {number}",), 1, 2, attribution=origin)
        for number, origin in enumerate(origins)
    )
    return replace(change, fields=fields, attribution=whole)


def test_a_change_of_both_attributions_is_in_both_groups() -> None:
    mixed = moved(Attribution.BRANCH, Attribution.DRIFT, whole=Attribution.BRANCH)
    branch, drift = group_changes(by_attribution([mixed]))
    assert (branch.attribution, drift.attribution) == (Attribution.BRANCH, Attribution.DRIFT)
    assert [change.fields for change in branch.movers] == [mixed.fields[:1]]
    assert [change.fields for change in drift.movers] == [mixed.fields[1:]]


def test_nothing_is_left_out_where_only_some_have_an_origin() -> None:
    branch, drift = group_changes(
        by_attribution([moved(Attribution.BRANCH, whole=Attribution.BRANCH), moved(None)])
    )
    assert len(branch.movers) == len(drift.movers) == 1


def test_without_a_base_there_is_one_group_without_a_title() -> None:
    (group,) = group_changes(by_attribution([moved(None)]))
    assert group.attribution is None
