"""No text that a stranger could choose changes what a plan looks like, whatever its format."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from provisioner.address import agent, fold
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.plans import plan_file
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data
from provisioner.render import readable
from provisioner.render.html import html_page
from provisioner.render.json_text import json_text
from provisioner.render.markdown import comment, manual_steps
from provisioner.render.markdown.foreign_text import cell, code
from provisioner.render.review.equal_changes import shown_name
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text, work_text
from tests import plans
from tests.effort import examples
from tests.manual_work import BEN, LI, MIA, creation, load, membership, signature

GITHUB = 65_536
"""Characters that GitHub takes in a comment."""

TRICKS = [
    "[link](https://evil.example) ![](https://evil.example/x.png)",
    "https://evil.example www.evil.example mia@evil.example <https://evil.example>",
    "@everyone @acme/support #123 GH-1 !5 acme/repo#7 :tada:",
    "<script>alert(1)</script><img src=x onerror=alert(1)><!-- x -->",
    "</details></table>&lt;b&gt;&#64;x",
    "a | b \\| c \\\\| d \\",
    "`x` ``y`` ``` ~~~ `",
    "`",
    " ` ",
    "\\`",
    "$`x`$ $$y$$",
    "# title\n\n- [ ] item\n> quote\n\n| a |\n|---|\n",
    "\u202ereversed\u2066 \u200bzero\ufeff",
    "\x1b[31mred\x1b[0m\x07\x9b1m",
    "---\n***\n===",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "'\"><b onmouseover=alert(1)>",
    "x" * 10_000,
    "\U0001f600 e\u0301 \u2028 \ufffe",
]

TEXTS = st.one_of(
    st.sampled_from(TRICKS),
    st.lists(st.sampled_from([*TRICKS, *"`|\\@#<>&*_[]()!~-+ \n"]), min_size=1, max_size=4).map(
        "".join
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
)
FORMATS: list[Callable[[Plan], str]] = [
    lambda plan: plan_text.draw(review_of(plan)),
    lambda plan: comment.draw(review_of(plan)),
    lambda plan: html_page.draw(review_of(plan)),
    lambda plan: json_text(plan_data(plan)),
]
LIMITED = settings(max_examples=examples(12))


def strange(text: str) -> bool:
    """Return whether a text can be the name of an object."""
    return bool(text.strip()) and fold(text) not in {*BUILT_IN_ROLES, "x"}


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


FOREIGN = {"inline", "code_inline", "text", "fence", "text_special"}
"""The tokens that may contain text from outside."""


def skeleton(content: str) -> list[tuple[str, str, str]]:
    """Return what a comment is made of, without text and code spans."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    assert content.startswith("<!-- provisioner-")
    body = content.partition("\n")[2]
    return [
        (token.type, token.tag, token.content)
        for token in walk(parser.parse(body))
        if token.type not in FOREIGN
    ]


FOREIGN_ATTRIBUTES = {"aria-label", "data-words"}
"""The attributes that may contain text from outside."""


