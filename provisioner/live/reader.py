"""What planning needs of a target. There is no method here that writes."""

from typing import Protocol

from provisioner.live.state import LiveState


class Reader(Protocol):
    """Reads an account."""

    def read(self) -> LiveState:
        """Read the whole account in bulk pages.

        Raises:
            TargetError: a read failed, was cut short or makes no sense. A partial reading is
                never returned, since what it lacks would look deleted.
        """
        ...
