"""A list is complete only with a proof: no agent must ever seem to be deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioner.address import Kind
from provisioner.diagnostics import TargetError
from provisioner.live.state import ListPage, LiveState
from provisioner.live.unread import Unread
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
        self.count = count
        self.cursors = True
        self.put("agents", agents(count))
        self.put("devices", devices(count))
        department = {"id": "d", "name": "Support", "agent_count": str(count)}
        self.put("grid/departments", [department])
        self.put("apikeys", [])
        self.put(
            "grid/agents",
            [
                {"agentid": f"a{n}", "username": f"a{n}@acme.example"}
                | {"departments_statuses": [STATUS.copy()]}
                for n in range(count)
            ],
        )

    def put(self, path: str, rows: Rows) -> None:
        self.pages[path] = [rows[start : start + PAGE] for start in range(0, len(rows), PAGE)]

    def rows(self, path: str) -> Rows:
        return [row for page in self.pages[path] for row in page]

    def __call__(self, request: Request) -> Reply:
        path = request.path.removeprefix("/api/v3/")
        if path.endswith("/count"):
            return Reply({"count": self.count})
        by_cursor = "grid" in path or path == "apikeys"
        number = int(request.query.get("_cursor" if by_cursor else "_page", 1))
        pages = self.pages[path]
        more = by_cursor and self.cursors and number < len(pages)
        rows = pages[number - 1] if number <= len(pages) else []
        return Reply(rows, headers={"next_page_cursor": str(number + 1)} if more else {})

    def read(
        self, script: Callable[[Request], Reply] | None = None
    ) -> tuple[LiveState, dict[str, int]]:
        """Read the account, and return it with the number of requests for each list."""
        with scripted(script or self) as (url, seen):
            client = Client(url, "key", pacer=Pacer(0))
            live = LiveAgentReader(client).read()
            client.close()
        paths = [request.path.removeprefix("/api/v3/") for request in seen]
        assert live.requests == len(paths)
        return live, {path: paths.count(path) for path in self.pages}


def people(live: LiveState) -> int:
    return sum(kind is Kind.AGENT for kind, _ in live.objects)


def named(live: LiveState) -> list[Unread]:
    """Return the parts that were not understood, without fields that the API may leave out."""
    return [one for one in live.unread if not one.is_documented]


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


@pytest.mark.parametrize(
    "cut",
    [
        lambda server: server.put("agents", agents(4)),
        lambda server: server.pages["agents"].insert(1, []),
    ],
    ids=["it ends too early", "an empty page is among its pages"],
)
def test_agents_that_the_list_of_agents_lacks_never_seem_deleted(
    cut: Callable[[Server], object],
) -> None:
    server = Server(10)
    cut(server)
    live, _ = server.read()
    (unread,) = named(live)
    assert (people(live), unread.whole, unread.ids) == (
        4,
        True,
        tuple(f"a{n}" for n in range(4, 10)),
    )
    assert unread.emails == tuple(f"a{n}@acme.example" for n in range(4, 10))


def grid_row(agent_id: str, **more: Any) -> dict[str, Any]:
    return {"agentid": agent_id, "departments_statuses": [], **more}


def test_a_row_in_one_list_only_is_named_after_a_second_reading() -> None:
    server = Server(5)
    server.put("grid/agents", [*server.rows("grid/agents"), grid_row("bot", system_name="Bot")])
    live, requests = server.read()
    assert people(live) == 5
    assert [str(one) for one in named(live)] == [
        'GET /api/v3/grid/agents, row "bot (Bot)": agentid is not in GET /api/v3/agents'
    ]
    assert requests["agents"] == 2 * 3
    assert requests["devices"] == 4 + 1  # not a second time


def test_only_two_readings_that_differ_are_a_race() -> None:
    server = Server(5)
    plain, readings = server.rows("grid/agents"), 0

    def growing(request: Request) -> Reply:
        nonlocal readings
        if request.path.endswith("/grid/agents") and "_cursor" not in request.query:
            readings += 1
            server.put("grid/agents", [*plain, *(grid_row(f"new{n}") for n in range(readings))])
        return server(request)

    with pytest.raises(TargetError) as raised:
        server.read(growing)
    (finding,) = raised.value.diagnostics
    assert finding.code == "short-read"
    assert 'GET /api/v3/grid/agents, row "new0": agentid is not in' in finding.summary
    assert finding.hint.endswith("run again")


def test_a_row_that_comes_twice_in_both_readings_is_no_race() -> None:
    server = Server(5)
    server.put("agents", [*agents(3), *agents(5)])
    with pytest.raises(TargetError) as raised:
        server.read()
    (finding,) = raised.value.diagnostics
    assert 'GET /api/v3/agents, page 1: id "a0" came twice' in finding.summary
    assert "run again" not in finding.hint


def test_a_row_that_comes_twice_in_one_reading_only_is_read_again() -> None:
    server = Server(5)
    plain, doubled = server.rows("agents"), [*agents(3), *agents(5)]
    readings = 0

    def moving(request: Request) -> Reply:
        nonlocal readings
        if request.path.endswith("/agents") and request.query.get("_page") == "1":
            server.put("agents", plain if readings else doubled)
            readings += 1
        return server(request)

    assert people(server.read(moving)[0]) == 5


@pytest.mark.parametrize(
    ("status", "userstatus", "is_read"),
    [
        ("A", "A", True),
        (None, None, True),
        ("X", None, False),
        (None, "X", False),
        ("X", "X", False),
    ],
)
def test_either_list_may_show_that_an_agent_is_deleted(
    status: str | None, userstatus: str | None, is_read: bool
) -> None:
    server = Server(2)
    server.rows("agents")[1]["status"] = status
    server.rows("grid/agents")[1]["userstatus"] = userstatus
    live, _ = server.read()
    assert people(live) == 1 + is_read
    assert live.deleted == ({} if is_read else {"a1@acme.example": "a1"})
    assert named(live) == []


def test_an_agent_whom_the_lists_contradict_is_named() -> None:
    server = Server(2)
    server.rows("grid/agents")[1]["userstatus"] = "X"
    live, _ = server.read()
    assert people(live) == 1
    assert "status is X in only one of this list and GET /api/v3/grid/agents" in str(named(live)[0])


def test_an_account_that_leaves_out_all_optional_fields_has_unknown_ones() -> None:
    """Otherwise a missing gender is the documented default."""
    server = Server(2)
    for row in server.rows("agents"):
        del row["status"]
    live, _ = server.read()
    assert {one.path for one in live.unread if one.is_documented} == {
        ("gender",),
        ("voice_status",),
        ("two_factor",),
        ("role",),
    }
    server.rows("agents")[0]["gender"] = "M"
    live, _ = server.read()
    assert {one.path for one in live.unread} == {("voice_status",)}
    genders = [
        one.attributes["gender"] for one in live.objects.values() if "gender" in one.attributes
    ]
    assert genders == ["male", "unspecified"]


@pytest.mark.parametrize(
    ("count", "status", "is_known"),
    [
        (1, {}, True),
        (1, {"preset_status": None}, True),
        (1, {"online_status": ""}, True),
        (1, {"online_status": "T"}, False),
        (1, {"online_status": "T", "preset_status": ""}, True),
        (2, {}, False),
        (2, {"preset_status": ""}, True),
    ],
)
def test_a_missing_preset_is_an_empty_one_unless_that_is_unlikely(
    count: int, status: dict[str, str | None], is_known: bool
) -> None:
    server = Server(count)
    for row in server.rows("grid/agents"):
        row["departments_statuses"] = [{"departmentid": "d", **status}]
    live, _ = server.read()
    assert (("departments", "*", "tickets") not in {one.path for one in live.unread}) == is_known


def test_several_web_devices_for_a_service_leave_it_unknown() -> None:
    server = Server(2)
    second = {"id": "second", "agent_id": "a1", "type": "W", "service_type": "T"}
    server.put("devices", [*server.rows("devices"), second | {"preset_status": "F"}])
    # The list ends where every agent has all devices, so only a small page shows the second one.
    server.pages["devices"] = [server.rows("devices")]
    live, _ = server.read()
    (unread,) = [one for one in live.unread if one.path == ("availability", "chats")]
    assert (unread.ids, unread.rows) == (("a1",), ("second",))


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


def test_the_page_of_each_row_is_known() -> None:
    live, _ = Server(PAGE + 1).read()
    assert {name: {*pages.values()} for name, pages in live.pages.items()} == {
        "agents": {ListPage(1), ListPage(2)},
        "statuses": {ListPage(1), ListPage(2, cursor="2")},
        "devices": {ListPage(1), ListPage(2), ListPage(3), ListPage(4)},
    }
    assert live.pages["agents"]["a3"] == ListPage(1)
    assert live.pages["statuses"]["a4"] == ListPage(2, cursor="2")
    assert live.pages["devices"]["0T"] == ListPage(2)