class Tags(HTMLParser):
    """Collects the tags of a page, with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, object]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [pair for pair in attrs if pair[0] not in FOREIGN_ATTRIBUTES]))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", None))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", data))

    def handle_data(self, data: str) -> None:
        self.text += data


def harmless(content: str) -> bool:
    return all(readable.harmless(line) == line for line in content.split("\n"))


@LIMITED
@given(name=TEXTS)
@example(TRICKS[-2])
def test_no_name_changes_what_a_comment_is_made_of(name: str) -> None:
    assume(strange(name))
    content = comment.draw(review_of(plans.hostile(name[:300], 2)))
    made = skeleton(content)
    same = re.sub(r"[^\n]", "x", name[:300])  # texts are shown line by line
    assert made == skeleton(comment.draw(review_of(plans.hostile(same, 2))))
    assert {kind for kind, _, _ in made} & {"link_open", "image", "html_inline"} == set()
    assert harmless(content)


@LIMITED
@given(name=TEXTS)
def test_no_name_changes_what_a_page_is_made_of(name: str) -> None:
    assume(strange(name))
    page = Tags(html_page.draw(review_of(plans.hostile(name, 2))))
    same = re.sub(r"[^\n]", "x", name)  # texts are shown line by line
    assert page.tags == Tags(html_page.draw(review_of(plans.hostile(same, 2)))).tags
    assert readable.brief(name, html_page.LONGEST) in page.text.replace("\n", "\n")
    assert harmless(html_page.draw(review_of(plans.hostile(name, 2))))


@LIMITED
@given(name=TEXTS, width=st.none() | st.integers(1, 200))
def test_no_name_moves_the_cursor_of_a_terminal(name: str, width: int | None) -> None:
    shown = plan_text.draw(review_of(plans.hostile(name, 2)), width=width)
    assert harmless(shown)
    if width is None:
        same = re.sub(r"[^\n]", "x", name)  # a signature is shown line by line
        assert shown.count("\n") == plan_text.draw(review_of(plans.hostile(same, 2))).count("\n")


def work_of(text: str) -> Plan:
    """Return a plan with one text in every place of its manual steps."""
    steps = (
        membership(agent(f"{text}@acme.example"), [text], [f"{text} 2"]),
        *(replace(signature(who, f"{text}\n{text}"), name=text, hint=text) for who in (BEN, MIA)),
        replace(load(LI, 3), name=text, then=(text,)),
        *(creation(who, text) for who in (BEN, MIA)),
    )
    return replace(plans.hostile(text), manual_steps=steps)


@LIMITED
@given(name=TEXTS)
def test_no_name_changes_what_a_work_list_is_made_of(name: str) -> None:
    assume(strange(name))
    assert len(manual_steps.draw(work_of(name)).encode()) <= manual_steps.LIMIT < GITHUB
    content = work_of(name[:300])
    shown = manual_steps.draw(content)
    assert skeleton(shown) == skeleton(manual_steps.draw(work_of("x" * min(len(name), 300))))
    assert harmless(shown)
    assert harmless(work_text.draw(content))


def named(content: Plan, shown: str) -> int:
    """Return how many of those who lose access a comment names."""
    section = shown.partition("### Loses access")[2].partition("\n### ")[0]
    rows = section.split("\n")
    names = [
        {
            code(loss.change.address.key),
            code(str(loss.change.address)),
            cell(shown_name(loss.change)),
        }
        for loss in review_of(content).losses
    ]
    return sum(any(name in row for name in own for row in rows) for own in names)


@settings(max_examples=examples(8))
@given(name=TEXTS, others=st.integers(0, 120))
def test_a_comment_is_under_the_limit_and_names_who_loses_access(name: str, others: int) -> None:
    content = plans.hostile(name, others)
    shown = comment.draw(review_of(content))
    assert len(shown.encode()) <= comment.LIMIT < GITHUB
    assert f"### Loses access ({others + 2})" in shown
    assert "and are not listed" not in shown


@pytest.mark.parametrize("number", [1, 500, 3000])
def test_a_comment_counts_those_for_whom_there_is_no_room(number: int) -> None:
    content = plans.many(number, departments=3)
    shown = comment.draw(review_of(content))
    assert len(shown.encode()) <= comment.LIMIT
    hidden = re.search(r"\*\*(\d+) more lose access", shown)
    assert named(content, shown) + int(hidden[1] if hidden else 0) == len(review_of(content).losses)


def saved(content: Plan) -> Plan:
    """Return a plan as it comes out of a file, where all keys are sorted."""
    lines = plan_file.save(content, plans.basis_of(content))
    return plan_file.load("".join(lines))[0]


@pytest.mark.parametrize(
    "content",
    [plans.typical(), plans.with_base(), plans.drifted(), plans.by_hand(), plans.many(40)],
)
def test_a_saved_plan_is_shown_like_a_fresh_one(content: Plan) -> None:
    known = plans.with_ids(content)
    for show in FORMATS:
        assert show(saved(known)) == show(known)


DAYS = st.dictionaries(
    st.sampled_from(["wed", "mon", "sun", "fri", "tue"]),
    st.sampled_from(["08:00-12:00", "09:00-17:00"]),
    min_size=1,
)
AGENTS = st.fixed_dictionaries(
    {
        "name": st.just("Mia"),
        "role": st.sampled_from(["agent", "admin"]),
        "sounds": st.dictionaries(st.sampled_from(["new_chat", "all"]), st.just("muted")),
        "departments": st.dictionaries(
            st.sampled_from(["Team 10", "Team 2", "b", "A"]),
            st.fixed_dictionaries({name: st.booleans() for name in ("tickets", "chats", "calls")}),
        ),
        "hours": st.dictionaries(
            st.sampled_from(["Team 10", "b"]),
            st.dictionaries(st.sampled_from(["tickets", "chats", "calls"]), DAYS, min_size=1),
        ),
    }
)


@LIMITED
@given(before=st.none() | AGENTS, after=st.none() | AGENTS)
def test_no_order_of_a_file_changes_what_is_shown(
    before: dict[str, object] | None, after: dict[str, object] | None
) -> None:
    mia = agent("mia@acme.example")
    states = [{mia: values} if values else {} for values in (before, after)]
    content = plans.with_ids(plans.plan(*states))
    for show in FORMATS:
        assert show(saved(content)) == show(content)
