"""Reading lists to their end, whatever the server's own page size turns out to be.

A list that is cut short in silence would look as if people had been removed, so an end is
believed only when it is proved: by an empty page, by the missing cursor, or by rows that are known
to be all there are. A short page proves nothing: a server may cap pages, or leave rows out behind
its count. The cap is not published (U); a page of 500 is seen at work in a client of Keboola's, and
a lower cap costs more pages. See docs/adr/0006-ends-of-lists-are-proved-by-other-lists.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.liveagent.costs import PAGE_SIZE
from provisioner.liveagent.http import bounds
from provisioner.liveagent.http.answers import shown
from provisioner.liveagent.http.client import API_ROOT, Client, quoted
from provisioner.liveagent.http.refusals import not_liveagent
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.row_parts import OddValueError, Part, checked, unexpected

Row = dict[str, Any]

Ended = Callable[[Mapping[object, Row]], bool]
"""Tells from the rows so far, by identity, that no other one can be missing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A list that was read by cursor.

    Attributes:
        rows: all of them.
        headers: of the first answer.
        cursor_works: whether a cursor was there, and at the end was not. A list of one page
            without a cursor might come from a proxy that drops the header.
        ends_within_page: whether the last page was shorter than the first.
    """

    rows: list[Row]
    headers: Mapping[str, str]
    cursor_works: bool
    ends_within_page: bool


def read_pages(
    client: Client,
    path: str,
    identity: str,
    shape: Part,
    more: Mapping[str, str | int] | None = None,
    *,
    ended: Ended | None = None,
) -> list[Row]:
    """Read a list that is paged by number.

    Args:
        client: the account.
        path: of the list.
        identity: the field that tells the rows apart.
        shape: checks a row.
        more: parameters of the query beside those for pages.
        ended: ends the list before its empty page.

    Returns:
        All rows, in the server's order.

    Raises:
        TargetError: a page failed, a row is odd, or the list changed, repeated itself or did not
            end.
    """
    rows = _Rows(path, identity, shape)
    while True:
        params: dict[str, str | int] = {
            **(more or {}),
            "_page": rows.pages + 1,
            "_perPage": PAGE_SIZE,
        }
        count = rows.add(client.call("GET", path, params=params).content)
        if not count or (ended is not None and ended(rows.by_identity)):
            return rows.all()


def read_cursor(client: Client, path: str, identity: str, shape: Part) -> list[Row]:
    """Read a list that is paged by cursor; see `read_pages`."""
    return read_grid(client, path, identity, shape).rows


def read_grid(client: Client, path: str, identity: str, shape: Part) -> Grid:
    """Read a list that is paged by cursor, with what tells how far to trust its end."""
    rows = _Rows(path, identity, shape)
    params: dict[str, str | int] = {"_perPage": PAGE_SIZE}
    sizes: list[int] = []
    cursors: set[str] = set()
    first: Mapping[str, str] | None = None
    while True:
        answer = client.call("GET", path, params=params)
        first = answer.headers if first is None else first
        sizes.append(rows.add(answer.content))
        cursor = answer.headers.get("next_page_cursor")
        if not cursor:
            return Grid(
                rows.all(),
                first,
                cursor_works=len(sizes) > 1,
                ends_within_page=sizes[-1] < sizes[0],
            )
        if cursor in cursors:
            raise rows.endless("the list goes round in a circle: a cursor comes a second time")
        if not sizes[-1]:
            raise rows.endless("an empty page names a further page")
        cursors.add(cursor)
        params["_cursor"] = cursor


def read_whole(
    client: Client,
    path: str,
    identity: str,
    shape: Part,
    more: Mapping[str, str | int] | None = None,
) -> list[Row]:
    """Read a list that has no pages; see `read_pages`."""
    rows = _Rows(path, identity, shape)
    rows.add(client.call("GET", path, params=more).content)
    return rows.all()


def read_row(client: Client, path: str, shape: Part) -> Row:
    """Read one object.

    Raises:
        TargetError: the call failed, or the object is odd.
    """
    row: Row = checked(f"GET {API_ROOT}{path}", client.call("GET", path).content, shape)
    return row


def read_plans(client: Client, device_id: object) -> list[Row]:
    """Read the planned hours of a device, a row for each department."""
    path = f"/devices/{quoted(device_id)}/plans"
    return read_whole(client, path, "department_id", row_shapes.DEVICE_PLANS)


class _Rows:
    """The rows of a list so far.

    Attributes:
        by_identity: the rows.
        pages: how many pages they came from.
    """

    def __init__(self, path: str, identity: str, shape: Part) -> None:
        self._call = f"GET {API_ROOT}{path}"
        self._identity = identity
        self._shape = shape
        self.by_identity: dict[object, Row] = {}
        self.pages = 0

    def all(self) -> list[Row]:
        return list(self.by_identity.values())

    def add(self, page: Any) -> int:
        """Add the rows of a page, and return how many it has."""
        self.pages += 1
        if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
            raise TargetError(not_liveagent(self._call, "the answer is not a list of objects"))
        for row in page:
            self._add(row)
        if self.pages > bounds.PAGES or len(self.by_identity) > bounds.ROWS:
            raise self.endless(
                f"the list does not end: {self.pages:,} pages and {len(self.by_identity):,} rows "
                "so far"
            )
        return len(page)

    def _add(self, row: Row) -> None:
        identity = row.get(self._identity)
        if identity is None:
            raise self._unstable(f"a row has no {self._identity}")
        try:
            self._shape(row, "")
        except OddValueError as error:
            raise unexpected(self._call, error, identity) from error
        if identity in self.by_identity:  # the pages have moved, or are all the same
            raise self._unstable(f'{self._identity} "{shown(str(identity))}" came twice')
        self.by_identity[identity] = row

    def _unstable(self, what: str) -> TargetError:
        return TargetError(
            Diagnostic(
                code="short-read",
                summary=f"{self._call}, page {self.pages}: {what}, so the list can't be trusted",
                hint="somebody may be changing the account right now; run again",
            )
        )

    def endless(self, what: str) -> TargetError:
        """Return the error for a list that has no end."""
        return TargetError(not_liveagent(f"{self._call}, page {self.pages}", what))
