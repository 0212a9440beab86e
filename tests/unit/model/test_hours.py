"""One canonical week, however the hours are written."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.model.hours import (
    MINUTES_OF_DAY,
    MINUTES_OF_WEEK,
    Shift,
    Spans,
    as_yaml,
    from_spans,
    planned_hours,
    shift_spans,
    shifts_of,
    weekly_minutes,
)
from provisioner.model.kinds import DAYS, SERVICES
from provisioner.model.zones import offset_between, zone_exists

CHATS = ("Support", "chats")


def spans_of(content: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Spans:
    """Return the spans of a canonical week."""
    return {
        (department, service): [
            span
            for day, text in days.items()
            for piece in text.split(", ")
            for span in shift_spans([day], *piece.split("-"))
        ]
        for department, services in content.items()
        for service, days in services.items()
    }


def days(spans: list[tuple[int, int]]) -> dict[str, str]:
    return from_spans({CHATS: spans}).get("Support", {}).get("chats", {})


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([(["mon"], "09:00", "17:30")], {"mon": "09:00-17:30"}),
        (
            [(["mon"], "09:00", "12:00"), (["mon"], "13:00", "17:00")],
            {"mon": "09:00-12:00, 13:00-17:00"},
        ),
        ([(["mon"], "09:00", "12:00"), (["mon"], "12:00", "17:00")], {"mon": "09:00-17:00"}),
        ([(["mon"], "09:00", "13:00"), (["mon"], "12:00", "17:00")], {"mon": "09:00-17:00"}),
        ([(["mon"], "22:00", "06:00")], {"mon": "22:00-24:00", "tue": "00:00-06:00"}),
        ([(["sun"], "22:00", "06:00")], {"mon": "00:00-06:00", "sun": "22:00-24:00"}),
        ([(["wed"], "00:00", "24:00")], {"wed": "00:00-24:00"}),
        ([(["wed"], "08:00", "08:00")], {"wed": "08:00-24:00", "thu": "00:00-08:00"}),
        ([], {}),
    ],
)
def test_blocks_become_one_week(
    blocks: list[tuple[list[str], str, str]], expected: dict[str, str]
) -> None:
    assert days([span for block in blocks for span in shift_spans(*block)]) == expected


spans = st.lists(
    st.integers(0, MINUTES_OF_WEEK - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, start + MINUTES_OF_DAY))
    ),
    max_size=6,
)


@given(spans)
def test_the_order_of_blocks_is_no_difference(pieces: list[tuple[int, int]]) -> None:
    assert days(pieces) == days(pieces[::-1])


@given(spans)
def test_a_week_read_again_is_the_same_week(pieces: list[tuple[int, int]]) -> None:
    once = from_spans({CHATS: pieces})
    assert from_spans(spans_of(once)) == once


@given(spans)
def test_a_week_covers_exactly_the_minutes_of_its_blocks(pieces: list[tuple[int, int]]) -> None:
    def covered(some: list[tuple[int, int]]) -> set[int]:
        return {at % MINUTES_OF_WEEK for start, end in some for at in range(start, end)}

    again = spans_of(from_spans({CHATS: pieces})).get(CHATS, [])
    assert covered(again) == covered(pieces)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["Sales", "Support"]), st.sampled_from(SERVICES)), spans
    )
)
def test_a_week_as_blocks_is_the_same_week(
    pieces: dict[tuple[str, str], list[tuple[int, int]]],
) -> None:
    once = from_spans(pieces)
    assert planned_hours(shifts_of(as_yaml(once), {}), "UTC") == once


def test_blocks_hold_together_what_is_alike() -> None:
    day = shift_spans(["mon", "tue"], "09:00", "17:00")
    content = from_spans({(name, "chats"): day for name in ("Sales", "Support", "Returns")})
    content["Returns"]["calls"] = {"mon": "09:00-17:00", "tue": "09:00-17:00"}
    same = {"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}
    assert as_yaml(content) == [
        {**same, "services": ["chats", "calls"], "departments": ["Returns"]},
        {**same, "services": ["chats"], "departments": ["Sales", "Support"]},
    ]


def test_a_shift_over_midnight_is_one_block() -> None:
    content = from_spans({CHATS: shift_spans(["mon", "sun"], "22:00", "06:00")})
    assert [(one["days"], one["from"], one["to"]) for one in as_yaml(content)] == [
        (["mon", "sun"], "22:00", "06:00")
    ]


def test_spans_that_begin_at_the_same_midnight_are_one() -> None:
    assert from_spans({CHATS: [(0, 60), (0, 180)]}) == {
        CHATS[0]: {CHATS[1]: {"mon": "00:00-03:00"}}
    }


def test_minutes_in_several_services_count_once() -> None:
    services = {
        "chats": {"sun": "22:00-24:00"},
        "calls": {"sun": "23:00-24:00", "mon": "00:00-01:00"},
    }
    assert weekly_minutes(services) == 180


class TestZones:
    def test_zones_with_the_same_rules_differ_by_a_fixed_time(self) -> None:
        assert offset_between("Europe/London", "Europe/Prague") == 60
        assert offset_between("Europe/Prague", "Europe/Prague") == 0
        assert offset_between("Asia/Kolkata", "UTC") == -330

    def test_zones_with_other_rules_have_no_fixed_difference(self) -> None:
        assert offset_between("America/New_York", "Europe/Prague") is None
        assert offset_between("Europe/Prague", "UTC") is None

    def test_a_block_is_told_in_the_accounts_zone(self) -> None:
        pieces = shift_spans(["mon"], "23:30", "24:00")
        block = Shift("Europe/London", ["Support"], ["chats"], pieces)
        assert planned_hours([block], "Europe/Prague") == {
            "Support": {"chats": {"tue": "00:30-01:00"}}
        }

    @pytest.mark.parametrize("name", ["Europe/Prag", "", "../etc/passwd", "a\0b"])
    def test_an_unknown_zone_is_known_to_be_unknown(self, name: str) -> None:
        assert not zone_exists(name)

    def test_the_days_begin_on_monday(self) -> None:
        assert DAYS[0] == "mon"
