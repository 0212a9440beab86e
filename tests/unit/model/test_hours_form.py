"""The numbers of days and the form of times of an account, as known, shown or assumed."""

from collections.abc import Collection
from itertools import product
from typing import Any

import pytest

from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.hours_form import HoursForm, hours_form
from provisioner.model.kinds import DAYS

FORMS = [
    HoursForm(first_day, base, times, midnight)
    for first_day, base, times, midnight in product(
        ("mon", "sun"), (0, 1), ("HH:MM:SS", "HH:MM"), ("23:59", "24:00", "00:00")
    )
]


def form_of(numbers: Collection[int], times: Collection[str] = (), **facts: Any) -> HoursForm:
    return hours_form(AccountCapabilities(facts), numbers, times)


@pytest.mark.parametrize("form", FORMS)
def test_each_day_has_its_number(form: HoursForm) -> None:
    numbers = {day: form.number_of(day) for day in DAYS}
    assert {form.day_of(number): number for number in numbers.values()} == numbers
    assert numbers[form.first_day] == form.first_number


@pytest.mark.parametrize(
    ("first_day", "base", "monday", "sunday", "unknown"),
    [
        ("mon", 0, {0}, {6}, {7, -1}),
        ("mon", 1, {1}, {0, 7}, {8, -1}),
        ("sun", 0, {1}, {0, 7}, {8, -1}),
        ("sun", 1, {2}, {1}, {0, 8}),
    ],
)
def test_sunday_is_0_or_7_where_only_it_can_be(
    first_day: str, base: int, monday: set[int], sunday: set[int], unknown: set[int]
) -> None:
    form = HoursForm(first_day, base, "HH:MM", "23:59")
    for day, numbers in (("mon", monday), ("sun", sunday), (None, unknown)):
        assert {form.day_of(number) for number in numbers} == {day}


@pytest.mark.parametrize(
    ("numbers", "facts", "expected", "is_contradicted"),
    [
        ([], {}, ("mon", 0), False),
        ([0, 4, 6], {}, ("mon", 0), False),
        ([7], {}, ("mon", 1), True),
        ([0, 7], {}, ("mon", 1), True),
        ([7], {"plan_first_day": "sun"}, ("sun", 0), False),
        ([7], {"plan_day_base": 0}, ("sun", 0), True),
        ([0], {"plan_day_base": 1, "plan_first_day": "sun"}, ("sun", 1), False),
        ([1], {"plan_day_base": 1}, ("mon", 1), False),
    ],
)
def test_rows_show_the_numbers(
    numbers: list[int], facts: dict[str, Any], expected: tuple[str, int], is_contradicted: bool
) -> None:
    form = form_of(numbers, **facts)
    assert (form.first_day, form.first_number) == expected
    assert form.is_contradicted == is_contradicted
    assert form.is_confirmed == (len(facts) == 2)


@pytest.mark.parametrize(
    ("times", "facts", "expected"),
    [
        ([], {}, "HH:MM:SS"),
        (["09:00", "17:30"], {}, "HH:MM"),
        (["09:00:00"], {}, "HH:MM:SS"),
        (["09:00:00", "17:30"], {}, "HH:MM:SS"),
        (["09:00:00"], {"plan_time_format": "HH:MM"}, "HH:MM"),
    ],
)
def test_rows_show_the_form_of_times(
    times: list[str], facts: dict[str, Any], expected: str
) -> None:
    assert form_of((), times, **facts).times == expected
