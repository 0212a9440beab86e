"""Sections within a limit."""

import pytest

from provisioner.render.markdown.size_budget import Section, fit, size

ROWS = tuple(f"row {number}\n" for number in range(100))


def section(rows: int, share: int = 100) -> Section:
    return Section(share, "# head\n", ROWS[:rows], tail="end\n")


def test_what_fits_is_whole() -> None:
    assert fit([section(2), section(1)], 1_000) == section(2).whole + section(1).whole


def test_what_does_not_fit_is_counted() -> None:
    shown = section(100).within(65)
    assert shown == "# head\nrow 0\nrow 1\nrow 2\n\n97 more are in the whole report.\nend\n\n"


def test_without_room_for_a_head_there_is_nothing() -> None:
    assert section(100).within(20) == ""


def test_what_one_does_not_need_another_gets() -> None:
    shown = fit([section(3), section(100)], 300)
    assert shown.startswith(section(3).whole)
    assert size(shown) > 250


@pytest.mark.parametrize("limit", [0, 1, 50, 99, 300, 1_000, 5_000])
def test_it_is_never_longer_than_the_limit(limit: int) -> None:
    wide = Section(700, "ü\n", tuple("ü" * number for number in range(60)))
    assert size(fit([section(100), wide, section(5)], limit)) <= limit
