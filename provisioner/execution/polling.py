"""Looking again for what an account may show only after a while (I: no source says so)."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

LOOKS = 4
"""How often is looked at most, before what is not shown is taken for missing."""

Seen = TypeVar("Seen")


def until(
    look: Callable[[], Seen],
    good: Callable[[Seen], bool],
    *,
    first_seconds: float,
    wait: Callable[[float], None],
) -> Seen:
    """Look several times until what is seen is good, and return what was seen last.

    Args:
        look: makes the requests.
        good: tells whether that was it.
        first_seconds: how long is waited before the second look; it doubles with each.
        wait: waits for seconds.
    """
    looking = Retrying(
        retry=retry_if_result(lambda seen: not good(seen)),
        stop=stop_after_attempt(LOOKS),
        wait=wait_exponential(multiplier=first_seconds),
        sleep=wait,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return looking(look)
