"""The moving window, with a clock of the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import RunStoppedError, TargetError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.limits import MARGIN_SECONDS, WINDOW_SECONDS
from provisioner.liveagent.http.pacing import Pacer, Slots
from provisioner.liveagent.http.sending import LookedAt
from tests.unit.liveagent.scripted import Reply, scripted


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.asked = 0

    def wait(self, seconds: float, asked: int) -> None:
        self.waits.append(seconds)
        self.asked = asked

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pacer(self, per_minute: int) -> Pacer:
        return Pacer(per_minute, clock=lambda: self.now, sleep=self.sleep, on_wait=self.wait)


def test_the_first_window_goes_out_at_once_and_then_it_waits() -> None:
    clock = Clock()
    pacer = clock.pacer(3)
    for _ in range(4):
        pacer.wait()
    assert clock.waits == [WINDOW_SECONDS + MARGIN_SECONDS]


def test_without_a_limit_nothing_waits() -> None:
    clock = Clock()
    pacer = clock.pacer(0)
    for _ in range(1000):
        pacer.wait()
    assert clock.now == 0


@given(
    limit=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 40), min_size=1, max_size=100),
)
def test_no_window_ever_holds_more_than_the_limit(limit: int, pauses: list[float]) -> None:
    clock = Clock()
    pacer = clock.pacer(limit)
    sent = []
    for pause in pauses:
        clock.now += pause
        pacer.wait()
        sent.append(clock.now)
    for first in sent:
        assert sum(first <= moment < first + WINDOW_SECONDS for moment in sent) <= limit


def test_the_accounts_own_wish_is_honoured_also_without_a_limit() -> None:
    clock = Clock()
    pacer = clock.pacer(0)
    pacer.hold(7)
    pacer.wait()
    pacer.wait()
    assert clock.waits == [7]
    assert clock.asked == 1


def test_waits_that_the_account_asks_for_are_counted_once_each() -> None:
    clock = Clock()
    pacer = clock.pacer(0)
    for seconds in (5, 3):  # two threads that met the limit at the same time
        pacer.hold(seconds)
    pacer.wait()
    pacer.hold(5)
    pacer.wait()
    assert (clock.waits, clock.asked) == ([5, 5], 2)


def test_a_request_that_would_have_to_wait_is_not_made_once_the_run_is_to_end() -> None:
    pacer = Pacer(1)
    pacer.wait()
    pacer.stop()
    with pytest.raises(TargetError, match="not sent"):
        pacer.wait()


@pytest.mark.parametrize("late", [0, 50, 70])
def test_kept_requests_that_are_sent_late_count_from_then(late: int) -> None:
    clock = Clock()
    pacer = clock.pacer(2)
    slots = pacer.reserve(2, within=1)
    clock.now += late
    sent = []
    for kept in (slots, slots, None, None):
        pacer.wait(kept)
        sent.append(clock.now)
    within = 0 if late else 1
    assert sent == [late, late, *[late + within + WINDOW_SECONDS + MARGIN_SECONDS] * 2]


def test_a_guard_is_asked_after_the_wait_and_stops_only_what_it_refuses() -> None:
    def refuse(writes: bool) -> None:
        if writes and waits:
            raise RunStoppedError

    looked = LookedAt(None, float("inf"), Slots(0))
    waits: list[float] = []
    pacer = Pacer(1, clock=lambda: sum(waits), sleep=waits.append)
    with scripted(lambda _request: Reply({})) as (url, seen):
        api = Client(url, "key", pacer=pacer)
        api.guard_by(refuse)
        api.delete("/x", lambda _sent: looked)
        for prepare in (None, lambda _sent: looked):
            with pytest.raises(RunStoppedError):
                api.delete("/x", prepare)
        api.call("GET", "/x")
        api.close()
    assert [request.method for request in seen] == ["DELETE", "GET"]
