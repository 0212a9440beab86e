"""Plans in a terminal: folded to its width, coloured only where asked, long texts in short."""

import re
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from provisioner.render import readable
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text
from provisioner.render.terminal.lines import Line, parts_of, rendered
from tests import plans

TYPICAL = review_of(plans.typical())


@pytest.mark.parametrize("width", [24, 40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for content in (plans.typical(), plans.hostile("日本語 " * 60)):
        for line in plan_text.draw(review_of(content), width=width).splitlines():
            assert cell_len(line) <= width


@pytest.mark.parametrize("width", [None, 100, 80, 60])
def test_the_first_screen_has_room_for_folded_lines(width: int | None) -> None:
    for content in (plans.typical(), plans.many(80), plans.many(60, departments=2)):
        shown = plan_text.draw(review_of(content), width=width, summary=True)
        assert shown.count("\n") <= plan_text.SCREEN
        assert shown.startswith("Plan for production")
        assert "\nPlan: " in shown


def test_folding_loses_nothing() -> None:
    whole, *folded = (plan_text.draw(TYPICAL, width=width) for width in (None, 40, 30, 20, 9))
    for shown in folded:
        assert "".join(shown.split()) == "".join(whole.split())


def test_a_folded_line_goes_on_further_in() -> None:
    assert rendered([("    one two three four five six", "")], color=False, width=30) == (
        "    one two three four five\n        six\n"
    )


def test_lines_without_colours_and_folds_are_those_of_rich_but_do_not_go_through_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd: list[str] = [*" \t\0\x1b\u200b\xa0é", "日本", "    two parts "]
    lines: list[Line] = [*((text, "bold") for text in odd), (("a", "red"), (" b", "")), ("", "")]
    out = StringIO()
    plain = Console(file=out, color_system=None, highlight=False, soft_wrap=True, width=80)
    for line in lines:
        plain.print(Text.assemble(*parts_of(line)))
    assert rendered(lines, color=False) == out.getvalue()
    monkeypatch.setattr(Console, "print", None)
    assert plan_text.draw(TYPICAL)


def test_a_dumb_terminal_gets_no_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert plan_text.draw(TYPICAL, color=True) == plan_text.draw(TYPICAL)


def test_colours_are_all_that_colours_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain, coloured = (plan_text.draw(TYPICAL, color=color) for color in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_of_long_texts_the_place_where_they_differ_is_shown() -> None:
    start = "word " * 100
    before, after = readable.contrast(f"{start}five{start}", f"{start}six")
    assert before == f"…{start[-20:]}five{start[:56]}…"
    assert after == f"…{start[-20:]}six"
    assert readable.contrast("five", "six") == ("five", "six")
    assert readable.contrast("x" * 300, None)[1] == "(none)"
