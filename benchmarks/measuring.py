"""Takes measurements one after the other."""

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Measuring:
    """Takes measurements one after the other, because they would slow each other down.

    Attributes:
        loads: the load of the machine before each measurement, by its name.
    """

    def __init__(self) -> None:
        self.loads: dict[str, float] = {}
        self._began = time.perf_counter()

    @property
    def minutes(self) -> float:
        """The time so far."""
        return (time.perf_counter() - self._began) / 60

    def take(self, what: str, measure: Callable[[], Result]) -> Result:
        """Take a measurement and note the load."""
        self.loads[what] = os.getloadavg()[0]
        sys.stderr.write(f"{self.minutes:4.1f} min, load {self.loads[what]:.1f}: {what}\n")
        return measure()
