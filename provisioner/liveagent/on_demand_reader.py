"""Reads what only some plans and commands need: keys and tickets, reports, lists of names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from provisioner.address import fold
from provisioner.diagnostics import RejectedError, RunStoppedError, TargetError, UnansweredError
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.agent_report import Login, Period
from provisioner.live.leaving import AgentKey, LeavingFacts
from provisioner.live.reader_protocol import reads_hours_of
from provisioner.live.state import Surface
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.side_by_side import side_by_side
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.agreement import Lists
from provisioner.liveagent.rows.device_hours import web_devices
from provisioner.liveagent.rows.lists import (
    read_cursor,
    read_device_hours,
    read_pages,
    read_whole,
)
from provisioner.liveagent.rows.live_objects import active_plugins
from provisioner.liveagent.rows.row_checks import Row, RowCheck

TIMEZONE = "TIMEZONE"
"""The setting that names the account's time zone (D: regional settings)."""

PHONE_KEY = "P"
"""ApiKey.type of the key of a LivePhone login (C: phone app)."""

_SEES_ALL = frozenset({"admin", "owner"})
"""The roles that see the keys of all agents (I)."""


def read_leaving(client: Client, *, tickets: bool, proof: bool) -> LeavingFacts:
    """Read what an account shows about agents who leave.

    `proof` is whether a list without keys of other agents must be proved to be complete.

    Raises:
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    before = client.requests
    try:
        rows: list[Row] | None = read_cursor(client, "/apikeys", "id", row_shapes.API_KEY)
    except RejectedError:
        rows = None
    key_requests = client.requests - before
    if rows is not None and proof and not _shows_all(client, rows):
        rows = None
    keys_read = client.requests
    active = _tickets(client) if tickets else {}
    return LeavingFacts(
        keys=None if rows is None else tuple(map(_key, rows)),
        tickets=active,
        key_requests=key_requests,
        ticket_requests=client.requests - keys_read,
        requests=client.requests - before,
    )


def _shows_all(client: Client, rows: list[Row]) -> bool:
    """Return whether a list has the keys of all agents.

    A key with api.read_own sees those of its own agent only (I). The list does not show which
    privileges a key has, but a key that is read alone does (D: models).
    """
    if len({row.get("userid") for row in rows}) > 1:
        return True
    own = next((row for row in rows if client.is_own_key(row.get("key"))), None)
    if own is None or own.get("role") not in _SEES_ALL:
        return False
    try:
        alone = client.call("GET", f"/apikeys/{quoted(own['id'])}").content
    except RejectedError:
        return False
    entries = alone.get("privileges") if isinstance(alone, dict) else None
    return any(
        isinstance(entry, dict)
        and entry.get("object") == "api"
        and "read" in (entry.get("privileges") or ())
        for entry in entries or ()
    )


def _key(row: Row) -> AgentKey:
    return AgentKey(
        id=str(row["id"]),
        agent_id=str(row.get("userid") or ""),
        name=str(row.get("name") or ""),
        is_login=row.get("type") == PHONE_KEY,
    )


def _tickets(client: Client) -> dict[str, int]:
    """Return the number of active tickets of the agents who are online (D).

    The form of a ticket is unknown (U), so tickets are only counted. A list that the key may not
    read, or of another form, shows nothing.
    """
    try:
        rows = read_pages(client, "/agents/activity", "id", row_shapes.ACTIVITY)
    except RejectedError:
        return {}
    counted: dict[str, Any] = {str(row["id"]): row.get("active_tickets") for row in rows}
    return {agent_id: len(own) for agent_id, own in counted.items() if isinstance(own, list)}


_IDENTITY = {"id", "contactid", "firstname", "lastname"}


class LiveAgentReportReader:
    """Implements `provisioner.live.agent_report.AgentReportReader` for LiveAgent."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def emails(self) -> dict[str, str]:
        """Return a mapping from folded email to id of the agents."""
        return {
            fold(str(row.get("email"))): str(row["id"])
            for row in read_pages(self._client, "/agents", "id", row_shapes.AGENT)
            if row.get("status") != codecs.DELETED and row["id"] != codecs.SYSTEM_AGENT
        }

    def report(self, agent_id: str, period: Period) -> Mapping[str, int] | None:
        """Return the agent's row of the reports of a period (extended surface), or None."""
        bounds = {"date_from": period.since, "date_to": period.until}
        params = {name: day.isoformat() for name, day in bounds.items() if day}
        rows = read_pages(self._client, "/reports/agents", "id", row_shapes.REPORT, params)
        row = next((row for row in rows if row["id"] == agent_id), None)
        return row and {name: value for name, value in row.items() if name not in _IDENTITY}

    def logins(self, agent_id: str) -> tuple[Login, ...]:
        """Return the agent's logins by LivePhone, without their keys."""
        return tuple(
            Login(str(row["id"]), str(row.get("name") or ""), str(row.get("valid_to_date") or ""))
            for row in read_cursor(self._client, "/apikeys", "id", row_shapes.API_KEY)
            if row.get("userid") == agent_id and row.get("type") == PHONE_KEY
        )

    def disconnect(self, login: Login) -> None:
        """End a login; a login that has already ended is no error.

        Raises:
            TargetError: it was not ended.
        """
        self._client.delete(f"/apikeys/{quoted(login.id)}")


