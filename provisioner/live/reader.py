"""What planning needs of a target. There is no method here that writes."""

from collections.abc import Collection
from typing import Protocol

from provisioner.address import fold
from provisioner.live.state import LiveState

PAGE_SIZE = 500
"""Rows that are asked for in a page; what a plan says of its cost is counted with it."""


def full_pages(rows: int) -> int:
    """Return how many pages so many rows fill."""
    return -(-rows // PAGE_SIZE)


def pages(rows: int) -> int:
    """Return how many requests a list of so many rows takes that ends with an empty page."""
    return full_pages(rows) + 1


def cursor_pages(rows: int) -> int:
    """Return how many requests a list with a cursor takes: the missing cursor is its end."""
    return max(1, full_pages(rows))


def is_asked_for(hours_of: Collection[str] | None, email: str, agent_id: str) -> bool:
    """Return whether an agent is among those whose planned hours are read; see `Reader.read`."""
    return hours_of is None or fold(email) in hours_of or agent_id in hours_of


class Reader(Protocol):
    """Reads an account."""

    def read(self, *, hours_of: Collection[str] | None = ()) -> LiveState:
        """Read the whole account in bulk pages.

        Args:
            hours_of: folded emails and ids of the agents whose planned hours are declared. On API
                v3 hours can be read only device by device, so nobody else's are. None: everybody's.

        Raises:
            TargetError: a read failed, was cut short or makes no sense. A partial reading is
                never returned, since what it lacks would look deleted.
        """
        ...
