"""Laws of what a fleet takes, and the page that shows it."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fleets import scale_page
from benchmarks.fleets.capacity import (
    AccountLoad,
    Machines,
    Memory,
    accounts_at_full_rate,
    bounds,
    needed,
    seconds,
)
from benchmarks.fleets.fleet_results import stored
from benchmarks.page import END, START

COUNTS = st.integers(1, 5_000)
TIMES = st.floats(0, 10)
LOADS = st.builds(AccountLoad, st.integers(1, 3_000), TIMES, TIMES, st.sampled_from([0, 180]))
MACHINES = st.builds(Machines, COUNTS, st.integers(1, 50), st.integers(1, 500))


def test_one_address_is_enough_for_a_hundred_accounts_at_full_rate() -> None:
    assert accounts_at_full_rate() == 100
    assert accounts_at_full_rate(addresses=7) == 700
    for minutes in (1, 10):  # of sending all the time, after the first minute's requests
        load = AccountLoad(180 * (minutes + 1), 0)
        limits = bounds(100, load, Machines(100))
        assert limits["key"] == 60 * minutes
        assert limits["address"] == 60 * (minutes + 1)


@given(COUNTS, COUNTS, LOADS, MACHINES)
def test_more_accounts_take_no_less_time(
    one: int, other: int, load: AccountLoad, machines: Machines
) -> None:
    fewer, more = sorted((one, other))
    assert seconds(fewer, load, machines) <= seconds(more, load, machines)


@given(COUNTS, LOADS, LOADS, MACHINES)
def test_an_account_that_takes_more_makes_no_run_shorter(
    accounts: int, one: AccountLoad, other: AccountLoad, machines: Machines
) -> None:
    for name in ("requests", "processor", "request_seconds"):
        larger = replace(one, **{name: max(getattr(one, name), getattr(other, name))})
        assert seconds(accounts, one, machines) <= seconds(accounts, larger, machines)


@given(COUNTS, LOADS, MACHINES, MACHINES)
def test_more_machines_make_no_run_longer(
    accounts: int, load: AccountLoad, one: Machines, other: Machines
) -> None:
    for field in fields(Machines):
        most = max(getattr(one, field.name), getattr(other, field.name))
        larger = replace(one, **{field.name: most})
        assert seconds(accounts, load, larger) <= seconds(accounts, load, one)
        memory = Memory(50, 60)
        assert memory.of(one.workers) <= memory.of(larger.workers)


@given(COUNTS, LOADS, st.floats(1, 3_600))
def test_what_a_goal_needs_reaches_it(accounts: int, load: AccountLoad, goal: float) -> None:
    least = needed(accounts, load, goal)
    reached = max(goal, load.seconds)
    assert seconds(accounts, load, least) <= reached * 1.000001
    for field in fields(Machines):
        number = getattr(least, field.name)
        if number > 1:
            fewer = replace(least, **{field.name: number - 1})
            assert seconds(accounts, load, fewer) > reached * 0.999999


def test_the_page_is_what_the_stored_results_give() -> None:
    text = scale_page.PAGE.read_text("utf-8").partition(START)[2].partition(END)[0]
    assert text == f"\n{scale_page.measured(stored())}"
    for heading in ("## Measured", "### An apply by one machine", "### Computed and measured"):
        assert heading in scale_page.PAGE.read_text("utf-8")


def test_the_stored_results_are_complete() -> None:
    results = stored()
    assert results.limited.refused < results.limited.requests / 1_000
    assert [one.accounts for one in results.sizes] == [100, 300, 1_000]
    least, most = results.sizes[0], results.sizes[-1]
    assert most.parent < 1.2 * least.parent
    assert most.worker < 1.2 * least.worker
    ratios = scale_page.ratios(results)
    for name in ("the loop to local", "the loop to Dask"):
        assert ratios[name][0] >= scale_page.LEAST_OF_LOOP
    assert max(ratios["Dask to local"]) <= scale_page.MOST_TO_EACH_OTHER
