"""The rows that a list must have, because another list of the account shows their agents.

They show how many more pages are needed at least, while both lists are being read.
"""

from collections.abc import Callable, Iterable, Sequence

from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.device_hours import SERVICE_OF, is_web_device
from provisioner.liveagent.rows.row_checks import Row

RowKey = Callable[[Row], tuple[str, str] | None]
"""Returns the agent of a row and the group of the row; None if the row is not expected."""


class ExpectedRows:
    """The expected rows of a list: one for each agent in each group.

    Args:
        ids: ids of the agents, from a list that may still grow.
        key: the agent and the group of a row.
        groups: all groups.
        is_final: returns whether `ids` are all ids.
        ends_list: returns whether the list ends with the last expected row. Otherwise it ends with
            an empty page.
    """

    def __init__(
        self,
        ids: Sequence[str],
        key: RowKey,
        groups: Iterable[str],
        *,
        is_final: Callable[[], bool],
        ends_list: Callable[[], bool],
    ) -> None:
        self.is_final = is_final
        self.ends_list = ends_list
        self._ids = ids
        self._known = 0
        self._key = key
        self._missing: dict[str, set[str]] = {group: set() for group in groups}
        self._present: dict[str, set[str]] = {group: set() for group in groups}

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows of the list."""
        for row in rows:
            if found := self._key(row):
                agent_id, group = found
                self._present[group].add(agent_id)
                self._missing[group].discard(agent_id)

    def missing(self) -> int:
        """Return how many rows must still come at least.

        A group without any row so far may have none: not every account has all services.
        """
        self._update()
        return sum(len(ids) for group, ids in self._missing.items() if self._present[group])

    def is_complete(self) -> bool:
        """Return whether the list ends here."""
        self._update()
        return self.is_final() and not any(self._missing.values()) and self.ends_list()

    def _update(self) -> None:
        new = {*self._ids[self._known :]} - {codecs.SYSTEM_AGENT}
        self._known = len(self._ids)
        for group, missing in self._missing.items():
            missing.update(new - self._present[group])


def by_agent(identity: str) -> RowKey:
    """Return the key of a list with one row for each agent, with the id in this field."""
    return lambda row: (row[identity], "")


def by_service(row: Row) -> tuple[str, str] | None:
    """Return the key of a device, if it is a web device of an agent."""
    return (row["agent_id"], SERVICE_OF[row["service_type"]]) if is_web_device(row) else None
