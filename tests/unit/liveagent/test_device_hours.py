"""Planned hours between the rows of an account, in each form, and the YAML's week."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import TargetError
from provisioner.liveagent.rows.device_hours import shift_rows, week
from provisioner.liveagent.rows.row_checks import OddValueError
from provisioner.liveagent.rows.row_shapes import DAY, TIME
from provisioner.model.hours import MINUTES_OF_WEEK, from_spans
from provisioner.model.hours_form import HoursForm
from tests.unit.model.test_hours_form import FORMS

SPANS = st.tuples(st.integers(0, MINUTES_OF_WEEK - 1), st.integers(1, MINUTES_OF_WEEK // 2)).map(
    lambda span: (span[0], span[0] + span[1])
)
MONDAY_0 = HoursForm("mon", 0, "HH:MM:SS", "23:59")


def row(day: Any = 0, start: str = "09:00:00", end: str = "17:30:00") -> dict[str, Any]:
    return {"department_id": "d", "day": day, "start": start, "end": end}


def read(form: HoursForm, **values: Any) -> Any:
    return week([("chats", row(**values))], {"d": "Support"}, form)["Support"]["chats"]


@given(st.sampled_from(FORMS), st.lists(SPANS, min_size=1, max_size=4))
def test_rows_of_any_form_are_read_as_they_were_written(
    form: HoursForm, spans: list[tuple[int, int]]
) -> None:
    hours = from_spans({("Support", "chats"): [*spans]})
    if "23:59" in str(hours):
        return  # the minute before midnight is read as midnight
    rows = shift_rows(hours["Support"]["chats"], 7, "d", form)
    assert week([("chats", one) for one in rows], {"d": "Support"}, form) == hours


@pytest.mark.parametrize("day", [0, "0", 0.0])
@pytest.mark.parametrize("seconds", ["", ":00"])
def test_numbers_and_times_are_read_in_any_form(day: Any, seconds: str) -> None:
    DAY(day, "day")
    TIME(f"9:00{seconds}", "start")
    assert read(MONDAY_0, day=day, start=f"9:00{seconds}", end=f"17:30{seconds}") == {
        "mon": "09:00-17:30"
    }


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("24:00:00", "24:00"),
        ("24:00", "24:00"),
        ("23:59", "24:00"),
        ("23:59:59", "24:00"),
        ("00:00:00", "24:00"),
        ("17:29:59", "17:30"),
        ("17:30:20", "17:30"),
    ],
)
def test_the_last_minute_is_read_as_its_end(end: str, shown: str) -> None:
    TIME(end, "end")
    assert read(MONDAY_0, end=end) == {"mon": f"09:00-{shown}"}


@pytest.mark.parametrize("day", [8, -1, 1.5, "x", True, None, float("nan")])
def test_a_number_that_no_form_has_is_refused(day: Any) -> None:
    with pytest.raises(OddValueError):
        DAY(day, "day")


def test_a_day_that_the_confirmed_form_lacks_is_an_error() -> None:
    with pytest.raises(TargetError) as caught:
        read(MONDAY_0, day=7)
    [finding] = caught.value.diagnostics
    assert finding.code == "hours-form"
    assert "mon = 0 to sun = 6" in finding.summary
