"""A list is complete only with a proof: no agent must ever seem to be deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioner.address import Kind
from provisioner.diagnostics import TargetError
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from tests.unit.liveagent.scripted import Reply, Request, scripted

PAGE = 4
SERVICES = "MTP"
STATUS = {"departmentid": "d", "preset_status": "MTP"}
Rows = list[dict[str, Any]]


def agents(count: int) -> Rows:
    return [
        {"id": f"a{n}", "email": f"a{n}@acme.example", "name": f"A{n}", "role": "agent"}
        | {"status": "A"}
        for n in range(count)
    ]


def devices(count: int, services: str = SERVICES) -> Rows:
    return [
        {"id": f"{n}{letter}", "agent_id": f"a{n}", "type": "W", "service_type": letter}
        | {"preset_status": "N"}
        for letter in services
        for n in range(count)
    ]


class Server:
    """API v3 with pages of four rows, whatever is asked for, and what a test makes of them."""

    def __init__(self, count: int) -> None:
        self.pages: dict[str, list[Rows]] = {}
        self.cursors = True
        self.put("agents", agents(count))
        self.put("devices", devices(count))
        department = {"id": "d", "name": "Support", "agent_count": str(count)}
        self.put("grid/departments", [department])
        self.put("apikeys", [])
        self.put(
            "grid/agents",
            [{"agentid": f"a{n}", "departments_statuses": [STATUS]} for n in range(count)],
        )

    def put(self, path: str, rows: Rows) -> None:
        self.pages[path] = [rows[start : start + PAGE] for start in range(0, len(rows), PAGE)]

    def __call__(self, request: Request) -> Reply:
        path = request.path.removeprefix("/api/v3/")
        by_cursor = "grid" in path or path == "apikeys"
        number = int(request.query.get("_cursor" if by_cursor else "_page", 1))
        pages = self.pages[path]
        more = by_cursor and self.cursors and number < len(pages)
        rows = pages[number - 1] if number <= len(pages) else []
        return Reply(rows, headers={"next_page_cursor": str(number + 1)} if more else {})

    def read(self) -> tuple[LiveState, dict[str, int]]:
        """Read the account, and return it with the number of requests for each list."""
        with scripted(self) as (url, seen):
            client = Client(url, "key", pacer=Pacer(0))
            live = LiveAgentReader(client).read()
            client.close()
        paths = [request.path.removeprefix("/api/v3/") for request in seen]
        assert live.requests == len(paths)
        return live, {path: paths.count(path) for path in self.pages}


def people(live: LiveState) -> int:
    return sum(kind is Kind.AGENT for kind, _ in live.objects)


@pytest.mark.parametrize("count", [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])
def test_everybody_is_read_whatever_the_number_of_pages(count: int) -> None:
    live, requests = Server(count).read()
    assert people(live) == count
    full = -(-count // PAGE)
    # One page without a cursor proves nothing about the grid, so /agents goes to an empty page.
    # Where the grid's last page is full, it is the departments' count that proves its end.
    assert requests == {
        "grid/agents": full,
        "grid/departments": 1,
        "agents": full + (full == 1),
        "devices": -(-3 * count // PAGE),
        "apikeys": 1,
    }


def test_without_a_count_a_full_last_page_of_the_grid_proves_nothing() -> None:
    server = Server(2 * PAGE)
    server.pages["grid/agents"][1][0]["departments_statuses"] = []
    live, requests = server.read()
    assert (people(live), requests["agents"]) == (2 * PAGE, 3)


def test_a_short_page_does_not_end_a_list() -> None:
    """A server may leave rows out behind its count."""
    server = Server(10)
    everybody = agents(10)
    server.pages["agents"] = [everybody[:3], everybody[3:4], everybody[4:8], everybody[8:]]
    live, _ = server.read()
    assert people(live) == 10


CUTS: dict[str, Callable[[Server], object]] = {
    "the agents end too early": lambda server: server.put("agents", agents(4)),
    "an empty page is among the pages of agents": lambda server: server.pages["agents"].insert(
        1, []
    ),
    "a proxy drops the cursor": lambda server: setattr(server, "cursors", False),
    "the grid ends with a page": lambda server: server.pages["grid/agents"].__delitem__(2),
    "the grid ends within a page": lambda server: server.pages["grid/agents"][1].__delitem__(2),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_list_that_was_cut_short_is_never_believed(cut: Callable[[Server], object]) -> None:
    server = Server(10)
    cut(server)
    with pytest.raises(TargetError) as raised:
        server.read()
    assert [finding.code for finding in raised.value.diagnostics] == ["short-read"]


@pytest.mark.parametrize("services", ["M", "MT", "P"])
def test_devices_are_read_to_an_empty_page_where_a_service_is_missing(services: str) -> None:
    """Rows may come service by service, so a whole one may be still to come."""
    server = Server(8)
    server.put("devices", devices(8, services))
    live, requests = server.read()
    assert requests["devices"] == 2 * len(services) + 1
    assert {
        len(one.attributes["availability"])
        for one in live.objects.values()
        if one.address.kind is Kind.AGENT
    } == {len(services)}


def test_deleted_agents_behind_the_last_living_one_are_read_where_a_page_is_not_full() -> None:
    server = Server(5)
    gone = {"id": "x", "email": "x@acme.example", "name": "X", "role": "agent", "status": "X"}
    server.put("agents", [*agents(5), gone])
    live, _ = server.read()
    assert (people(live), live.deleted) == (5, {"x@acme.example": "x"})


def test_the_system_s_own_user_may_be_in_the_grid_only() -> None:
    server = Server(5)
    server.pages["grid/agents"][1].append({"agentid": "system00", "departments_statuses": []})
    live, _ = server.read()
    assert people(live) == 5
