"""Reads rows right before they are overwritten, and knows until when a write may rely on them.

A look is a request that reads a page of a list or one object. However long a write then waits - for
the limit of requests, after a 429, for a retry or for a free worker - it goes out only while the
look is young enough; otherwise the object is looked at again.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from provisioner.diagnostics import RejectedError, RunStoppedError, TargetError
from provisioner.execution.operations import LookList
from provisioner.execution.steps import PageLook, Step
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.http.pacing import Slots
from provisioner.liveagent.http.sending import Look
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.agreement import AGENTS_LIST, PATHS, SETTINGS_LIST
from provisioner.liveagent.rows.paged_lists import CursorList, read_together
from provisioner.liveagent.rows.row_checks import OddValueError, Row, RowCheck, checked

LOOK_SECONDS = 1.0
"""The oldest look that a write relies on, from the moment when the look was sent. What somebody
changes within this time is overwritten unnoticed."""

LEAST_SECONDS = LOOK_SECONDS / 4
"""The time that a look can be relied on after its answer, however long the account took for it:
otherwise a slow account could never be written to."""


class _List(NamedTuple):
    """A list of which pages are looked at: path, field that identifies a row, and shape."""

    path: str
    identity: str
    shape: RowCheck


_LISTS: Mapping[LookList, _List] = {
    LookList.AGENTS: _List(AGENTS_LIST, "id", row_shapes.AGENT),
    LookList.AGENT_SETTINGS: _List(SETTINGS_LIST, "agent_id", row_shapes.AGENT_SETTINGS),
    LookList.DEVICES: _List("/devices", "id", row_shapes.DEVICE),
    LookList.SERVICES: _List(PATHS["statuses"], "agentid", row_shapes.AGENT_STATUSES),
}


@dataclass(frozen=True, slots=True)
class RowSource:
    """Where the current row of an object is found.

    Attributes:
        path: the path of the object alone.
        shape: checks the answer at `path`.
        row_id: the id of the row of a list that shows it.
        part: returns the object from that row; None if the row lacks it.
        alone: returns the object from the answer at `path`.
    """

    path: str
    shape: RowCheck
    row_id: str
    part: Callable[[Row], Row | None] = lambda row: row
    alone: Callable[[Any], Row] = lambda content: content


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows that a look has shown.

    Attributes:
        rows: row id to row.
        until: the time after which no write may rely on them.
        slots: keep places below the limit per minute for the writes.
    """

    rows: Mapping[str, Row]
    until: float
    slots: Slots


Read = Callable[[Slots, bool], tuple[Mapping[str, Row], Look]]
"""Makes one look and returns its rows; the flag is whether it is a retry."""


