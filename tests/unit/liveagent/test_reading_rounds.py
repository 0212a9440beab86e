"""Lists are read side by side: the requests that depend on each other are few."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.model.assumptions import AccountCapabilities
from tests.unit.liveagent.scripted import Reply, Request, scripted
from tests.unit.liveagent.test_reader import PAGE, Server, devices, people

SECONDS = 20
"""A round that is not complete by then fails the test; nothing waits so long otherwise."""

Rounds = list[set[str]]


def named(request: Request) -> str:
    path = request.path.removeprefix("/api/v3/")
    return f"{path} {request.query.get('_page') or request.query.get('_cursor') or 1}"


def in_rounds(server: Callable[[Request], Reply], rounds: Rounds) -> Callable[[Request], Reply]:
    """Answer the requests of a round only when all of them have come."""
    barriers = [Barrier(len(names)) for names in rounds]
    number_of = {name: number for number, names in enumerate(rounds) for name in names}

    def answer(request: Request) -> Reply:
        barriers[number_of[named(request)]].wait(SECONDS)
        return server(request)

    return answer


def read(script: Callable[[Request], Reply], size: int) -> tuple[LiveState, list[str]]:
    """Read an account with pages of a size, and return it with the names of the requests."""
    with scripted(script) as (url, seen):
        known = AccountCapabilities({"page_size": size})
        client = Client(url, "key", pacer=Pacer(0), capabilities=known)
        live = LiveAgentReader(client).read()
        client.close()
    return live, sorted(map(named, seen))


def full(server: Server) -> Callable[[Request], Reply]:
    """Make an account one of the extended surface."""
    settings = [
        {"agent_id": agent["id"], "plans": [], "devices": owned}
        for agent in server.rows("agents")
        for owned in [[one for one in devices(2 * PAGE) if one["agent_id"] == agent["id"]]]
    ]
    server.put("agents/profiles", settings)
    server.put("roles", [{"id": "r", "name": "Lead"}])
    server.put("roles/permissions", [])

    def answer(request: Request) -> Reply:
        reply = Reply({}) if request.path.endswith("/account") else server(request)
        return Reply(reply.content, headers={**reply.headers, "api_surface": "extended"})

    return answer


def by_agent(server: Server) -> Server:
    """Put the devices of an agent next to each other, as accounts do that create them together."""
    rows = sorted(server.rows("devices"), key=lambda row: str(row["agent_id"]))
    server.put("devices", rows)
    return server


def pages(path: str, *numbers: int) -> set[str]:
    return {f"{path} {number}" for number in numbers}


FIRST = {"grid/agents 1"}
SECOND = {"grid/agents 2", "grid/departments 1", "agents 1"}
V3 = SECOND | {"devices 1", "apikeys 1"}
ROUNDS: dict[str, tuple[Rounds, int, Callable[[Server], Any]]] = {
    "v3": (
        [FIRST, V3, pages("agents", 2) | pages("devices", *range(2, 7))],
        PAGE,
        by_agent,
    ),
    "v3, fewer rows than requested": (
        [FIRST, V3, {"agents 2", "devices 2"}, pages("devices", *range(3, 7))],
        500,
        by_agent,
    ),
    "full": (
        [
            FIRST,
            SECOND | {"agents/profiles 1", "roles 1", "roles/permissions 1", "account 1"},
            {"agents 2", "agents/profiles 2", "roles 2"},
        ],
        PAGE,
        full,
    ),
}
"""The rounds of a reading of two full pages of agents, such as 1,000 in pages of 500."""


@pytest.mark.parametrize(("rounds", "size", "surface"), ROUNDS.values(), ids=ROUNDS)
def test_at_most_four_requests_depend_on_each_other(
    rounds: Rounds, size: int, surface: Callable[[Server], Any]
) -> None:
    live, seen = read(in_rounds(surface(Server(2 * PAGE)), rounds), size)
    assert people(live) == 2 * PAGE
    assert seen == sorted(name for names in rounds for name in names)
    assert len(rounds) <= 4


def test_pages_that_are_read_along_with_the_grid_are_the_same() -> None:
    """The grid has a page for each round, and the other lists wait for it."""
    _, seen = read(Server(5 * PAGE), PAGE)
    expected = pages("grid/agents", *range(1, 6)) | pages("agents", *range(1, 6))
    expected |= pages("devices", *range(1, 16)) | {"grid/departments 1", "apikeys 1"}
    assert seen == sorted(expected)


@pytest.mark.parametrize("services", ["M", "MT", "P"])
@pytest.mark.parametrize("order", [by_agent, lambda server: server])
def test_no_page_is_read_for_devices_that_no_agent_has(
    services: str, order: Callable[[Server], Server]
) -> None:
    server = Server(3 * PAGE)
    server.put("devices", devices(3 * PAGE, services))
    order(server)
    _, seen = read(server, PAGE)
    assert [name for name in seen if name.startswith("devices")] == sorted(
        pages("devices", *range(1, 3 * len(services) + 2))
    )
