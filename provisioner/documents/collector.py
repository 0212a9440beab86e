"""The one place where the garbage collector is tamed.

Reading a large project makes millions of objects and no garbage. The collector would look through
all of them again and again, which takes up to two thirds of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, and leave what was made meanwhile out of its later rounds."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
