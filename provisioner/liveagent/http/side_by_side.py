"""Makes calls at the same time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


@contextmanager
def started(calls: Sequence[Callable[[], Result]], at_once: int) -> Iterator[Iterator[Result]]:
    """Make calls at the same time, and yield an iterator over their results in order.

    After an error no further call is started. An interrupt does not wait for those under way.
    """
    if len(calls) <= 1:
        yield (call() for call in calls)
        return
    pool = ThreadPoolExecutor(min(at_once, len(calls)))
    waits = True
    try:
        futures = [pool.submit(call) for call in calls]
        yield (future.result() for future in futures)
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)


def side_by_side(calls: Sequence[Callable[[], Result]], at_once: int) -> list[Result]:
    """Make calls at the same time and return their results in order; see `started`."""
    with started(calls, at_once) as results:
        return [*results]
