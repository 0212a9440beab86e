"""What planning needs of a target. There is no method here that writes."""

from collections.abc import Collection
from typing import Protocol

from provisioner.address import fold
from provisioner.live.state import LiveState


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
