"""The results of all measurements of one run."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.before import Compared
from benchmarks.costs import Cost
from benchmarks.peers import Peers
from benchmarks.planning import Planning
from benchmarks.server import Serving
from benchmarks.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Results:
    """The results of all measurements.

    Attributes:
        plannings: by size.
        starts: name of a program to the cost of its start.
        serving: of reading and writing.
        peers: the costs of other programs.
        compared: name of a work to its cost in this version and the one before.
        traffic: what was sent to an account.
        day: of the measurements, as YYYY-MM-DD.
        loads: the numbers of running processes, averages of a minute, before each measurement.
        minutes: of all measurements.
    """

    plannings: list[Planning]
    starts: dict[str, Cost]
    serving: Serving
    peers: Peers
    compared: dict[str, Compared]
    traffic: Traffic
    day: str
    loads: Mapping[str, float]
    minutes: float
