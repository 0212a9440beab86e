"""Waivers cover findings of one rule and some objects, until a day."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import address
from provisioner.address import Address, Kind
from provisioner.model.team.waivers import Waiver
from provisioner.planning.waiving import changing_days, waive

END = date(2027, 1, 31)
SALES, SUPPORT = (Address(Kind.DEPARTMENT, name) for name in ("Sales", "Support"))
MIA = address.agent("mia@acme.example")


@dataclass(frozen=True)
class Found:
    """A finding of a rule."""

    rule: str
    address: Address | None
    failed: bool = False


def waiver(rule: str = "two", object_: str = "department/Sales", until: date = END) -> Waiver:
    return Waiver(rule, object_, "new people in February", until)


def codes(findings: list[Found], waivers: list[Waiver], day: date) -> tuple[int, list[str]]:
    done = waive(findings, waivers, day)
    return len(done.kept), [one.code for one in done.diagnostics]


@pytest.mark.parametrize(
    ("day", "kept", "held", "expected"),
    [
        (date(2026, 6, 1), 0, [False], []),
        (END - timedelta(days=15), 0, [False], []),
        (END - timedelta(days=14), 0, [True], ["waiver-ends"]),
        (END, 0, [True], ["waiver-ends"]),
        (END + timedelta(days=1), 1, [], ["waiver-ended"]),
    ],
)
def test_it_holds_until_the_end_of_its_last_day(
    day: date, kept: int, held: list[bool], expected: list[str]
) -> None:
    done = waive([Found("two", SALES)], [waiver()], day)
    assert len(done.kept) == kept
    assert [one.ends_soon for one in done.held] == held
    assert [one.code for one in done.diagnostics] == expected


@pytest.mark.parametrize("day", [date(2026, 6, 1), END + timedelta(days=1)])
def test_one_that_nobody_needs_is_a_warning_before_and_after_its_end(day: date) -> None:
    assert codes([], [waiver()], day) == (0, ["waiver-not-needed"])
    assert codes([Found("two", SUPPORT)], [waiver()], day) == (1, ["waiver-not-needed"])


def test_what_was_not_evaluated_may_still_be_needed() -> None:
    done = waive(list[Found](), [waiver(), waiver("other")], END, evaluated={"other"})
    assert [one.summary.count("other") for one in done.diagnostics] == [1]


@pytest.mark.parametrize(
    ("object_", "found", "covered"),
    [
        ("department/sales", Found("two", SALES), True),
        ("department/*", Found("two", SALES), True),
        ("departments", Found("two", SUPPORT), True),
        ("agent/*@acme.example", Found("two", MIA), True),
        ("agents", Found("two", SALES), False),
        ("plan", Found("two", None), True),
        ("departments", Found("two", None), False),
        ("plan", Found("two", SALES), False),
        ("departments", Found("other", SALES), False),
        ("departments", Found("two", SALES, failed=True), False),
    ],
)
def test_it_covers_the_objects_that_it_names(object_: str, found: Found, *, covered: bool) -> None:
    done = waive([found], [waiver(object_=object_)], END)
    assert (done.kept == ()) is covered
    assert bool(done.held[0].covers) is covered


def test_another_waiver_of_the_same_object_goes_on() -> None:
    longer = waiver(object_="departments", until=END + timedelta(days=90))
    kept, found = codes([Found("two", SALES)], [waiver(), longer], END + timedelta(days=1))
    assert (kept, found) == (0, ["waiver-not-needed"])


@given(
    st.lists(st.sampled_from([Found("two", SALES), Found("two", SUPPORT), Found("one", None)])),
    st.lists(
        st.builds(
            waiver,
            st.sampled_from(["one", "two"]),
            st.sampled_from(["department/Sales", "departments", "plan"]),
            st.sampled_from([END, END + timedelta(days=40)]),
        ),
        unique=True,
    ),
    st.integers(-20, 60),
)
def test_no_finding_is_lost_and_days_between_change_nothing(
    findings: list[Found], waivers: list[Waiver], days: int
) -> None:
    day = END + timedelta(days=days)
    done = waive(findings, waivers, day)
    names = {(one.rule, name) for one in done.held for name in one.covers}
    assert set(findings) == {
        *done.kept,
        *(one for one in findings if (one.rule, str(one.address or "plan")) in names),
    }
    if day + timedelta(days=1) not in set(changing_days(waivers)):
        assert waive(findings, waivers, day + timedelta(days=1)).kept == done.kept
