"""Repeats a reading until the account shows a change.

LiveAgent may show a change only after some seconds (I: no source documents it).
"""

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

MOST_READINGS = 4
"""Readings before a missing change is accepted as missing."""

Value = TypeVar("Value")


def poll(
    read: Callable[[], Value],
    is_done: Callable[[Value], bool],
    *,
    first_seconds: float,
    wait: Callable[[float], None],
) -> Value:
    """Return the first value that is accepted, or the last one after `MOST_READINGS`.

    Args:
        read: returns the current value; it makes requests.
        is_done: returns whether the value is accepted.
        first_seconds: seconds before the second reading; each later wait is twice as long.
        wait: waits for seconds.
    """
    polling = Retrying(
        retry=retry_if_result(lambda value: not is_done(value)),
        stop=stop_after_attempt(MOST_READINGS),
        wait=wait_exponential(multiplier=first_seconds),
        sleep=wait,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return polling(read)
