"""Reading a LiveAgent account."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from provisioner.address import Kind, fold
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.live.state import Account, LiveObject, LiveState, Surface
from provisioner.liveagent import codecs, profiles
from provisioner.liveagent.http import Client, not_liveagent
from provisioner.liveagent.lists import Row, read_cursor, read_pages, read_whole

SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}

Plans = dict[str, list[tuple[str, Row]]]
"""Agent id to the agent's device plans, each with its service."""

BOTH_SURFACES = {
    "agents": (read_pages, "/agents", "id"),
    "statuses": (read_cursor, "/grid/agents", "agentid"),
    "devices": (read_pages, "/devices", "id"),
    "departments": (read_pages, "/departments", "department_id"),
}
"""What a plan reads on every account: how, where, and what tells the rows apart."""

EXTENDED_SURFACE = {
    "roles": (read_pages, "/roles", "id"),
    "permissions": (read_whole, "/roles/permissions", "name"),
    "profiles": (read_pages, "/agents/profiles", "agent_id"),
}
"""What only the extended surface has. Its absence is how the surface is told."""

TIMEZONE = "TIMEZONE"
"""The setting that names the account's time zone (D: regional settings)."""


class LiveAgentReader:
    """Reads an account in bulk pages: the number of requests grows with pages, not agents.

    It has no method that writes.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, *, hours_of: Collection[str] | None = ()) -> LiveState:
        """Read the whole account; see `provisioner.live.reader.Reader`."""
        before = self._client.requests
        calls = [
            partial(how, self._client, path, identity)
            for how, path, identity in BOTH_SURFACES.values()
        ]
        more, *found = _side_by_side([self._read_extended, *calls])
        surface = Surface.V3 if more is None else Surface.FULL
        lists = {**dict(zip(BOTH_SURFACES, found, strict=True)), **(more or {})}
        _check_together(lists)
        try:
            plans = self._read_plans(lists, hours_of) if surface is Surface.V3 else {}
            objects = list(_objects(lists, plans))
            wants_zone = hours_of is None or bool(hours_of)
            defaults, account = self._read_facts(surface, lists, wants_zone=wants_zone)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise TargetError(
                not_liveagent("reading the account", f"a row lacks or misuses {error}")
            ) from error
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
            deleted=_deleted(lists),
            surface=surface,
            requests=self._client.requests - before,
        )

    def photo(self, agent: LiveObject) -> bytes:
        """Return the photo of an agent who has one.

        Raises:
            TargetError: it could not be read.
        """
        file_id = str(agent.raw["profile"]["photo"])
        return self._client.download(f"/files/{quote(file_id, safe='')}")

    def _read_facts(
        self, surface: Surface, lists: dict[str, list[Row]], *, wants_zone: bool
    ) -> tuple[dict[Kind, dict[str, Any]], Account]:
        """Read the account's defaults and facts; on v3 only the zone of declared hours."""
        if surface is Surface.FULL:
            row = self._client.call("GET", "/account").content
            lists["deleted"] = row.get("deleted_agents", [])
            permissions = {row["name"]: row["default"] for row in lists["permissions"]}
            defaults = {
                Kind.ROLE: {"permissions": permissions},
                Kind.AGENT: profiles.attributes(row["profile_defaults"]),
            }
            return defaults, profiles.account(row)
        zone = None
        if wants_zone:
            params = {"settingsNames": TIMEZONE}
            rows = self._client.call("GET", "/settings", params=params).content
            zone = next((row["value"] for row in rows if row["name"] == TIMEZONE), None)
        return {}, Account(timezone=zone, key_agent=self._key_agent())

    def _key_agent(self) -> str | None:
        """Return the agent whom the API key belongs to, or None where the key may not tell."""
        try:
            rows = read_cursor(self._client, "/apikeys", "id")
        except RejectedError:
            return None
        own = (row.get("userid") for row in rows if self._client.is_own_key(row.get("key")))
        return next((str(agent_id) for agent_id in own if agent_id), None)

    def _read_plans(
        self, lists: Mapping[str, list[Row]], hours_of: Collection[str] | None
    ) -> Plans:
        """Read the hours of some agents on v3: a request for each of their devices."""
        emails = {row["id"]: fold(row["email"]) for row in lists["agents"]}
        devices = web_devices(lists["devices"])
        wanted = [
            device
            for agent_id, by_service in devices.items()
            if hours_of is None or emails.get(agent_id) in hours_of
            for device in by_service.values()
        ]
        answers = _side_by_side(
            [partial(self._client.call, "GET", f"/devices/{row['id']}/plans") for row in wanted]
        )
        plans: Plans = {device["agent_id"]: [] for device in wanted}
        for device, answer in zip(wanted, answers, strict=True):
            service = SERVICE_OF[device["service_type"]]
            plans[device["agent_id"]] += [
                (service, plan) for department in answer.content for plan in department["plans"]
            ]
        return plans

    def _read_extended(self) -> dict[str, list[Row]] | None:
        """Read what only the extended surface has, or return None where there is none.

        The first call tells: on v3, and only there, its path does not exist.
        """
        try:
            return {
                name: how(self._client, path, identity)
                for name, (how, path, identity) in EXTENDED_SURFACE.items()
            }
        except RejectedError as error:
            if error.status in NO_SUCH_PATH:
                return None
            raise


