"""Reads lists while nothing is known of the account, so without any assumption about their end."""

from itertools import count
from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.http.client import Client, Content
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.rows.lists import Row

SMALLEST_PAGE = 10
"""Rows of a page without `_perPage` (D); a smaller page is not asked for."""


class RawLists:
    """Reads whole lists by number or by cursor; their rows are not checked.

    Attributes:
        page_size: the rows to ask for; a probe sets it to the largest that is accepted.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.page_size = SMALLEST_PAGE

    def rows(self, path: str) -> list[Row]:
        """Return the rows of a list that is paged by number.

        The list ends with a page without new rows, or with a 404.
        """
        found: dict[str, Row] = {}
        for number in count(1):
            page = self.page(path, number, self.page_size) or []
            added = {str(row.get("id")): row for row in page if str(row.get("id")) not in found}
            if not added:
                break
            found |= added
        return list(found.values())

    def page(self, path: str, number: int, size: int) -> list[Row] | None:
        """Return one page, or None for a 404."""
        params: dict[str, str | int] = {"_page": number, "_perPage": size}
        try:
            return _rows_of(self._client.call("GET", path, params=params).content)
        except RejectedError as error:
            if number > 1 and error.status in GONE:
                return None
            raise

    def grid(self, path: str) -> tuple[list[Row], Content]:
        """Return the rows of a list that is paged by cursor, and its first answer."""
        params: dict[str, str | int] = {"_perPage": self.page_size}
        first = answer = self._client.call("GET", path, params=params)
        rows, cursors = _rows_of(answer.content), {""}
        while (cursor := answer.headers.get("next_page_cursor") or "") not in cursors:
            cursors.add(cursor)
            params["_cursor"] = cursor
            answer = self._client.call("GET", path, params=params)
            rows += _rows_of(answer.content)
        return rows, first


def _rows_of(content: Any) -> list[Row]:
    return [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []
