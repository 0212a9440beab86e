"""The interface that planning uses to read an account. It has no method that writes."""

from collections.abc import Collection
from typing import Protocol

from provisioner.address import fold
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.leaving import LeavingFacts
from provisioner.live.state import LiveState


def reads_hours_of(hours_of: Collection[str] | None, email: str, agent_id: str) -> bool:
    """Return whether `Reader.read(hours_of=...)` reads the planned hours of an agent."""
    return hours_of is None or fold(email) in hours_of or agent_id in hours_of


class Reader(Protocol):
    """Reads an account."""

    def read(self, *, hours_of: Collection[str] | None = (), plugins: bool = False) -> LiveState:
        """Read the whole account in bulk pages.

        Args:
            hours_of: folded emails and ids of the agents with declared hours. API v3 shows hours
                only device by device, so those of other agents are skipped. None: all agents.
            plugins: whether rules need the active plugins, which API v3 lists on demand.

        Raises:
            TargetError: a read failed, was incomplete or invalid. A partial state is never
                returned, because its missing objects would look deleted.
        """
        ...

    def read_names(self, wanted: Collection[NameList]) -> AccountNames:
        """Read lists of names that values of the files refer to.

        A list that the account refuses to show is left out of the result.

        Raises:
            TargetError: the account can't be reached, or a list has an unexpected value.
        """
        ...

    def read_leaving(self, *, tickets: bool, proof: bool = True) -> LeavingFacts:
        """Read the API keys of all agents and, on demand, their active tickets.

        What the account refuses to show is left out of the result. `proof` adds a request where
        the list has only the keys of one agent, and may not show others to this API key.

        Raises:
            TargetError: the account can't be reached, or a list has an unexpected value.
        """
        ...
