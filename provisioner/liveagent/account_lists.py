"""Reads the lists of an account so often that their differences can be judged.

Lists that do not fit together are read a second time. If the second reading differs, somebody is
changing the account. If it does not, the rows are in one list only for good, and they are named.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial

from provisioner.diagnostics import RejectedError
from provisioner.live.state import ListPage, Surface
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.agreement import (
    AGENTS_LIST,
    PATHS,
    SETTINGS_LIST,
    Lists,
    Mismatch,
    mismatches,
)
from provisioner.liveagent.rows.device_hours import SERVICE_OF
from provisioner.liveagent.rows.expected_rows import ExpectedRows, RowKey, by_agent, by_service
from provisioner.liveagent.rows.lists import read_cursor, read_row, read_whole
from provisioner.liveagent.rows.page_rows import UnstableListError
from provisioner.liveagent.rows.paged_lists import (
    CursorList,
    Grid,
    NumberedList,
    SingleCall,
    read_together,
)
from provisioner.liveagent.rows.row_checks import Row

MOST_READINGS = 2
"""Complete readings, each compared with a second one, before a run ends."""

SURFACE_HEADER, EXTENDED = "api_surface", "extended"
"""The header by which each answer of the extended surface identifies it; API v3 sends no such
header. A reading needs no extra request to find out."""

COMPARED = frozenset(PATHS)
"""The names of the lists that a second reading reads again."""

_LISTS_WITH_PAGES = ("agents", "statuses", "devices", "agent_settings")
"""The lists of which `LiveState.pages` has the pages."""


@dataclass(frozen=True, slots=True)
class ReadLists:
    """The lists of an account.

    Attributes:
        surface: the surface of the account.
        lists: the lists by name.
        pages: list to id of a row to its page; see `LiveState.pages`.
        account: the row of the account itself, on the extended surface.
        key_agent: on API v3, the id of the API key's agent; None if the key may not list keys.
        mismatches: rows that one list has and another lacks, in two readings.
    """

    surface: Surface
    lists: dict[str, list[Row]]
    pages: dict[str, Mapping[str, ListPage]]
    account: Row = field(default_factory=dict)
    key_agent: str | None = None
    mismatches: frozenset[Mismatch] = frozenset()


def read_lists(client: Client) -> ReadLists:
    """Return the lists of an account.

    Raises:
        TargetError: a read failed, or the lists can't be trusted.
    """
    found: frozenset[Mismatch] = frozenset()
    for _ in range(MOST_READINGS):
        reading = _stable(partial(_read, client))
        found = mismatches(reading.lists)
        if not found:
            return reading
        again = _stable(partial(_read, client, COMPARED))
        lists = {**reading.lists, **again.lists}
        if mismatches(lists) == found:
            _check_counts(client, lists, found)
            pages = {**reading.pages, **again.pages}
            return replace(reading, lists=lists, pages=pages, mismatches=found)
    one = min(found)
    row = f'GET {API_ROOT}{PATHS[one.has]}, row "{one.agent_id}"'
    raise UnstableListError(
        f"{row}: {one.field} {one.problem}, and another reading differed", race=True
    )


def _stable(read: Callable[[], ReadLists]) -> ReadLists:
    """Return a reading; a list with rows that do not fit together is read a second time."""
    try:
        return read()
    except UnstableListError as first:
        try:
            return read()
        except UnstableListError as second:
            if str(first) == str(second):
                raise
            raise UnstableListError(str(second), race=True) from second


def _read(client: Client, only: Iterable[str] | None = None) -> ReadLists:
    """Read all lists, or only some of them and the grids.

    The first page of the grid of agents comes alone: it shows the surface, and the page size that
    the account accepts.
    """
    grid = CursorList(client, PATHS["statuses"], "agentid", row_shapes.AGENT_STATUSES)
    departments = CursorList(client, PATHS["departments"], "id", row_shapes.DEPARTMENT)
    grid.add(call() for call in grid.next_requests())
    extended = grid.headers.get(SURFACE_HEADER) == EXTENDED
    surface = Surface.FULL if extended else Surface.V3
    parts = _parts(client, surface, grid, departments)
    calls = _calls(client, surface)
    if only is not None:
        parts = {name: part for name, part in parts.items() if name in only}
        calls = {}
    read_together([grid, departments, *parts.values(), *calls.values()], client.connections)
    listings = {
        "statuses": grid.grid(),
        "departments": departments.grid(),
        **{name: part.listing() for name, part in parts.items()},
    }
    settings = listings.get("agent_settings")
    if settings and any(row.get("devices") is None for row in settings.rows):
        devices = NumberedList(client, "/devices", "id", row_shapes.DEVICE)
        read_together([devices], client.connections)
        listings["devices"] = devices.listing()
    results = {name: call.result for name, call in calls.items()}
    lists = {name: listing.rows for name, listing in listings.items()}
    if "permissions" in results:
        lists["permissions"] = results["permissions"]
    return ReadLists(
        surface,
        lists,
        {name: listings[name].pages for name in _LISTS_WITH_PAGES if name in listings},
        results.get("account", {}),
        results.get("key_agent"),
    )


def _calls(client: Client, surface: Surface) -> dict[str, SingleCall]:
    """Return what is read besides lists with pages, by name."""
    if surface is Surface.V3:
        return {"key_agent": SingleCall(partial(_key_agent, client))}
    permissions = partial(read_whole, client, "/roles/permissions", "name", row_shapes.PERMISSION)
    account = partial(read_row, client, "/account", row_shapes.ACCOUNT)
    return {"permissions": SingleCall(permissions), "account": SingleCall(account)}


def _key_agent(client: Client) -> str | None:
    """Return the id of the API key's agent, or None if the key may not list keys."""
    try:
        rows = read_cursor(client, "/apikeys", "id", row_shapes.API_KEY)
    except RejectedError:
        return None
    own = (row.get("userid") for row in rows if client.is_own_key(row.get("key")))
    return next((str(agent_id) for agent_id in own if agent_id), None)


