"""The client's pace and the account's limit, on one clock: what one lets out the other lets in."""

from hypothesis import given
from hypothesis import strategies as st

from provisioner.liveagent.http.limits import MARGIN_SECONDS, WINDOW_SECONDS
from provisioner.liveagent.http.pacing import Pacer
from provisioner.sandbox.access import RateLimit


@given(
    requests=st.integers(1, 500),
    share=st.integers(1, 180),
    delays=st.lists(st.floats(0, MARGIN_SECONDS), min_size=1, max_size=20),
)
def test_a_paced_client_never_meets_the_limit(
    requests: int, share: int, delays: list[float]
) -> None:
    """Each request reaches the server a little later than it was sent, by another time."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pacer = Pacer(share, clock=lambda: now, sleep=sleep)
    arrived = 0.0
    limit = RateLimit(180, clock=lambda: arrived)
    for number in range(requests):
        pacer.wait()
        arrived = max(arrived, now + delays[number % len(delays)])
        limit.count(1)
    windows = (requests - 1) // share
    assert now <= windows * (WINDOW_SECONDS + MARGIN_SECONDS)
