"""Every format of every plan shows the waivers that hold, also if there is nothing to change."""

from dataclasses import replace

import pytest

from provisioner.diagnostics import Span
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.waiving import HELD_WAIVERS, HeldWaiver, held_waiver_of
from provisioner.render.html import html_page
from provisioner.render.markdown import comment
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text
from tests import plans

LONG = HeldWaiver(
    rule="company-emails",
    object="agents",
    reason="people of <the> `vendor`",
    until="2027-06-30",
    who="Olga Berg",
    ends_soon=False,
    covers=("agent/a@other.example", "agent/b@other.example"),
    source=Span("provisioner.yaml", 9, 1),
)
SOON = replace(
    LONG,
    rule="two",
    object="department/Support",
    until="2027-01-31",
    ends_soon=True,
    who="",
    covers=("department/Support",),
)
UNNEEDED = replace(LONG, rule="three", covers=())

EMPTY = plans.plan({}, {})


@pytest.mark.parametrize("content", [EMPTY, plans.typical()], ids=["empty", "typical"])
def test_each_format_shows_them(content: Plan) -> None:
    review = review_of(replace(content, waivers=(LONG, UNNEEDED, SOON)))
    text = plan_text.draw(review)
    assert text.index("two for department/Support until 2027-01-31, which is soon: people") < (
        text.index("company-emails for agents until 2027-06-30: people of <the> `vendor` (Olga Ber")
    )
    assert "; needed for agent/a@other.example, agent/b@other.example  provisioner.yaml:9" in text
    assert "(Olga Berg); not needed" in text
    assert "Waived rules" in plan_text.draw(review, summary=True)
    markdown, html = comment.draw(review), html_page.draw(review)
    assert "### Waived rules (3)" in markdown
    assert "`` people of <the> `vendor` ``" in markdown
    assert "Waived rules" in html
    assert "people of &lt;the&gt; `vendor`" in html
    assert "Waived" not in plan_text.draw(review_of(content))


def test_their_data_can_be_read_back() -> None:
    for one in (LONG, SOON):
        data = one.as_data()
        HELD_WAIVERS([data])
        assert held_waiver_of(data) == one