def _check_counts(client: Client, lists: Lists, found: Iterable[Mismatch]) -> None:
    """Check that a grid that lacks rows is complete by its own count (D).

    Raises:
        UnstableListError: it is not; the account does not return all rows.
    """
    for name in sorted({one.other for one in found} & {"statuses", "departments"}):
        try:
            content = client.call("GET", f"{PATHS[name]}/count").content
        except RejectedError:
            continue
        count = content.get("count") if isinstance(content, dict) else None
        if str(count).isdecimal() and int(str(count)) > len(lists[name]):
            raise UnstableListError(
                f"GET {API_ROOT}{PATHS[name]}: {len(lists[name])} rows came, and {count} are in "
                f"the list by GET {API_ROOT}{PATHS[name]}/count"
            )


def _parts(
    client: Client, surface: Surface, grid: CursorList, departments: CursorList
) -> dict[str, NumberedList]:
    """Return the lists to read besides the grids, by name.

    They must have rows for every agent of the grid, so they end with the last of these. Where the
    end of the grid is not proved, /agents is read up to an empty page: one of the two lists always
    proves the other.
    """

    def is_final() -> bool:
        return grid.is_read and departments.is_read

    @cache
    def is_proved() -> bool:
        return _is_proved(grid.grid(), departments.grid().rows)

    def expected(
        key: RowKey, groups: Iterable[str] = ("",), ends_list: Callable[[], bool] = is_final
    ) -> ExpectedRows:
        return ExpectedRows(grid.ids, key, groups, is_final=is_final, ends_list=ends_list)

    pages = partial(NumberedList, client)
    agents = expected(by_agent("id"), ends_list=is_proved)
    parts: dict[str, NumberedList] = {
        "agents": pages(AGENTS_LIST, "id", row_shapes.AGENT, expected=agents)
    }
    if surface is Surface.V3:
        devices = expected(by_service, SERVICE_OF.values())
        parts["devices"] = pages("/devices", "id", row_shapes.DEVICE, expected=devices)
        return parts
    shape, settings = row_shapes.AGENT_SETTINGS, expected(by_agent("agent_id"))
    parts["agent_settings"] = pages(SETTINGS_LIST, "agent_id", shape, expected=settings)
    parts["roles"] = pages("/roles", "id", row_shapes.ROLE)
    return parts


def _is_proved(grid: Grid, departments: Iterable[Row]) -> bool:
    """Return whether the grid of agents is proved to be complete without another list of agents.

    A last page that is full may not be the last. Then the grid is complete if every agent is in a
    department, and the departments count as many members as the grid shows.
    """
    members = Counter(
        status["departmentid"] for row in grid.rows for status in row["departments_statuses"]
    )
    counted = all(row["departments_statuses"] for row in grid.rows) and all(
        str(row.get("agent_count")) == str(members[row["id"]]) for row in departments
    )
    return grid.cursor_works and (grid.ends_within_page or counted)
