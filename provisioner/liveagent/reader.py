"""Reading a LiveAgent account."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.live.state import LiveObject, LiveState, Surface
from provisioner.liveagent import codecs
from provisioner.liveagent.http import Client, not_liveagent
from provisioner.liveagent.lists import Row, read_cursor, read_pages, read_whole

SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}

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
}
"""What only the extended surface has. Its absence is how the surface is told."""


class LiveAgentReader:
    """Reads an account in bulk pages: the number of requests grows with pages, not agents.

    It has no method that writes.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self) -> LiveState:
        """Read the whole account; see `provisioner.live.reader.Reader`."""
        before = self._client.requests
        with ThreadPoolExecutor(len(BOTH_SURFACES) + 1) as pool:
            extended = pool.submit(self._read_extended)
            futures = {
                name: pool.submit(how, self._client, path, identity)
                for name, (how, path, identity) in BOTH_SURFACES.items()
            }
        lists = {name: future.result() for name, future in futures.items()}
        more = extended.result()
        surface = Surface.V3 if more is None else Surface.FULL
        lists |= more or {}
        try:
            objects = list(_objects(lists))
            permissions = {row["name"]: row["default"] for row in lists.get("permissions", [])}
        except (KeyError, TypeError, AttributeError) as error:
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
            permissions,
            surface=surface,
            requests=self._client.requests - before,
        )

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


def web_devices(rows: list[Row]) -> dict[str, dict[str, Row]]:
    """Return agent id to service to the web device."""
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF:
            devices[row["agent_id"]][SERVICE_OF[row["service_type"]]] = row
    return devices


def _objects(lists: Mapping[str, list[Row]]) -> Iterator[LiveObject]:
    departments = [codecs.department(row) for row in lists["departments"]]
    roles = [codecs.role(row) for row in lists.get("roles", [])]
    yield from departments
    yield from roles
    names: dict[str, Any] = {
        "roles": {live.id: live.address.key for live in roles},
        "departments": {live.id: live.address.key for live in departments},
    }
    devices = web_devices(lists["devices"])
    statuses = {row["agentid"]: row["departments_statuses"] for row in lists["statuses"]}
    for row in lists["agents"]:
        if row["status"] == codecs.DELETED or row["id"] == codecs.SYSTEM_AGENT:
            continue
        yield codecs.agent(
            row, **names, statuses=statuses[row["id"]], devices=devices.get(row["id"], {})
        )
