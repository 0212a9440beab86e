"""Computes what a fleet takes: minutes, workers, addresses, processors and memory.

Four limits are independent of each other, and the slowest one decides:

- The key of an account: 180 requests a minute, of which the first 180 can be sent at once.
- The address: 300 requests a second from one IP address, to all accounts together.
- The workers: one works on one account at a time, and waits for its requests.
- The processors of all machines.
"""

from dataclasses import dataclass
from math import ceil

from provisioner.liveagent.http.machine_limits import REQUESTS_PER_SECOND
from provisioner.planning.plans.requests import RequestBudget

PER_MINUTE = 180
"""Requests of one key in a minute. Source: KB 217359 (documented)."""


@dataclass(frozen=True, slots=True)
class AccountLoad:
    """What one account takes.

    Attributes:
        requests: the number of requests.
        processor: seconds of the processor.
        request_seconds: the time for one request, if the account's limit is not reached: other
            requests of the same account run meanwhile.
        per_minute: the limit of requests of its key in a minute; 0 for none.
    """

    requests: int
    processor: float
    request_seconds: float = 0.0
    per_minute: int = PER_MINUTE

    @property
    def seconds(self) -> float:
        """The shortest time for the account alone."""
        limited = RequestBudget(self.requests, {}, 0, self.per_minute).seconds
        return max(limited, self.requests * self.request_seconds) + self.processor


@dataclass(frozen=True, slots=True)
class Machines:
    """Where the work is done.

    Attributes:
        workers: the accounts at a time, on all machines.
        addresses: the IP addresses from which requests are sent.
        processors: of all machines.
    """

    workers: int
    addresses: int = 1
    processors: int = 1


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of the processes, in MiB.

    Attributes:
        parent: of the command.
        worker: of each worker.
    """

    parent: float
    worker: float

    def of(self, workers: int) -> float:
        """Return the memory of a run."""
        return self.parent + workers * self.worker


def bounds(accounts: int, load: AccountLoad, machines: Machines) -> dict[str, float]:
    """Return what limits a run to the shortest seconds that it allows."""
    return {
        "key": load.seconds if accounts else 0.0,
        "address": accounts * load.requests / (REQUESTS_PER_SECOND * machines.addresses),
        "workers": ceil(accounts / machines.workers) * load.seconds,
        "processors": accounts * load.processor / machines.processors,
    }


def seconds(accounts: int, load: AccountLoad, machines: Machines) -> float:
    """Return the shortest time of a run."""
    return max(bounds(accounts, load, machines).values())


def needed(accounts: int, load: AccountLoad, goal: float) -> Machines:
    """Return the least with which a run takes at most `goal` seconds, more than 0.

    No number of machines makes one account quicker, so that its own time is the shortest goal.
    """
    goal = max(goal, load.seconds)
    rounds = max(1, int(goal / load.seconds)) if load.seconds else accounts
    return Machines(
        workers=max(1, ceil(accounts / rounds)),
        addresses=max(1, ceil(accounts * load.requests / (REQUESTS_PER_SECOND * goal))),
        processors=max(1, ceil(accounts * load.processor / goal)),
    )


def accounts_at_full_rate(addresses: int = 1, per_minute: int = PER_MINUTE) -> int:
    """Return how many accounts can send all that their keys allow, all the time."""
    return int(addresses * REQUESTS_PER_SECOND * 60 / per_minute)