NO_SUCH_PATH = {404, 405}
"""How API v3 answers a path that it does not have (I)."""


def _side_by_side(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make calls at the same time and return their results in order.

    After an interrupt nothing is waited for.
    """
    pool = ThreadPoolExecutor(len(BOTH_SURFACES) + 1)
    waiting = True
    try:
        return [future.result() for future in [pool.submit(call) for call in calls]]
    except KeyboardInterrupt:
        waiting = False
        raise
    finally:
        pool.shutdown(wait=waiting, cancel_futures=True)


def _check_together(lists: Mapping[str, list[Row]]) -> None:
    """Check that lists that were read side by side speak of the same agents and departments.

    Raises:
        TargetError: somebody changed the account in between, or a list left rows out.
    """
    agents = {
        row.get("id")
        for row in lists["agents"]
        if row.get("status") != codecs.DELETED and row.get("id") != codecs.SYSTEM_AGENT
    }
    others = {"/grid/agents": {row.get("agentid") for row in lists["statuses"]}}
    if "profiles" in lists:
        others["/agents/profiles"] = {row.get("agent_id") for row in lists["profiles"]}
    departments = {row.get("department_id") for row in lists["departments"]}
    used = {
        status.get("departmentid")
        for row in lists["statuses"]
        for status in row.get("departments_statuses") or ()
    }
    missing = {f"/agents and {path}": agents - ids for path, ids in others.items()}
    missing["/grid/agents and /departments"] = used - departments
    for which, ids in missing.items():
        if ids:
            raise TargetError(
                Diagnostic(
                    code="short-read",
                    summary=f"{which} don't speak of the same objects: {sorted(map(str, ids))[:5]}",
                    hint="somebody may be changing the account right now; run again",
                )
            )


def _deleted(lists: Mapping[str, list[Row]]) -> dict[str, str]:
    """Return folded email to id of the deleted accounts that the lists show."""
    rows = [*lists.get("deleted", []), *lists["agents"]]
    return {
        fold(row["email"]): str(row["id"]) for row in rows if row.get("status") == codecs.DELETED
    }


def web_devices(rows: list[Row]) -> dict[str, dict[str, Row]]:
    """Return agent id to service to the web device."""
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF:
            devices[row["agent_id"]][SERVICE_OF[row["service_type"]]] = row
    return devices


def _objects(lists: Mapping[str, list[Row]], plans: Plans) -> Iterator[LiveObject]:
    departments = [codecs.department(row) for row in lists["departments"]]
    roles = [codecs.role(row) for row in lists.get("roles", [])]
    yield from departments
    yield from roles
    role_names = {live.id: live.address.key for live in roles} if "roles" in lists else None
    names = {live.id: live.address.key for live in departments}
    devices = web_devices(lists["devices"])
    statuses = {row["agentid"]: row["departments_statuses"] for row in lists["statuses"]}
    own = {row["agent_id"]: row for row in lists.get("profiles", [])}
    for row in lists["agents"]:
        agent_id = row["id"]
        if row["status"] == codecs.DELETED or agent_id == codecs.SYSTEM_AGENT:
            continue
        more: dict[str, Any] = {}
        memberships: dict[str, Any] = {}
        if "profiles" in lists:
            profile = own[agent_id]
            more = profiles.attributes(profile)
            memberships = {
                entry["department_id"]: profiles.membership(entry)
                for entry in profile["memberships"]
            }
            own_plans = [(SERVICE_OF[plan["service_type"]], plan) for plan in profile["plans"]]
            more["hours"] = profiles.week(own_plans, names)
        elif agent_id in plans:
            more["hours"] = profiles.week(plans[agent_id], names)
        live = codecs.agent(
            row,
            roles=role_names,
            departments=names,
            statuses=statuses[agent_id],
            devices=devices.get(agent_id, {}),
            more=more,
            memberships=memberships,
        )
        yield replace(live, raw={**live.raw, "profile": own.get(agent_id)})