class _Source(NamedTuple):
    """Where a list is read: reader, path, key of the name, key of the label, and shape."""

    read: Callable[[Client, str, str, RowCheck], list[Row]]
    path: str
    name: str
    label: str
    shape: RowCheck


_SOURCES: Mapping[NameList, _Source] = {
    NameList.SLACK_USER: _Source(
        read_cursor, "/slack/users", "id", "real_name", row_shapes.SLACK_USER
    ),
    NameList.SOUND: _Source(read_whole, "/sounds", "name", "title", row_shapes.NAMED),
    NameList.ALERT: _Source(read_whole, "/sounds/alerts", "name", "title", row_shapes.NAMED),
    NameList.LEVEL: _Source(read_whole, "/levels", "name", "title", row_shapes.NAMED),
}
"""API v3 has the Slack users (D); the others are of the extended surface."""


def read_names(client: Client, wanted: Collection[NameList]) -> AccountNames:
    """Read lists of names, without those that the account refuses to show.

    A list of Slack users fails with 500 where the Slack integration is broken (D: changelog).

    Raises:
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    labels: dict[NameList, dict[str, str]] = {}
    requests: dict[NameList, int] = {}
    for name_list in sorted(wanted):
        source, before = _SOURCES[name_list], client.requests
        try:
            rows = source.read(client, source.path, source.name, source.shape)
        except RejectedError:
            rows = None
        except UnansweredError as error:
            if not error.status:
                raise
            rows = None
        requests[name_list] = client.requests - before
        if rows is not None:
            labels[name_list] = {
                str(row[source.name]): str(row.get(source.label) or "") for row in rows
            }
    return AccountNames(labels, requests)


@dataclass(frozen=True, slots=True)
class OnDemand:
    """What API v3 shows of agents and the account only on demand.

    Attributes:
        zone: the account's time zone, if it was read and is known.
        plugins: the active plugins.
        plugins_read: whether the plugins could be read; None if they were not needed.
        hours: devices, each with the rows of its planned hours.
    """

    zone: str | None = None
    plugins: Mapping[str, bool] = field(default_factory=dict)
    plugins_read: bool | None = None
    hours: Sequence[tuple[Row, list[Row]]] = ()


def read_on_demand(
    client: Client,
    surface: Surface,
    lists: Lists,
    hours_of: Collection[str] | None,
    *,
    plugins: bool,
) -> OnDemand:
    """Read side by side what depends on the files; see `Reader.read`.

    Raises:
        TargetError: planned hours could not be read.
    """
    is_v3 = surface is Surface.V3
    wants_zone = is_v3 and (hours_of is None or bool(hours_of))
    wants_plugins = is_v3 and plugins and client.capabilities["plugin_names"] == "panel"
    wanted = _devices_with_hours(lists, hours_of)
    calls: list[Callable[[], Any]] = [
        *([partial(_zone, client)] if wants_zone else ()),
        *([partial(_plugins, client)] if wants_plugins else ()),
        *(partial(read_device_hours, client, device["id"]) for device in wanted),
    ]
    results = iter(side_by_side(calls, client.connections))
    zone = next(results) if wants_zone else None
    rows = next(results) if wants_plugins else None
    return OnDemand(
        zone,
        plugins=active_plugins(rows or ()),
        plugins_read=rows is not None if wants_plugins else None,
        hours=[*zip(wanted, results, strict=True)],
    )


def _zone(client: Client) -> str | None:
    """Return the account's time zone, or None if it has none or the key may not read it."""
    params = {"settingsNames": TIMEZONE}
    try:
        rows = read_whole(client, "/settings", "name", row_shapes.SETTING, params)
    except RejectedError:
        return None
    zone = next((row.get("value") for row in rows if row["name"] == TIMEZONE), None)
    return zone if isinstance(zone, str) else None


def _plugins(client: Client) -> list[Row] | None:
    """Return the rows of the plugins, or None if they can't be read: their rules are skipped."""
    try:
        answer = client.call("GET", "/grid/plugins").content
    except RunStoppedError:
        raise
    except TargetError:
        return None
    is_list = isinstance(answer, list) and all(isinstance(row, dict) for row in answer)
    return answer if is_list else None


def _devices_with_hours(lists: Lists, hours_of: Collection[str] | None) -> list[Row]:
    """Return the devices of the agents with hours to read; none if a list has all hours."""
    settings = lists.get("agent_settings", ())
    if any(row.get("plans") is not None for row in settings):
        return []
    rows = (
        lists["devices"]
        if "devices" in lists
        else [device for row in settings for device in row["devices"]]
    )
    emails = {row["id"]: row.get("email") or "" for row in lists["agents"]}
    return [
        device
        for agent_id, by_service in web_devices(rows).items()
        if reads_hours_of(hours_of, emails.get(agent_id, ""), agent_id)
        for device in by_service.values()
    ]
