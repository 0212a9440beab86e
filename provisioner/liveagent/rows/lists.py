"""Reads lists to their proved end, with any page size of the server.

Agents that a silently shortened list lacks would look deleted. So a list ends only with a proof: an
empty page, a missing cursor, or rows that another list shows to be all. A short page is no proof: a
server may limit the page size, or omit rows after counting them. The limit is not published (U): a
lower one costs more requests, and a size that is refused is halved. A missing page after the last
one is an end, too; after a full page the row that would come next must be missing as well. See
docs/adr/0006-ends-of-lists-are-proved-by-other-lists.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.live.state import ListPage
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.answers import shown
from provisioner.liveagent.http.client import API_ROOT, Client, quoted
from provisioner.liveagent.http.refusals import GONE, not_liveagent
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.row_checks import (
    MISSING,
    OddValueError,
    Row,
    RowCheck,
    checked,
    unexpected,
)

IsComplete = Callable[[Mapping[object, Row]], bool]
"""Returns whether the rows so far, by identity, are all rows of the list."""


class UnstableListError(TargetError):
    """The rows of a list do not fit together; a second reading shows whether that was a race."""

    def __init__(self, summary: str, *, race: bool = False) -> None:
        super().__init__(
            Diagnostic(
                code="short-read",
                summary=summary,
                hint="somebody is changing the account right now; run again"
                if race
                else "send this message to LiveAgent's support, if nobody is changing the account",
            )
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that was read to its end.

    Attributes:
        rows: all rows, in the server's order.
        pages: id of a row, as text, to its page.
    """

    rows: list[Row]
    pages: Mapping[str, ListPage]


@dataclass(frozen=True, slots=True)
class Grid(Listing):
    """A list that was read by cursor.

    Attributes:
        headers: the headers of the first answer.
        cursor_works: whether earlier pages had a cursor and the last had none. A list of one page
            without a cursor may come from a proxy that drops the header.
        ends_within_page: whether the last page was shorter than the first.
    """

    headers: Mapping[str, str]
    cursor_works: bool
    ends_within_page: bool


def read_pages(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
    *,
    is_complete: IsComplete | None = None,
) -> list[Row]:
    """Return the rows of a list that is paged by number; see `read_listing`."""
    return read_listing(client, path, identity, shape, more, is_complete=is_complete).rows


def read_listing(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
    *,
    is_complete: IsComplete | None = None,
) -> Listing:
    """Read a list that is paged by number.

    Args:
        client: the account.
        path: the path of the list.
        identity: the field that identifies a row.
        shape: checks a row.
        more: more query parameters, besides those for pages.
        is_complete: ends the list before its empty page; None: read up to that page.

    Raises:
        TargetError: a page failed, a row has an unexpected value, or the list changed, repeated
            itself or did not end.
    """
    rows = _Rows(path, identity, shape)

    def page(size: int, number: int) -> Any:
        params = {**(more or {}), "_page": number, "_perPage": size}
        return client.call("GET", path, params=params).content

    size, content = client.page_size.fit(lambda size: page(size, 1))
    while True:
        count = rows.add(content)
        if not count or (is_complete is not None and is_complete(rows.by_identity)):
            return rows.listing()
        try:
            content = page(size, rows.pages + 1)
        except RejectedError as error:
            if error.status not in GONE:
                raise
            client.has_missing_end = True
            if count == size and client.capabilities["end_of_pages"] == "empty":
                _check_end(rows, page, error)
            return rows.listing()


def _check_end(rows: "_Rows", page: Callable[[int, int], Any], missing: RejectedError) -> None:
    """Check that a list with a full last page has ended: its next page is missing.

    Raises:
        TargetError: the list has a row after the last one, or the request failed.
    """
    try:
        row_after = page(1, len(rows.by_identity) + 1)
    except RejectedError as error:
        if error.status not in GONE:
            raise
    else:
        if row_after:
            raise UnstableListError(f"{missing}, and the list has more rows")


def read_cursor(client: Client, path: str, identity: str, shape: RowCheck) -> list[Row]:
    """Read a list that is paged by cursor; see `read_pages`."""
    return read_grid(client, path, identity, shape).rows


