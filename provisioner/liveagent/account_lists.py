"""Reads the lists of an account so often that their differences can be judged.

Lists that do not fit together are read a second time. If the second reading differs, somebody is
changing the account. If it does not, the rows are in one list only for good, and they are named.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.live.state import ListPage, Surface
from provisioner.liveagent.http.client import API_ROOT, Client
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.agreement import (
    AGENTS_LIST,
    PATHS,
    SETTINGS_LIST,
    Lists,
    Mismatch,
    mismatches,
)
from provisioner.liveagent.rows.device_hours import SERVICE_OF, web_devices
from provisioner.liveagent.rows.lists import (
    Grid,
    Listing,
    UnstableListError,
    read_grid,
    read_listing,
    whole_listing,
)
from provisioner.liveagent.rows.row_checks import Row

SIDE_BY_SIDE = 5
"""The number of lists, or of devices, that are read at the same time."""

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
        mismatches: rows that one list has and another lacks, in two readings.
    """

    surface: Surface
    lists: dict[str, list[Row]]
    pages: dict[str, Mapping[str, ListPage]]
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
            return ReadLists(reading.surface, lists, pages, found)
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
    """Read all lists, or only some of them and the grids."""
    grid, departments = side_by_side(
        [
            partial(read_grid, client, PATHS["statuses"], "agentid", row_shapes.AGENT_STATUSES),
            partial(read_grid, client, PATHS["departments"], "id", row_shapes.DEPARTMENT),
        ]
    )
    extended = grid.headers.get(SURFACE_HEADER) == EXTENDED
    surface = Surface.FULL if extended else Surface.V3
    calls = _calls(client, surface, grid, proved=_is_proved(grid, departments.rows))
    if only is not None:
        calls = {name: call for name, call in calls.items() if name in only}
    listings: dict[str, Listing] = {
        "statuses": grid,
        "departments": departments,
        **dict(zip(calls, side_by_side(list(calls.values())), strict=True)),
    }
    settings = listings.get("agent_settings")
    if settings and any(row.get("devices") is None for row in settings.rows):
        listings["devices"] = read_listing(client, "/devices", "id", row_shapes.DEVICE)
    return ReadLists(
        surface,
        {name: listing.rows for name, listing in listings.items()},
        {name: listings[name].pages for name in _LISTS_WITH_PAGES if name in listings},
    )


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


def _calls(
    client: Client, surface: Surface, grid: Grid, *, proved: bool
) -> dict[str, Callable[[], Listing]]:
    """Return the lists to read besides the grids: name to the call that reads the list.

    The other lists must have rows for every agent of the grid, so they end with the last of
    these. Where the end of the grid is not proved, /agents is read up to an empty page: one of
    the two lists always proves the other.
    """
    ids = frozenset(row["agentid"] for row in grid.rows) - {codecs.SYSTEM_AGENT}
    has_all = partial(_has_all, ids)
    pages = partial(read_listing, client)
    calls: dict[str, Callable[[], Listing]] = {
        "agents": partial(
            pages, AGENTS_LIST, "id", row_shapes.AGENT, is_complete=has_all if proved else None
        )
    }
    if surface is Surface.V3:
        has_all_devices = partial(_has_all_devices, ids)
        calls["devices"] = partial(
            pages, "/devices", "id", row_shapes.DEVICE, is_complete=has_all_devices
        )
    else:
        settings = row_shapes.AGENT_SETTINGS
        calls["agent_settings"] = partial(
            pages, SETTINGS_LIST, "agent_id", settings, is_complete=has_all
        )
        calls["roles"] = partial(pages, "/roles", "id", row_shapes.ROLE)
        calls["permissions"] = partial(
            whole_listing, client, "/roles/permissions", "name", row_shapes.PERMISSION
        )
    return calls


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


def _has_all(ids: frozenset[str], rows: Mapping[object, Row]) -> bool:
    return ids <= rows.keys()


def _has_all_devices(ids: frozenset[str], rows: Mapping[object, Row]) -> bool:
    """Return whether the web device of each agent for each service is among the rows."""
    if len(rows) < len(SERVICE_OF) * len(ids):
        return False
    devices = web_devices(rows.values())
    return all(len(devices.get(agent_id, ())) == len(SERVICE_OF) for agent_id in ids)


def side_by_side(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make calls at the same time and return their results in order.

    An interrupt ends it at once, without waiting for calls that are under way.
    """
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    waiting = True
    try:
        return [future.result() for future in [pool.submit(call) for call in calls]]
    except KeyboardInterrupt:
        waiting = False
        raise
    finally:
        pool.shutdown(wait=waiting, cancel_futures=True)
