"""Reads a LiveAgent account."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from threading import Thread
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, RunStoppedError, TargetError
from provisioner.documents.files.attachments import digest
from provisioner.live.account_names import AccountNames, NameList
from provisioner.live.leaving import LeavingFacts
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Paging, Surface
from provisioner.live.unread import Unread
from provisioner.liveagent.account_lists import ReadLists, read_lists
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.on_demand_reader import (
    OnDemand,
    read_leaving,
    read_names,
    read_on_demand,
)
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.agent_objects import AgentShifts, ReadShifts, all_shifts
from provisioner.liveagent.rows.agreement import Lists, Problem, UnreadParts, report_mismatches
from provisioner.liveagent.rows.codec import Codec, read
from provisioner.liveagent.rows.device_hours import SERVICE_OF, form_of
from provisioner.liveagent.rows.live_objects import (
    account_facts,
    deleted_accounts,
    deleted_voices,
    objects_of,
    permission_needs,
)
from provisioner.liveagent.rows.row_checks import Row


class LiveAgentReader:
    """Reads an account in bulk pages: the number of requests grows with pages, not agents.

    It has no method that writes.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._started: _Start | None = None

    def start(self) -> None:
        """Start to read what depends on no file; the next `read` completes it."""
        self._started = _Start(self._client)

    def read(self, *, hours_of: Collection[str] | None = (), plugins: bool = False) -> LiveState:
        """Read the whole account; see `provisioner.live.reader_protocol.Reader`."""
        start, self._started = self._started or _Start(self._client), None
        unread = UnreadParts()
        reading = start.result()
        surface, lists = reading.surface, reading.lists
        report_mismatches(reading.mismatches, lists, unread)
        unreadable = {one.agent_id for one in reading.mismatches if one.is_of_agent}
        more = read_on_demand(self._client, surface, lists, hours_of, plugins=plugins)
        shifts = _shifts(lists, more.hours, unread)
        form = form_of(self._client.capabilities, all_shifts(lists, shifts))
        objects = list(objects_of(lists, ReadShifts(shifts, form), unreadable, unread))
        defaults, account = _facts(reading, more, unread)
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
            requests=self._client.requests - start.requests,
            paging=self._paging(start.refused),
        )
        return replace(
            live,
            pages=reading.pages,
            permission_needs=permission_needs(lists),
            deleted_voices=deleted_voices(lists),
            plugins_read=more.plugins_read,
        )

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


class _Start:
    """A reading of the lists that goes on in the background.

    Attributes:
        requests: the requests that the client had made before.
        refused: the pages that the account had refused before.
    """

    def __init__(self, client: Client) -> None:
        self.requests, self.refused = client.requests, client.page_size.refused
        self._reading: Future[ReadLists] = Future()
        # A daemon: a project with errors must not wait for the account.
        Thread(target=self._read, args=(client,), daemon=True).start()

    def _read(self, client: Client) -> None:
        try:
            self._reading.set_result(read_lists(client))
        except BaseException as error:  # noqa: BLE001  raised where the result is needed
            self._reading.set_exception(error)

    def result(self) -> ReadLists:
        """Wait for the lists, and return them.

        Raises:
            TargetError: a read failed, or the lists can't be trusted.
        """
        return self._reading.result()


def _facts(
    reading: ReadLists, more: OnDemand, unread: UnreadParts
) -> tuple[dict[Kind, dict[str, Any]], AccountFacts]:
    """Return the account's defaults and facts."""
    if reading.surface is Surface.V3:
        return {}, AccountFacts(
            timezone=more.zone, key_agent=reading.key_agent, plugins=more.plugins
        )

    def report(codec: Codec, text: str, is_documented: bool) -> None:
        field = ".".join(("profile_defaults", *codec.keys))
        unread.add(Problem("/account", field, text, is_documented=is_documented), "")

    row, lists = reading.account, reading.lists
    lists["deleted"] = row.get("deleted_agents") or []
    permissions = {row["name"]: row["default"] for row in lists["permissions"]}
    defaults = {
        Kind.ROLE: {"permissions": permissions},
        Kind.AGENT: read(row.get("profile_defaults") or {}, codecs.SETTINGS, report),
    }
    return defaults, account_facts(row)


def _shifts(
    lists: Lists, hours: Sequence[tuple[Row, list[Row]]], unread: UnreadParts
) -> AgentShifts:
    """Return the planned hours of the agents of devices."""
    shifts: AgentShifts = {device["agent_id"]: [] for device, _ in hours}
    departments = {row["id"] for row in lists["departments"]}
    for device, rows in hours:
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
