"""Words: the order of entries, and which invisible characters stay."""

import pytest

from provisioner.planning.changes import FieldChange
from provisioner.render import readable
from provisioner.render.review.change_groups import merge_days
from provisioner.render.review.change_texts import field_effect
from provisioner.render.sentences import to_text


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",
        "\u2764\ufe0f\u200d\U0001f525",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\u0915\u094d\u200c\u0937",
    ],
)
def test_joiners_stay_where_a_writing_needs_them(text: str) -> None:
    assert readable.harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ad\u200dmin", "ad\\u200dmin"),
        ("ad\u200cmin", "ad\\u200cmin"),
        ("\u200d\U0001f469", "\\u200d\U0001f469"),
        ("\U0001f469\u200d", "\U0001f469\\u200d"),
        ("\U0001f469\u200c\U0001f469", "\U0001f469\\u200c\U0001f469"),
        ("\u0645\u200d\u0645", "\u0645\\u200d\u0645"),
        ("a\u200b\u202eb", "a\\u200b\\u202eb"),
    ],
)
def test_what_hides_a_difference_is_spelt_out(text: str, shown: str) -> None:
    assert readable.harmless(text) == shown


def test_entries_have_an_order_of_their_own() -> None:
    names = ["Dept 10", "dept 2", "B", "tue", "mon", "chats", "tickets"]
    assert [name for name, _ in readable.ordered(dict.fromkeys(names))] == [
        *("mon", "tue", "tickets", "chats"),
        *("B", "dept 2", "Dept 10"),
    ]


def test_days_of_a_service_are_merged() -> None:
    paths = [("hours", "Support", "chats", day) for day in ("fri", "mon", "thu", "tue", "wed")]
    days = [FieldChange(path, "09:00-17:00", "07:00-15:00") for path in paths]
    other = FieldChange(("level",), "", "Expert")
    (field, *rest) = merge_days([*days, other])
    assert rest == [other]
    assert to_text(field_effect(field), str) == (
        "hours / Support / chats: mon-fri 09:00-17:00 → mon-fri 07:00-15:00"
    )


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [([], ""), ([4], "4"), ([1, 2], "1, 2"), ([1, 2, 3, 4, 7, 9, 10], "1-4, 7, 9, 10")],
)
def test_runs_of_numbers_are_ranges(numbers: list[int], shown: str) -> None:
    assert readable.number_ranges(numbers) == shown
