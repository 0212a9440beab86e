"""What planning needs of a target. There is no method here that writes."""

from collections.abc import Collection
from typing import Protocol

from provisioner.live.state import LiveState


class Reader(Protocol):
    """Reads an account."""

    def read(self, *, hours_of: Collection[str] = ()) -> LiveState:
        """Read the whole account in bulk pages.

        Args:
            hours_of: folded emails of the agents whose planned hours are declared. On API v3
                hours can be read only device by device, so nobody else's are.

        Raises:
            TargetError: a read failed, was cut short or makes no sense. A partial reading is
                never returned, since what it lacks would look deleted.
        """
        ...
