"""Reads a LiveAgent account."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, RejectedError, RunStoppedError, TargetError
from provisioner.documents.files.attachments import digest
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.leaving import LeavingFacts
from provisioner.live.reader_protocol import reads_hours_of
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Paging, Surface
from provisioner.live.unread import Unread
from provisioner.liveagent.account_lists import read_lists, side_by_side
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.on_demand_reader import read_leaving, read_names
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.agent_objects import AgentShifts, ReadShifts, all_shifts
from provisioner.liveagent.rows.agreement import Lists, Problem, UnreadParts, report_mismatches
from provisioner.liveagent.rows.codec import Codec, read
from provisioner.liveagent.rows.device_hours import SERVICE_OF, form_of, web_devices
from provisioner.liveagent.rows.lists import (
    read_cursor,
    read_device_hours,
    read_row,
    read_whole,
)
from provisioner.liveagent.rows.live_objects import (
    account_facts,
    active_plugins,
    deleted_accounts,
    deleted_voices,
    objects_of,
    permission_needs,
)
from provisioner.liveagent.rows.row_checks import Row

TIMEZONE = "TIMEZONE"
"""The setting that names the account's time zone (D: regional settings)."""


class LiveAgentReader:
    """Reads an account in bulk pages: the number of requests grows with pages, not agents.

    It has no method that writes.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, *, hours_of: Collection[str] | None = (), plugins: bool = False) -> LiveState:
        """Read the whole account; see `provisioner.live.reader_protocol.Reader`."""
        before, refused = self._client.requests, self._client.page_size.refused
        unread = UnreadParts()
        reading = read_lists(self._client)
        surface, lists = reading.surface, reading.lists
        report_mismatches(reading.mismatches, lists, unread)
        unreadable = {one.agent_id for one in reading.mismatches if one.is_of_agent}
        shifts = self._read_shifts(lists, hours_of, unread) if _needs_shifts(lists) else {}
        form = form_of(self._client.capabilities, all_shifts(lists, shifts))
        objects = list(objects_of(lists, ReadShifts(shifts, form), unreadable, unread))
        wants_zone = hours_of is None or bool(hours_of)
        defaults, account = self._read_facts(surface, lists, unread, wants_zone=wants_zone)
        if not any(live.address.kind is Kind.AGENT for live in objects):
            raise _empty(unread.all())
        live = LiveState.of(
            objects,
            defaults=defaults,
            account=account,
            deleted=deleted_accounts(lists),
            surface=surface,
            hours_form=form,
            unread=unread.all(),
            requests=self._client.requests - before,
            paging=self._paging(refused),
        )
        live = replace(
            live,
            pages=reading.pages,
            permission_needs=permission_needs(lists),
            deleted_voices=deleted_voices(lists),
        )
        is_known = self._client.capabilities["plugin_names"] == "panel"
        wants_plugins = plugins and is_known and surface is Surface.V3
        return self._with_plugins(live) if wants_plugins else live

    def _paging(self, refused_before: int) -> Paging:
        """Return how the pages of a reading were answered."""
        sizes, known = self._client.page_size, self._client.capabilities
        return Paging(
            size=sizes.size,
            refused=sizes.refused - refused_before,
            checks_end=self._client.has_missing_end and known["end_of_pages"] == "empty",
        )

    def read_names(self, wanted: Collection[NameList]) -> AccountNames:
        """Read lists of names; see `provisioner.live.reader_protocol.Reader`."""
        return read_names(self._client, wanted)

    def read_leaving(self, *, tickets: bool, proof: bool = True) -> LeavingFacts:
        """Read what is known of leavers; see `provisioner.live.reader_protocol.Reader`."""
        return read_leaving(self._client, tickets=tickets, proof=proof)

    def photo(self, agent: LiveObject) -> bytes:
        """Return the content of an agent's photo; the agent must have one.

        Raises:
            TargetError: it could not be read.
        """
        file_id = str(agent.raw["settings"]["photo"])
        return self._client.download(f"/files/{quoted(file_id)}")

    def read_photos(self, agents: Iterable[LiveObject]) -> Mapping[str, str]:
        """Read the pictures of agents; see `provisioner.live.reader_protocol.Reader`."""
        digests = {}
        for agent in agents:
            address = agent.raw["agent"].get("avatar_url")
            if isinstance(address, str) and self._client.has_picture(address):
                digests[agent.id] = self._digest(address)
        return digests

    def _digest(self, address: str) -> str:
        try:
            return digest(self._client.picture(address))
        except RunStoppedError:
            raise
        except TargetError:
            return ""  # the step remains for a person, who can acknowledge it

    def _read_facts(
        self,
        surface: Surface,
        lists: dict[str, list[Row]],
        unread: UnreadParts,
        *,
        wants_zone: bool,
    ) -> tuple[dict[Kind, dict[str, Any]], AccountFacts]:
        """Return the account's defaults and facts; on v3 the time zone only on demand."""
        if surface is Surface.FULL:
            row = read_row(self._client, "/account", row_shapes.ACCOUNT)
            lists["deleted"] = row.get("deleted_agents") or []
            permissions = {row["name"]: row["default"] for row in lists["permissions"]}

            def report(codec: Codec, text: str, is_documented: bool) -> None:
                field = ".".join(("profile_defaults", *codec.keys))
                unread.add(Problem("/account", field, text, is_documented=is_documented), "")

            defaults = {
                Kind.ROLE: {"permissions": permissions},
                Kind.AGENT: read(row.get("profile_defaults") or {}, codecs.SETTINGS, report),
            }
            return defaults, account_facts(row)
        zone = self._zone() if wants_zone else None
        return {}, AccountFacts(timezone=zone, key_agent=self._key_agent())

    def _zone(self) -> str | None:
        """Return the account's time zone, or None if it has none or the key may not read it."""
        params = {"settingsNames": TIMEZONE}
        try:
            rows = read_whole(self._client, "/settings", "name", row_shapes.SETTING, params)
        except RejectedError:
            return None
        zone = next((row.get("value") for row in rows if row["name"] == TIMEZONE), None)
        return zone if isinstance(zone, str) else None

    def _with_plugins(self, live: LiveState) -> LiveState:
        """Return live state with the active plugins, if the key may read them."""
        before = self._client.requests
        try:
            answer = self._client.call("GET", "/grid/plugins").content
        except RunStoppedError:
            raise
        except TargetError:
            answer = None  # rules about plugins are skipped then
        is_list = isinstance(answer, list) and all(isinstance(row, dict) for row in answer)
        active = active_plugins(answer) if is_list else {}
        return replace(
            live,
            account=replace(live.account, plugins=active),
            plugins_read=is_list,
            requests=live.requests + self._client.requests - before,
        )

    def _key_agent(self) -> str | None:
        """Return the id of the API key's agent, or None if the key may not list keys."""
        try:
            rows = read_cursor(self._client, "/apikeys", "id", row_shapes.API_KEY)
        except RejectedError:
            return None
        own = (row.get("userid") for row in rows if self._client.is_own_key(row.get("key")))
        return next((str(agent_id) for agent_id in own if agent_id), None)

    def _read_shifts(
        self, lists: Lists, hours_of: Collection[str] | None, unread: UnreadParts
    ) -> AgentShifts:
        """Read the planned hours of some agents, one request for each of their devices."""
        emails = {row["id"]: row.get("email") or "" for row in lists["agents"]}
        devices = web_devices(_devices(lists))
        wanted = [
            device
            for agent_id, by_service in devices.items()
            if reads_hours_of(hours_of, emails.get(agent_id, ""), agent_id)
            for device in by_service.values()
        ]
        answers = side_by_side(
            [partial(read_device_hours, self._client, row["id"]) for row in wanted]
        )
        shifts: AgentShifts = {device["agent_id"]: [] for device in wanted}
        departments = {row["id"] for row in lists["departments"]}
        for device, rows in zip(wanted, answers, strict=True):
            service, agent_id = SERVICE_OF[device["service_type"]], device["agent_id"]
            for row in rows:
                if row["department_id"] not in departments:
                    text = f'is "{row["department_id"]}", and no department has this id'
                    problem = Problem("/devices/{id}/plans", "department_id", text)
                    unread.add(problem, agent_id, label=device["id"])
                shifts[agent_id] += [(service, shift) for shift in row["plans"] or ()]
        return shifts


def _empty(unread: tuple[Unread, ...]) -> TargetError:
    """Return the error for an account without an agent that can be read."""
    unreadable = [str(one) for one in unread if one.whole]
    return TargetError(
        Diagnostic(
            code="empty-account",
            summary=f"no agent of the account can be read: {unreadable[0]}"
            if unreadable
            else "the account shows no agent at all",
            hint="check that the key may read agents, and that the url is the right one",
        )
    )


def _devices(lists: Lists) -> list[Row]:
    """Return the devices of all agents, from the list that has them."""
    if "devices" in lists:
        return lists["devices"]
    return [device for row in lists["agent_settings"] for device in row["devices"]]


def _needs_shifts(lists: Lists) -> bool:
    """Return whether hours must be read device by device: no list has them."""
    return all(row.get("plans") is None for row in lists.get("agent_settings", ()))