class CurrentRows:
    """The looks of a run, for several threads at once.

    Attributes:
        partial: operations that send an object whole, where the list lacks some of its fields.
    """

    def __init__(self, client: Client, page_size: int) -> None:
        """Make it; `page_size` is the number of rows of the pages of the plan's reading."""
        self._client = client
        self._page_size = page_size
        self._shown: dict[str, Shown] = {}
        self._pages: dict[str, PageLook] = {}
        self._moved: dict[str, PageLook] = {}
        self._again = threading.Lock()
        self.partial: set[str] = set()

    def read_page(self, step: Step, page: PageLook, proof: RowSource | None) -> None:
        """Look at a page for the steps that rely on it.

        A page that can't be read is no reason to fail: each object is looked at alone then. Without
        the proof, this holds for later pages, too.
        """
        self._pages[step.id] = page
        try:
            self._take(step, partial(self._page, page), 1 + (proof is not None))
        except RunStoppedError:
            raise
        except TargetError:
            if page.proof:
                self.partial.add(page.proof.operation)
            return
        if proof and page.proof:
            self._prove(step.id, page.proof, proof)

    def read_alone(self, step: Step, source: RowSource) -> None:
        """Look at one object for the steps that rely on it.

        Raises:
            TargetError: it could not be read.
        """

        def read(slots: Slots, again: bool) -> tuple[Mapping[str, Row], Look]:
            row, look = self._alone(source, slots, again=again)
            return {source.row_id: row}, look

        self._take(step, read, 1)

    def of(self, step: Step, source: RowSource, calls: int = 1) -> tuple[Row, Shown]:
        """Return the current row of an object: from the step's look, or by a look at it alone.

        Args:
            step: the step that is about to write.
            source: the object.
            calls: the number of writes that rely on it.

        Raises:
            TargetError: it could not be read.
        """
        shown = self._shown.get(step.look)
        if shown and self._client.clock() <= shown.until and step.operation not in self.partial:
            row = source.part(shown.rows.get(source.row_id, {}))
            if row:
                return row, shown
        slots = self._client.reserve(1 + calls, LOOK_SECONDS)
        row, look = self._alone(source, slots)
        return row, Shown({source.row_id: row}, self._until(look.sent), slots)

    def services(self, look: str, agents: Sequence[str]) -> tuple[list[Row], Shown]:
        """Return the services of agents whom one batch writes.

        Args:
            look: the id of the step that looked at them.
            agents: ids of agents.

        Raises:
            TargetError: they could not be read.
        """
        with self._again:
            shown = self._shown.get(look)
            if shown is None or self._client.clock() > shown.until:
                shown = self._services_of(look, agents)
            if not shown.rows.keys() >= {*agents}:
                self._find_services()
                shown = self._services_of(look, agents)
            self._shown[look] = shown
        return [shown.rows.get(agent_id, {}) for agent_id in agents], shown

    def _services_of(self, look: str, agents: Sequence[str]) -> Shown:
        """Look at the pages that show the services of some agents; skip pages that are gone."""
        pages = {self._moved.get(agent_id, self._pages[look]) for agent_id in agents}
        slots = self._client.reserve(len(pages) + 1, LOOK_SECONDS)
        rows: dict[str, Row] = {}
        until = self._until(self._client.clock())
        for page in pages:
            try:
                more, seen = self._page(page, slots)
            except RejectedError:
                continue
            rows.update(more)
            until = min(until, self._until(seen.sent))
        return Shown(rows, until, slots)

    def _find_services(self) -> None:
        """Find the pages of services that are no longer on the page of the plan.

        The whole list is too slow to be a look itself.
        """
        path, identity, shape = _LISTS[LookList.SERVICES]
        pages = CursorList(self._client, path, identity, shape)
        read_together([pages], 1)
        self._moved = {
            agent_id: PageLook(LookList.SERVICES, place)
            for agent_id, place in pages.grid().pages.items()
        }

    def _take(self, step: Step, read: Read, looks: int) -> None:
        """Look for a step, with slots for its looks and for the writes that rely on them."""
        slots = self._client.reserve(looks + step.calls, LOOK_SECONDS)
        tries = count()

        def take() -> None:
            rows, look = read(slots, next(tries) > 0)
            self._shown[step.id] = Shown(rows, self._until(look.sent), slots)

        self._client.retries.run(take, lambda _error: True)

    def _until(self, sent: float) -> float:
        return max(sent + LOOK_SECONDS, self._client.clock() + LEAST_SECONDS)

    def _alone(self, source: RowSource, slots: Slots, *, again: bool = False) -> tuple[Row, Look]:
        look = self._client.look(source.path, slots, again=again)
        content = checked(f"GET {API_ROOT}{source.path}", look.content, source.shape)
        return source.alone(content), look

    def _page(
        self, page: PageLook, slots: Slots, again: bool = False
    ) -> tuple[Mapping[str, Row], Look]:
        """Read a page; a row that is not as expected is left out, so that it is read alone."""
        path, identity, shape = _LISTS[page.listing]
        place: dict[str, str | int] = {}
        if page.place.cursor:
            place = {"_cursor": page.place.cursor}
        elif page.listing is not LookList.SERVICES:
            place = {"_page": page.place.number}
        params = {**place, "_perPage": self._page_size}
        look = self._client.look(path, slots, params, again=again)
        rows = {}
        for row in look.content if isinstance(look.content, list) else ():
            try:
                shape(row, "")
                rows[str(row[identity])] = row
            except (OddValueError, TypeError, KeyError):
                continue
        return rows, look

    def _prove(self, name: str, step: Step, source: RowSource) -> None:
        """Look at one object alone, and compare its fields with those of its row in the list.

        An account may show fewer fields in a list (I). To send such a row back whole would reset
        the other fields.
        """
        shown = self._shown[name]
        row = source.part(shown.rows.get(source.row_id, {}))
        try:
            whole, _ = self._alone(source, shown.slots)
        except RunStoppedError:
            raise
        except TargetError:
            whole = {}
        if not whole or whole.keys() - (row or {}).keys():
            self.partial.add(step.operation)
