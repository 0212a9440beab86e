"""Reading lists to their end, whatever the server's own page size turns out to be.

A list that is cut short in silence would look as if people had been removed, so an end is
believed only when it is proved: by an empty page, by the missing cursor, or by rows that are known
to be all there are. A short page proves nothing: a server may cap pages, or leave rows out behind
its count. The cap is not published (U); a page of 500 is seen at work in a client of Keboola's, and
a lower cap costs more pages. See docs/adr/0006-ends-of-lists-are-proved-by-other-lists.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.reader import PAGE_SIZE
from provisioner.liveagent.http import API_ROOT, Client
from provisioner.liveagent.refusals import not_liveagent

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
    more: Mapping[str, str | int] | None = None,
    *,
    ended: Ended | None = None,
) -> list[Row]:
    """Read a list that is paged by number.

    Args:
        client: the account.
        path: of the list.
        identity: the field that tells the rows apart.
        more: parameters of the query beside those for pages.
        ended: ends the list before its empty page.

    Returns:
        All rows, in the server's order.

    Raises:
        TargetError: a page failed, or the list changed or repeated itself while it was read.
    """
    rows: dict[object, Row] = {}
    for page in count(1):
        params: dict[str, str | int] = {**(more or {}), "_page": page, "_perPage": PAGE_SIZE}
        found = _rows(client.call("GET", path, params=params).content, path)
        _collect(rows, found, path, identity)
        if not found or (ended is not None and ended(rows)):
            break
    return list(rows.values())


def read_cursor(client: Client, path: str, identity: str) -> list[Row]:
    """Read a list that is paged by cursor; see `read_pages`."""
    return read_grid(client, path, identity).rows


def read_grid(client: Client, path: str, identity: str) -> Grid:
    """Read a list that is paged by cursor, with what tells how far to trust its end."""
    rows: dict[object, Row] = {}
    params: dict[str, str | int] = {"_perPage": PAGE_SIZE}
    pages: list[int] = []
    first: Mapping[str, str] | None = None
    while True:
        answer = client.call("GET", path, params=params)
        first = answer.headers if first is None else first
        found = _rows(answer.content, path)
        _collect(rows, found, path, identity)
        pages.append(len(found))
        cursor = answer.headers.get("next_page_cursor")
        if not cursor:
            return Grid(
                list(rows.values()),
                first,
                cursor_works=len(pages) > 1,
                ends_within_page=pages[-1] < pages[0],
            )
        if cursor == params.get("_cursor"):
            raise TargetError(
                not_liveagent(f"GET {API_ROOT}{path}", "the list goes round in a circle")
            )
        params["_cursor"] = cursor


def read_whole(client: Client, path: str, identity: str) -> list[Row]:
    """Read a list that has no pages; see `read_pages`."""
    rows: dict[object, Row] = {}
    _collect(rows, _rows(client.call("GET", path).content, path), path, identity)
    return list(rows.values())


def _collect(rows: dict[object, Row], found: list[Row], path: str, identity: str) -> None:
    """Add the rows of a page; a row that was there before means that the pages have moved."""
    for row in found:
        key = row.get(identity)
        if key is None or key in rows:
            raise TargetError(_unstable(path, identity, key))
        rows[key] = row


def _rows(content: Any, path: str) -> list[Row]:
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise TargetError(not_liveagent(f"GET {API_ROOT}{path}", "the answer is not a list"))
    return content


def _unstable(path: str, identity: str, key: object) -> Diagnostic:
    what = f"a row has no {identity}" if key is None else f'{identity} "{key}" came twice'
    return Diagnostic(
        code="short-read",
        summary=f"GET {API_ROOT}{path}: {what}, so the list can't be trusted",
        hint="somebody may be changing the account right now; run again",
    )
