"""Foreign text as a code span."""

import pytest
from markdown_it import MarkdownIt

from provisioner.render.markdown.foreign_text import LONGEST, code, code_cell, link

PARSER = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Mia", "`Mia`"),
        ("", "(none)"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        ("a\nb", "`a\\u000ab`"),
        ("x" * 500, f"`{'x' * LONGEST}…`"),
    ],
)
def test_a_text_is_fenced(text: str, span: str) -> None:
    assert code(text) == span


@pytest.mark.parametrize("text", ["a|b", "|", "\\|", "\\\\|", "a\\", "`|`", "\\`|", "||\\"])
def test_a_pipe_ends_no_cell(text: str) -> None:
    made = PARSER.parse(f"| a | b |\n|---|---|\n| {code_cell(text)} | {code_cell('next')} |\n")
    inside = [child for token in made for child in token.children or []]
    shown = [child.content for child in inside if child.type == "code_inline"]
    assert shown == [text.replace("\\|", "\\\\u007c"), "next"]


@pytest.mark.parametrize(
    ("address", "text", "made"),
    [
        ("https://acme.example/agent/", "", "<https://acme.example/agent/>"),
        (
            "https://acme.example/#A;id=a%40b",
            "Mia`",
            "[`` Mia` ``](<https://acme.example/#A;id=a%40b>)",
        ),
        ("https://acme.example/>x", "", "`https://acme.example/>x`"),
        ("https://acme.example@evil.example/", "Mia", "`Mia`"),
        ("javascript:alert(1)/", "", "`javascript:alert(1)/`"),
        ("", "", "(none)"),
    ],
)
def test_only_plain_addresses_become_links(address: str, text: str, made: str) -> None:
    assert link(address, text) == made
