"""The counts of requests, waits and retries, and the used share of the limit."""

import pytest

from provisioner.diagnostics import RunStoppedError
from provisioner.execution.report import RequestStatistics
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.request_meter import RequestMeter
from tests.unit.liveagent.scripted import Reply, scripted


def test_each_way_of_sending_again_counts_as_a_retry() -> None:
    replies = [
        Reply([]),  # the first request
        Reply(status=429, headers={"Retry-After": "1"}),
        None,
        Reply(status=503),
        Reply([]),  # the second
    ]
    meter, now = RequestMeter(60), [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pacer = Pacer(
        0, clock=lambda: now[0], sleep=sleep, on_wait=lambda seconds, _asked: meter.waited(seconds)
    )
    with scripted(lambda _request: replies.pop(0)) as (url, seen):
        api = Client(url, "key", pacer=pacer, meter=meter)
        api.call("GET", "/agents")
        api.call("GET", "/agents")
        api.close()
    statistics = meter.statistics()
    assert (statistics.sent, statistics.retries, statistics.waits) == (len(seen), 3, 1)
    assert api.requests == 2


def test_a_request_that_was_not_sent_counts_nowhere() -> None:
    meter, pacer = RequestMeter(), Pacer(1)
    pacer.wait()
    pacer.stop()
    with pytest.raises(RunStoppedError):
        Client("http://127.0.0.1:9", "key", pacer=pacer, meter=meter).call("GET", "/agents")
    assert (meter.statistics().sent, meter.statistics().retries) == (0, 0)


def test_the_share_is_that_of_the_minutes_with_requests() -> None:
    now = [0.0]
    meter = RequestMeter(10, clock=lambda: now[0])
    for moment in [*[0.0] * 9, 59.0, 1000.0, 1059.0]:  # a long question in between
        now[0] = moment
        meter.sent()
    assert meter.statistics().limit_used == 12 / 20


def test_waits_of_several_threads_at_the_same_time_are_one_duration() -> None:
    now = [0.0]
    meter = RequestMeter(10, clock=lambda: now[0])
    meter.waited(60)
    now[0] = 1
    meter.waited(61)  # until two seconds after the first
    now[0] = 100
    meter.waited(5)
    assert (meter.statistics().waits, meter.statistics().waited_seconds) == (3, 67)


def test_without_a_limit_there_is_no_share() -> None:
    assert RequestStatistics(1, 0, 0, 0, per_minute=0, windows=1).limit_used is None
