"""Golden renderings: one plan in every format, from a one-line change to 500 changed agents.

The style and the script of the HTML are masked: they are files of their own.
"""

import re
from pathlib import Path

import pytest

from provisioner.address import agent
from provisioner.live.state import Surface
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.html import html_page
from provisioner.render.markdown import comment
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text
from tests import plans

FOLDER = Path(__file__).parent
ASSET = re.compile(r"(?s)(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|sha256-[\w+/=]+")

MIA = agent("mia@acme.example")


def one_line() -> Plan:
    before = plans.state(mia=plans.person("Mia Chen", Support="tickets chats"))
    return plans.plan(before, {**before, MIA: {**before[MIA], "alias": "Mia"}})


def on_v3() -> Plan:
    before = plans.state(mia=plans.person("Mia Chen", Support="tickets"))
    after = plans.state(mia=plans.person("Mia Chen", Support="chats"))
    return plans.plan(before, after, surface=Surface.V3, steps=(plans.step("alias: Mia"),))


PLANS = {
    "nothing": lambda: plans.plan({}, {}),
    "one-line": one_line,
    "typical": plans.typical,
    "with-base": plans.with_base,
    "drifted": plans.drifted,
    "by-hand": plans.by_hand,
    "v3": on_v3,
    "markup": lambda: plans.hostile("<b>x</b> [a](https://evil.example) @everyone #123 | `x`"),
    "unseen": lambda: plans.hostile("\u202eabc\u2066 \x1b[31mred\x1b[0m \u200b"),
    "long-name": lambda: plans.hostile("ab" * 4_500),
    "80-agents": lambda: plans.many(80),
    "500-agents": lambda: plans.many(500),
    "3000-losses": lambda: plans.many(3_000, departments=1_000),
}
LONG = {"500-agents", "3000-losses"}
"""What only the comment shortens: the other formats show all of it, as of 80 agents."""


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_shown_as_reviewed(name: str, *, update_golden: bool) -> None:
    review = review_of(PLANS[name]())
    shown = {".md": comment.draw(review)}
    if name not in LONG:
        shown |= {".txt": plan_text.draw(review, width=100)}
        shown |= {".html": ASSET.sub("…", html_page.draw(review))}
    for ending, text in shown.items():
        file = FOLDER / f"{name}{ending}"
        if update_golden:
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")
