"""Lists that are read page by page, side by side with others, up to their proved end.

Agents that a silently shortened list lacks would look deleted. So a list ends only with a proof: an
empty page, a missing cursor, or rows that another list shows to be all. A short page is no proof: a
server may limit the page size, or omit rows after counting them. The limit is not published (U): a
lower one costs more requests, and a size that is refused is halved. A missing page after the last
one is an end, too; after a full page the row that would come next must be missing as well. See
docs/adr/0006-ends-of-lists-are-proved-by-other-lists.md.

A page is requested only if it is needed whatever the pages before it show, so pages that are
requested together cost no request more than one after the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.contents import Content
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.http.side_by_side import started
from provisioner.liveagent.rows.expected_rows import ExpectedRows
from provisioner.liveagent.rows.page_rows import Listing, PageRows, UnstableListError
from provisioner.liveagent.rows.row_checks import RowCheck


class Readable(Protocol):
    """A part of the account that is read with one or more requests."""

    def next_requests(self) -> list[Callable[[], Any]]:
        """Return the requests that are needed now; none at the end, or to wait for other parts."""

    def add(self, answers: Iterable[Any]) -> None:
        """Add the answers of the last requests, in their order.

        Raises:
            TargetError: a request failed, or the answers do not fit together.
        """


def read_together(parts: Sequence[Readable], at_once: int) -> None:
    """Read parts of the account side by side, in rounds.

    Raises:
        TargetError: see `Readable.add`.
    """
    while requests := [part.next_requests() for part in parts]:
        calls = [call for group in requests for call in group]
        if not calls:
            return
        with started(calls, at_once) as answers:
            for part, group in zip(parts, requests, strict=True):
                if group:
                    part.add(islice(answers, len(group)))


class SingleCall:
    """A part that one call reads.

    Attributes:
        result: the result of the call.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        self.result: Any = None
        self._calls = [call]

    def next_requests(self) -> list[Callable[[], Any]]:
        """Return the call, once."""
        calls, self._calls = self._calls, []
        return calls

    def add(self, answers: Iterable[Any]) -> None:
        """Keep the result."""
        (self.result,) = answers