def read_grid(client: Client, path: str, identity: str, shape: RowCheck) -> Grid:
    """Read a list that is paged by cursor, with the evidence for its end; see `read_pages`."""
    rows = _Rows(path, identity, shape)
    size, answer = client.page_size.fit(
        lambda size: client.call("GET", path, params={"_perPage": size})
    )
    first, cursor = answer.headers, None
    sizes: list[int] = []
    cursors: set[str] = set()
    while True:
        sizes.append(rows.add(answer.content, cursor))
        cursor = answer.headers.get("next_page_cursor")
        if not cursor:
            return Grid(
                rows.all(),
                rows.page_of,
                first,
                cursor_works=len(sizes) > 1,
                ends_within_page=sizes[-1] < sizes[0],
            )
        if cursor in cursors:
            raise rows.endless("the list never ends: a cursor was returned twice")
        if not sizes[-1]:
            raise rows.endless("an empty page names a further page")
        cursors.add(cursor)
        answer = client.call("GET", path, params={"_perPage": size, "_cursor": cursor})


def read_whole(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
) -> list[Row]:
    """Return the rows of a list without pages; see `whole_listing`."""
    return whole_listing(client, path, identity, shape, more).rows


def whole_listing(
    client: Client,
    path: str,
    identity: str,
    shape: RowCheck,
    more: Mapping[str, str | int] | None = None,
) -> Listing:
    """Read a list without pages; see `read_listing`."""
    rows = _Rows(path, identity, shape)
    rows.add(client.call("GET", path, params=more).content)
    return rows.listing()


def read_row(client: Client, path: str, shape: RowCheck) -> Row:
    """Read one object.

    Raises:
        TargetError: the call failed, or the object has an unexpected value.
    """
    row: Row = checked(f"GET {API_ROOT}{path}", client.call("GET", path).content, shape)
    return row


def read_device_hours(client: Client, device_id: object) -> list[Row]:
    """Read the planned hours of a device, one row for each department."""
    path = f"/devices/{quoted(device_id)}/plans"
    return read_whole(client, path, "department_id", row_shapes.DEVICE_HOURS)


class _Rows:
    """Collects the rows of a list, page by page.

    Attributes:
        by_identity: the rows so far.
        page_of: their pages; see `Listing`.
        pages: the number of pages so far.
    """

    def __init__(self, path: str, identity: str, shape: RowCheck) -> None:
        self._call = f"GET {API_ROOT}{path}"
        self._identity = identity
        self._shape = shape
        self.by_identity: dict[object, Row] = {}
        self.page_of: dict[str, ListPage] = {}
        self.pages = 0

    def all(self) -> list[Row]:
        return list(self.by_identity.values())

    def listing(self) -> Listing:
        return Listing(self.all(), self.page_of)

    def add(self, page: Any, cursor: str | None = None) -> int:
        """Add the rows of a page, to which a cursor led, and return their number."""
        self.pages += 1
        place = ListPage(self.pages, cursor)
        if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
            raise TargetError(not_liveagent(self._call, "the answer is not a list of objects"))
        for row in page:
            self._add(row, place)
        if (
            self.pages > bounded_connections.PAGES
            or len(self.by_identity) > bounded_connections.ROWS
        ):
            raise self.endless(
                f"the list does not end: {self.pages:,} pages and {len(self.by_identity):,} rows "
                "so far"
            )
        return len(page)

    def _add(self, row: Row, page: ListPage) -> None:
        identity = row.get(self._identity)
        if identity is None:
            error = OddValueError(self._identity, row.get(self._identity, MISSING), "an id")
            raise unexpected(f"{self._call}, page {self.pages}: a row has no id", error)
        try:
            self._shape(row, "")
        except OddValueError as error:
            raise unexpected(self._call, error, identity) from error
        identity = row[self._identity]
        if identity in self.by_identity:  # rows moved between pages, or every page is the same
            raise UnstableListError(
                f'{self._call}, page {self.pages}: {self._identity} "{shown(str(identity))}" came '
                "twice, so the list can't be trusted"
            )
        self.by_identity[identity] = row
        self.page_of[str(identity)] = page

    def endless(self, what: str) -> TargetError:
        """Return the error for a list without an end."""
        return TargetError(not_liveagent(f"{self._call}, page {self.pages}", what))
