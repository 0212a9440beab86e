"""`RequestBudget`: how many requests an apply makes, and how long they take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """The number of HTTP requests that an apply makes.

    Attributes:
        read: the requests that read the account before the first write.
        by_operation: the requests that write, by operation.
        verify: the requests that read the account again after the last write.
        per_minute: the account's limit of requests in a minute; 0 for none.
    """

    read: int
    by_operation: Mapping[str, int]
    verify: int
    per_minute: int = 0

    @property
    def write(self) -> int:
        """The number of requests that write."""
        return sum(self.by_operation.values())

    @property
    def total(self) -> int:
        """The number of all requests."""
        return self.read + self.write + self.verify

    @property
    def seconds(self) -> int:
        """The shortest time under the limit: those of the first minute can be sent at once."""
        if not self.per_minute:
            return 0
        return 60 * ((self.total - 1) // self.per_minute)

    def as_data(self) -> dict[str, Any]:
        """Return the numbers as JSON data."""
        return {
            "total": self.total,
            "read": self.read,
            "write": self.write,
            "verify": self.verify,
            "by_operation": dict(sorted(self.by_operation.items())),
            "per_minute": self.per_minute,
            "seconds": self.seconds,
        }
