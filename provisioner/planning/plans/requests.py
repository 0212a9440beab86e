"""The requests of an apply: how many it makes, and how few the API would allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestFloor:
    """The fewest requests that could do the same with the API, as a bound for `RequestBudget`.

    Each list is read once, and each value is written once. There are no looks right before writes,
    no proofs that lists are complete, and no reading back.

    Attributes:
        read: the requests that read the account.
        by_operation: the requests that do the changes, by operation.
    """

    read: int
    by_operation: Mapping[str, int]

    @property
    def total(self) -> int:
        """The number of all requests."""
        return self.read + sum(self.by_operation.values())


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """The number of HTTP requests that an apply makes.

    Attributes:
        read: the requests that read the account before the first write.
        by_operation: the requests that write, by operation.
        verify: the requests that read the account again after the last write.
        per_minute: the account's limit of requests in a minute; 0 for none.
        floor: the fewest requests that would do; None in plans saved before it was counted.
    """

    read: int
    by_operation: Mapping[str, int]
    verify: int
    per_minute: int = 0
    floor: RequestFloor | None = None

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
        data: dict[str, Any] = {
            "total": self.total,
            "read": self.read,
            "write": self.write,
            "verify": self.verify,
            "by_operation": dict(sorted(self.by_operation.items())),
            "per_minute": self.per_minute,
            "seconds": self.seconds,
        }
        if self.floor:
            data["floor"] = self.floor.total
            data["floor_by_operation"] = dict(sorted(self.floor.by_operation.items()))
        return data

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "RequestBudget":
        """Return the numbers in JSON data of `as_data`."""
        floor = None
        if "floor" in data:
            by_operation = data.get("floor_by_operation", {})
            floor = RequestFloor(data["floor"] - sum(by_operation.values()), by_operation)
        return cls(data["read"], data["by_operation"], data["verify"], data["per_minute"], floor)
