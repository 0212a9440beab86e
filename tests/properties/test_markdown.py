"""Foreign text in Markdown is what it was, for the parsers of GitHub and of GitLab."""

import re
from html.parser import HTMLParser

import cmarkgfm
import comrak
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioner.render import readable
from provisioner.render.markdown import comment
from provisioner.render.markdown.foreign_text import cell, quoted
from provisioner.render.review.review import review_of
from tests import plans
from tests.properties.test_reports import LIMITED, TEXTS, strange

WORDS = st.text(
    st.sampled_from("ab1 _*[](){}<>|\\`'.,;:-+/#@!~$%^&=\"éŁ字\u0301"), min_size=1, max_size=30
)
"""Texts of few characters, so that markup comes about by chance."""


def github(text: str) -> str:
    """Return Markdown as GitHub's parser renders it."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(text)
    return html


def gitlab(text: str) -> str:
    """Return Markdown as GitLab's parser renders it, with what GitLab adds to it."""
    options = comrak.ExtensionOptions()
    for name in (
        "autolink",
        "footnotes",
        "math_code",
        "math_dollars",
        "multiline_block_quotes",
        "shortcodes",
        "strikethrough",
        "table",
        "tasklist",
        "wikilinks_title_before_pipe",
    ):
        setattr(options, name, True)
    html: str = comrak.render_markdown(text, extension_options=options)
    return html


PARSERS = (github, gitlab)


class Page(HTMLParser):
    """Collects the tags of a rendered text, apart from code spans, and its text outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, object]] = []
        self.outside = self.text = ""
        self._in_code = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        if tag != "code":
            self.tags.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"
        if tag != "code":
            self.tags.append((f"/{tag}", None))

    def handle_data(self, data: str) -> None:
        self.text += data
        if not self._in_code:
            self.outside += data


LIVELY = re.compile(
    r"@|://|www\.|[#!~$%&]\d|\b[A-Z][A-Z0-9]+-\d|:[a-z0-9_+-]*[a-z][a-z0-9_+-]*:|\b(?=\w*\d)[0-9a-f]{7,40}\b",
    re.IGNORECASE,
)
"""What platforms turn into links, mentions, references or emoji after rendering."""


@pytest.mark.parametrize("parser", PARSERS)
@LIMITED
@given(text=st.one_of(TEXTS, WORDS))
@example("Mia Chen")
@example("Anna *Star* [x](y) _z_")
@example("GH-123 1f0c2a9b www.x")
def test_a_text_is_shown_as_it_is(parser: object, text: str) -> None:
    assert callable(parser)
    for markdown in (f"- {quoted(text, 999)}\n", f"| a |\n| --- |\n| {cell(text, 999)} |\n"):
        page = Page(parser(markdown))
        assert {tag for tag, _ in page.tags if tag[0] != "/"} <= _BLOCKS
        assert not LIVELY.search(page.outside)
    shown = Page(parser(f"- {quoted(text, 999)}\n")).text.strip()
    whole = readable.harmless(text)
    assert shown == (whole[:999] + "…" * (len(whole) > 999)).strip()


_BLOCKS = {"ul", "li", "p", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mia Chen", "Mia Chen"),
        ("Support (tickets, chats)", "Support (tickets, chats)"),
        ("max_load 3", "max_load 3"),
        ("chats mon-fri 09:00-17:00", "chats mon-fri 09:00-17:00"),
        ("Zuzana Horváthová", "Zuzana Horváthová"),
        ("Anna *Star* | Sales", r"Anna \*Star\* \| Sales"),
        ("mia@acme.example", "`mia@acme.example`"),
        ("acme/support#7", "`acme/support#7`"),
        ("GH-123", "`GH-123`"),
        ("1f0c2a9b", "`1f0c2a9b`"),
    ],
)
def test_words_need_no_code_span(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize("parser", PARSERS)
@LIMITED
@given(name=TEXTS)
def test_no_name_changes_a_comment_on_a_platform(parser: object, name: str) -> None:
    if not strange(name):
        return
    assert callable(parser)
    same = re.sub(r"[^\n]", "x", name[:300])  # texts are shown line by line
    content, plain = (
        comment.draw(review_of(plans.hostile(text, 2))) for text in (name[:300], same)
    )
    assert Page(parser(content)).tags == Page(parser(plain)).tags
