"""Reads lists of a platform page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.platforms.platform_api import CODE, PlatformApi

MOST_PAGES = 200
"""Pages of a list that are read."""

ROWS = 100
"""Rows of a page that are asked for; all of the platforms allow as many."""

Row = Mapping[str, Any]

Page = tuple[Any, bool]
"""The rows of a page, and whether it is the last one."""


def _page_of(content: Any, headers: Mapping[str, str]) -> Page:
    """Return a page of GitHub or GitLab; only GitLab names the next one."""
    following = headers.get("X-Next-Page")
    is_full = isinstance(content, list) and len(content) >= ROWS
    return content, not (is_full if following is None else following)


def rows(
    api: PlatformApi,
    path: str,
    params: Mapping[str, str | int] | None = None,
    page_of: Callable[[Any, Mapping[str, str]], Page] = _page_of,
    page_size: str = "per_page",
) -> Iterator[Row]:
    """Yield the rows of all pages of a list.

    Raises:
        TargetError: a page is no list of objects, or there are too many of them.
    """
    for page in range(1, MOST_PAGES + 1):
        query = {**(params or {}), page_size: ROWS, "page": page}
        result = api.call("GET", path, params=query)
        content, is_last = page_of(result.content, result.headers)
        yield from rows_of(path, content)
        if is_last:
            return
    raise TargetError(Diagnostic(code=CODE, summary=f"GET {path}: too many pages"))


def rows_of(path: str, content: Any) -> Iterator[Row]:
    """Yield the objects of a list.

    Raises:
        TargetError: it is no list.
    """
    if not isinstance(content, list):
        raise TargetError(Diagnostic(code=CODE, summary=f"GET {path}: the answer is no list"))
    yield from (row for row in content if isinstance(row, dict))


def at(content: Any, *keys: str) -> Any:
    """Return the value at a path of keys; None if there is none."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content
