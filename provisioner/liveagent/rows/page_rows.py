"""Collects the rows of a list, page by page, and refuses pages that do not fit together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.state import ListPage
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.http.refusals import not_liveagent
from provisioner.liveagent.rows.row_checks import (
    MISSING,
    OddValueError,
    Row,
    RowCheck,
    unexpected,
)
from provisioner.redaction import shown


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


class PageRows:
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

    def listing(self) -> Listing:
        """Return the rows so far as a list that has ended."""
        return Listing(list(self.by_identity.values()), self.page_of)

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
