"""The account as lists show it that lag: as it was some readings of the list ago.

A reading begins with the first page. All its pages are of the same age: pages of different ages
would be a list that no account ever had.
"""

from collections import deque
from collections.abc import Mapping
from pathlib import Path

from provisioner.sandbox.database import Database, Snapshot
from provisioner.sandbox.switches import Switches


class Snapshots:
    """The earlier states of one account. Only the server's thread uses them."""

    def __init__(self, path: Path, switches: Switches) -> None:
        """Start without earlier states."""
        self._path = path
        lags = {
            "/agents": switches.lag_agents,
            "/agents/profiles": switches.lag_profiles,
            "/grid/agents": switches.lag_grid_agents,
            "/grid/departments": switches.lag_departments,
            "/devices": switches.lag_devices,
            "/roles": switches.lag_roles,
        }
        self._of = {path: deque[Snapshot](maxlen=lag + 1) for path, lag in lags.items() if lag}

    def database(self, path: str, query: Mapping[str, object], current: Database) -> Database:
        """Return the state that a reading of a list shows."""
        states = self._of.get(path)
        if states is None:
            return current
        if "_cursor" not in query and query.get("_page", 1) in {0, 1}:
            if len(states) == states.maxlen:
                states[0].close()
            states.append(Snapshot(self._path))
        return states[0] if states else current

    def close(self) -> None:
        """Close every earlier state."""
        for states in self._of.values():
            while states:
                states.pop().close()
