"""Repeats a reading until the account shows a change.

LiveAgent may show a change only after some seconds (I: no source documents it).
"""

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

MOST_READINGS = 5
"""Readings before a missing change is accepted as missing, unless the account is known to be slow.
The waits between them double: they last 15 times the first."""

Value = TypeVar("Value")


def poll(
    read: Callable[[], Value],
    is_done: Callable[[Value], bool],
    *,
    first_seconds: float,
    wait: Callable[[float], None],
    lag_seconds: float = 0.0,
) -> Value:
    """Return the first value that is accepted, or the last one after the last reading.

    Args:
        read: returns the current value; it makes requests.
        is_done: returns whether the value is accepted.
        first_seconds: seconds before the second reading; each later wait is twice as long.
        wait: waits for seconds.
        lag_seconds: how late the account is known to show changes: readings go on until then.
    """
    readings = MOST_READINGS
    while first_seconds and first_seconds * (2 ** (readings - 1) - 1) < lag_seconds:
        readings += 1
    polling = Retrying(
        retry=retry_if_result(lambda value: not is_done(value)),
        stop=stop_after_attempt(readings),
        wait=wait_exponential(multiplier=first_seconds),
        sleep=wait,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return polling(read)
