"""Reads a LiveAgent account."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.live.reader_protocol import reads_hours_of
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Paging, Surface
from provisioner.liveagent.http.answers import shown
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.device_hours import form_of
from provisioner.liveagent.rows.lists import (
    Grid,
    Row,
    read_cursor,
    read_device_hours,
    read_grid,
    read_pages,
    read_row,
    read_whole,
)
from provisioner.liveagent.rows.live_objects import (
    SERVICE_OF,
    SETTINGS_LIST,
    AgentShifts,
    Lists,
    all_shifts,
    deleted_accounts,
    objects_of,
    read_fields,
    web_devices,
)

SIDE_BY_SIDE = 5
"""The number of lists, or of devices, that are read at the same time."""

SURFACE_HEADER, EXTENDED = "api_surface", "extended"
"""The header by which each answer of the extended surface identifies it; API v3 sends no such
header. A reading needs no extra request to find out."""

TIMEZONE = "TIMEZONE"
"""The setting that names the account's time zone (D: regional settings)."""


class LiveAgentReader:
    """Reads an account in bulk pages: the number of requests grows with pages, not agents.

    It has no method that writes.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, *, hours_of: Collection[str] | None = ()) -> LiveState:
        """Read the whole account; see `provisioner.live.reader_protocol.Reader`."""
        before, refused = self._client.requests, self._client.page_size.refused
        grid, departments = _side_by_side(
            [
                partial(
                    read_grid, self._client, "/grid/agents", "agentid", row_shapes.AGENT_STATUSES
                ),
                partial(read_grid, self._client, "/grid/departments", "id", row_shapes.DEPARTMENT),
            ]
        )
        extended = grid.headers.get(SURFACE_HEADER) == EXTENDED
        surface = Surface.FULL if extended else Surface.V3
        calls = self._calls(surface, grid, proved=_is_proved(grid, departments.rows))
        lists = {
            "statuses": grid.rows,
            "departments": departments.rows,
            **dict(zip(calls, _side_by_side(list(calls.values())), strict=True)),
        }
        _check_together(lists)
        shifts = self._read_shifts(lists, hours_of) if surface is Surface.V3 else {}
        form = form_of(self._client.capabilities, all_shifts(lists, shifts))
        objects = list(objects_of(lists, shifts, form))
        wants_zone = hours_of is None or bool(hours_of)
        defaults, account = self._read_facts(surface, lists, wants_zone=wants_zone)
        if not any(live.address.kind is Kind.AGENT for live in objects):
            raise TargetError(
                Diagnostic(
                    code="empty-account",
                    summary="the account shows no agent at all",
                    hint="check that the key may read agents, and that the url is the right one",
                )
            )
        return LiveState.of(
            objects,
            defaults=defaults,
            account=account,
            deleted=deleted_accounts(lists),
            surface=surface,
            hours_form=form,
            requests=self._client.requests - before,
            paging=self._paging(refused),
        )

    def _paging(self, refused_before: int) -> Paging:
        """Return how the pages of a reading were answered."""
        sizes, known = self._client.page_size, self._client.capabilities
        return Paging(
            size=sizes.size,
            refused=sizes.refused - refused_before,
            checks_end=self._client.has_missing_end and known["end_of_pages"] == "empty",
        )

    def photo(self, agent: LiveObject) -> bytes:
        """Return the content of an agent's photo; the agent must have one.

        Raises:
            TargetError: it could not be read.
        """
        file_id = str(agent.raw["settings"]["photo"])
        return self._client.download(f"/files/{quoted(file_id)}")

    def _read_facts(
        self, surface: Surface, lists: dict[str, list[Row]], *, wants_zone: bool
    ) -> tuple[dict[Kind, dict[str, Any]], AccountFacts]:
        """Return the account's defaults and facts; on v3 the time zone only on demand."""
        if surface is Surface.FULL:
            row = read_row(self._client, "/account", row_shapes.ACCOUNT)
            lists["deleted"] = row.get("deleted_agents") or []
            permissions = {row["name"]: row["default"] for row in lists["permissions"]}
            defaults = {
                Kind.ROLE: {"permissions": permissions},
                Kind.AGENT: read_fields("/account", None, row["profile_defaults"], codecs.SETTINGS),
            }
            return defaults, codecs.account(row)
        zone = None
        if wants_zone:
            params = {"settingsNames": TIMEZONE}
            rows = read_whole(self._client, "/settings", "name", row_shapes.SETTING, params)
            zone = next((row.get("value") for row in rows if row["name"] == TIMEZONE), None)
        return {}, AccountFacts(timezone=zone, key_agent=self._key_agent())

    def _key_agent(self) -> str | None:
        """Return the id of the API key's agent, or None if the key may not list keys."""
        try:
            rows = read_cursor(self._client, "/apikeys", "id", row_shapes.API_KEY)
        except RejectedError:
            return None
        own = (row.get("userid") for row in rows if self._client.is_own_key(row.get("key")))
        return next((str(agent_id) for agent_id in own if agent_id), None)

    def _read_shifts(self, lists: Lists, hours_of: Collection[str] | None) -> AgentShifts:
        """Read the planned hours of some agents on v3, one request for each of their devices."""
        emails = {row["id"]: row.get("email") or "" for row in lists["agents"]}
        devices = web_devices(lists["devices"])
        wanted = [
            device
            for agent_id, by_service in devices.items()
            if reads_hours_of(hours_of, emails.get(agent_id, ""), agent_id)
            for device in by_service.values()
        ]
        answers = _side_by_side(
            [partial(read_device_hours, self._client, row["id"]) for row in wanted]
        )
        shifts: AgentShifts = {device["agent_id"]: [] for device in wanted}
        for device, rows in zip(wanted, answers, strict=True):
            service = SERVICE_OF[device["service_type"]]
            shifts[device["agent_id"]] += [
                (service, shift) for row in rows for shift in row["plans"]
            ]
        planned = {shift["department_id"] for own in shifts.values() for _, shift in own}
        _check_known("/devices/{id}/plans and /grid/departments", planned, lists["departments"])
        return shifts

    def _calls(self, surface: Surface, grid: Grid, *, proved: bool) -> dict[str, Callable[[], Any]]:
        """Return the lists to read besides the grids: name to the call that reads the list.

        The other lists must have rows for every agent of the grid, so they end with the last of
        these. Where the end of the grid is not proved, /agents is read up to an empty page: one of
        the two lists always proves the other.

        Args:
            surface: the surface of the account.
            grid: of agents.
            proved: whether the end of the grid is proved.
        """
        ids = frozenset(str(row["agentid"]) for row in grid.rows) - {codecs.SYSTEM_AGENT}
        has_all = partial(_has_all, ids)
        pages = partial(read_pages, self._client)
        calls: dict[str, Callable[[], Any]] = {
            "agents": partial(
                pages, "/agents", "id", row_shapes.AGENT, is_complete=has_all if proved else None
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
                read_whole, self._client, "/roles/permissions", "name", row_shapes.PERMISSION
            )
        return calls


def _is_proved(grid: Grid, departments: Iterable[Row]) -> bool:
    """Return whether the grid of agents is proved to be complete without another list of agents.

    A last page that is full may not be the last. Then the grid is complete if every agent is in a
    department, and the departments count as many members as the grid shows.
    """
    members = Counter(
        str(status.get("departmentid"))
        for row in grid.rows
        for status in row.get("departments_statuses") or ()
    )
    counted = all(row.get("departments_statuses") for row in grid.rows) and all(
        str(row.get("agent_count")) == str(members[str(row["id"])]) for row in departments
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


def _side_by_side(calls: Sequence[Callable[[], Any]]) -> list[Any]:
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


def _check_together(lists: Lists) -> None:
    """Check that lists have the same agents and departments.

    Raises:
        TargetError: somebody changed the account during the reading, or a list lacks rows.
    """
    agents = {
        row.get("id")
        for row in lists["agents"]
        if row.get("status") != codecs.DELETED and row.get("id") != codecs.SYSTEM_AGENT
    }
    in_grid = {row.get("agentid") for row in lists["statuses"]} - {codecs.SYSTEM_AGENT}
    others = {"/grid/agents": in_grid}
    if "agent_settings" in lists:
        others[SETTINGS_LIST] = {row.get("agent_id") for row in lists["agent_settings"]}
    departments = lists["departments"]
    joined = {
        status["departmentid"]
        for row in lists["statuses"]
        for status in row.get("departments_statuses") or ()
    }
    planned = {
        shift["department_id"] for row in lists.get("agent_settings", ()) for shift in row["plans"]
    }
    missing = {f"/agents and {path}": agents - ids for path, ids in others.items()}
    missing["/grid/agents and /agents"] = in_grid - {row.get("id") for row in lists["agents"]}
    for which, ids in missing.items():
        _check_none(which, ids)
    _check_known("/grid/agents and /grid/departments", joined, departments)
    _check_known(f"{SETTINGS_LIST} and /grid/departments", planned, departments)


def _check_known(which: str, ids: Collection[Any], departments: Iterable[Row]) -> None:
    """Check that the departments that other lists refer to are in the list of departments."""
    _check_none(which, {*ids} - {row["id"] for row in departments})


def _check_none(which: str, ids: Collection[Any]) -> None:
    if ids:
        raise TargetError(
            Diagnostic(
                code="short-read",
                summary=f"{which} don't speak of the same objects: "
                f"{[shown(one, 40) for one in sorted(map(str, ids))[:5]]}",
                hint="somebody may be changing the account right now; run again",
            )
        )