class NumberedList:
    """A list that is paged by number.

    Args:
        client: the account.
        path: the path of the list.
        identity: the field that identifies a row.
        shape: checks a row.
        more: more query parameters, besides those for pages.
        expected: the rows that it must have; None if no other list shows them.
    """

    def __init__(
        self,
        client: Client,
        path: str,
        identity: str,
        shape: RowCheck,
        more: Mapping[str, str | int] | None = None,
        expected: ExpectedRows | None = None,
    ) -> None:
        self._client = client
        self._path = path
        self._more = more or {}
        self._expected = expected
        self._rows = PageRows(path, identity, shape)
        self._lengths: list[int] = []
        self._size = 0
        self._is_read = False

    def listing(self) -> Listing:
        """Return the list."""
        return self._rows.listing()

    def next_requests(self) -> list[Callable[[], Any]]:
        """Return the requests of the pages that are needed now; see `Readable`."""
        if not self._lengths:
            return [partial(self._client.page_size.fit, partial(self._page, 1))]
        if self._is_read or (self._expected and self._expected.is_complete()):
            return []
        first = len(self._lengths) + 1
        return [
            partial(self._later_page, number) for number in range(first, first + self._needed())
        ]

    def _needed(self) -> int:
        """Return how many more pages are needed at least."""
        if not self._expected:
            return 1
        full = -(-self._expected.missing() // self._rows_of_page())
        if not self._expected.is_final():
            return full
        return max(full, 1) if self._expected.ends_list() else full + 1

    def _rows_of_page(self) -> int:
        """Return how many rows a page has at most.

        Two pages of the same length show the limit of a server that sends fewer rows than
        requested. One short page may have lost rows.
        """
        longest, pages = max(self._lengths), self._lengths[:2]
        has_limit = len(pages) > 1 and pages[0] == pages[1]
        return longest if has_limit else max(longest, self._size)

    def _page(self, number: int, size: int) -> Any:
        params = {**self._more, "_page": number, "_perPage": size}
        return self._client.call("GET", self._path, params=params).content

    def _later_page(self, number: int) -> Any:
        """Return a page after the first one, or the error that it is missing."""
        try:
            return self._page(number, self._size)
        except RejectedError as error:
            if error.status not in GONE:
                raise
            return error

    def add(self, answers: Iterable[Any]) -> None:
        """Add pages; see `Readable`.

        Raises:
            TargetError: a page failed, a row has an unexpected value, or the list changed, repeated
                itself or did not end.
        """
        missing: RejectedError | None = None
        for answer in answers:
            if not self._lengths:
                self._size, page = answer
            elif isinstance(answer, RejectedError):
                missing, page = missing or answer, []
            else:
                page = answer
            self._lengths.append(self._rows.add(page))
            if self._expected:
                self._expected.add(page)
            if missing and page:
                raise UnstableListError(f"{missing}, and the list has more rows")
        self._is_read = not self._lengths[-1]
        if missing:
            self._check_end(missing)

    def _check_end(self, missing: RejectedError) -> None:
        """Check that a list with a full last page has ended: its next row is missing.

        Raises:
            TargetError: the list has a row after the last one, or the request failed.
        """
        self._client.has_missing_end = True
        last = next(length for length in reversed(self._lengths) if length)
        if last != self._size or self._client.capabilities["end_of_pages"] != "empty":
            return
        try:
            row_after = self._page(len(self._rows.by_identity) + 1, 1)
        except RejectedError as error:
            if error.status not in GONE:
                raise
        else:
            if row_after:
                raise UnstableListError(f"{missing}, and the list has more rows")


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


class CursorList:
    """A list that is paged by cursor; see `NumberedList`.

    Attributes:
        ids: the identities of the rows so far.
        is_read: whether the list has ended.
        headers: the headers of the first answer.
    """

    def __init__(self, client: Client, path: str, identity: str, shape: RowCheck) -> None:
        self.ids: list[str] = []
        self.is_read = False
        self.headers: Mapping[str, str] = {}
        self._client = client
        self._path = path
        self._identity = identity
        self._rows = PageRows(path, identity, shape)
        self._lengths: list[int] = []
        self._size = 0
        self._cursor: str | None = None
        self._cursors: set[str] = set()

    def grid(self) -> Grid:
        """Return the list with the evidence for its end."""
        listing = self._rows.listing()
        return Grid(
            listing.rows,
            listing.pages,
            self.headers,
            cursor_works=len(self._lengths) > 1,
            ends_within_page=self._lengths[-1] < self._lengths[0],
        )

    def next_requests(self) -> list[Callable[[], Any]]:
        """Return the request of the next page; see `Readable`."""
        if self.is_read:
            return []
        if not self._lengths:
            return [partial(self._client.page_size.fit, self._first)]
        return [partial(self._page, self._cursor or "")]

    def _first(self, size: int) -> Content:
        return self._client.call("GET", self._path, params={"_perPage": size})

    def _page(self, cursor: str) -> Content:
        params: dict[str, str | int] = {"_perPage": self._size, "_cursor": cursor}
        return self._client.call("GET", self._path, params=params)

    def add(self, answers: Iterable[Any]) -> None:
        """Add a page; see `NumberedList.add`."""
        (answer,) = answers
        if not self._lengths:
            self._size, answer = answer
            self.headers = answer.headers
        self._lengths.append(self._rows.add(answer.content, self._cursor))
        self.ids += [row[self._identity] for row in answer.content]
        self._cursor = answer.headers.get("next_page_cursor")
        self.is_read = not self._cursor
        if not self._cursor:
            return
        if self._cursor in self._cursors:
            raise self._rows.endless("the list never ends: a cursor was returned twice")
        if not self._lengths[-1]:
            raise self._rows.endless("an empty page names a further page")
        self._cursors.add(self._cursor)
