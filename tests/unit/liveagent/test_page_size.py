"""Lists of an account that refuses large pages, or has no page after the last one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from provisioner.diagnostics import TargetError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.rows.lists import read_cursor, read_pages
from provisioner.liveagent.rows.row_checks import record
from provisioner.model.assumptions import AccountCapabilities
from tests.unit.liveagent.scripted import Reply, Request, scripted

ANY_ROW = record()
REFUSED = {"message": "Invalid value for '_perPage'"}
MISSING = Reply({"message": "Page does not exist"}, status=404)


@contextmanager
def opened(
    script: Callable[[Request], Reply], **known: object
) -> Iterator[tuple[Client, list[Request]]]:
    with scripted(script) as (url, seen):
        facts = AccountCapabilities(known)
        client = Client(url, "key", pacer=Pacer(0, sleep=lambda _seconds: None), capabilities=facts)
        yield client, seen
        client.close()


def limited(
    total: int, limit: int, refusal: Reply, end: Reply | None = None, broken: int = 0
) -> Callable[[Request], Reply]:
    """Answer pages of numbered rows up to a limit; `broken` is a page that is always missing."""

    def answer(request: Request) -> Reply:
        size = int(request.query["_perPage"])
        if size > limit:
            return refusal
        if "grid" in request.path:
            start = int(request.query.get("_cursor", 0))
        else:
            start = (int(request.query["_page"]) - 1) * size
        rows = [{"id": number} for number in range(start, min(start + size, total))]
        if "grid" in request.path:
            more = {"next_page_cursor": str(start + size)} if start + size < total else {}
            return Reply(rows, headers=more)
        is_broken = size > 1 and int(request.query["_page"]) == broken
        return end if end and (not rows or is_broken) else Reply(rows)

    return answer


def sizes(seen: list[Request]) -> list[int]:
    return [int(request.query["_perPage"]) for request in seen]


@pytest.mark.parametrize("read", [read_pages, read_cursor])
@pytest.mark.parametrize(
    ("limit", "tried"),
    [
        (499, [250]),
        (100, [250, 125, 62]),
        (15, [250, 125, 62, 31, 15]),
        (10, [250, 125, 62, 31, 15, 10]),
    ],
)
@pytest.mark.parametrize(
    "refusal",
    [Reply(REFUSED, 400), Reply(REFUSED, 413), Reply(REFUSED, 422), Reply(raw=b"<h1>", status=413)],
    ids=["400", "413", "422", "413 as a page"],
)
def test_a_refused_size_is_halved_and_remembered(
    read: Callable[..., list[object]], limit: int, tried: list[int], refusal: Reply
) -> None:
    path = "/grid/agents" if read is read_cursor else "/agents"
    with opened(limited(30, limit, refusal)) as (client, seen):
        assert len(read(client, path, "id", ANY_ROW)) == 30
        assert sizes(seen)[: len(tried) + 1] == [500, *tried]
        assert set(sizes(seen)[len(tried) :]) == {tried[-1]}
        assert client.page_size.refused == len(tried)
        read(client, path, "id", ANY_ROW)
        assert client.page_size.refused == len(tried)


def test_lists_that_are_read_at_once_are_refused_once() -> None:
    with (
        opened(limited(3, 200, Reply(REFUSED, 400))) as (client, seen),
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(lambda _: read_pages(client, "/agents", "id", ANY_ROW), range(8)))
    assert sizes(seen).count(500) == sizes(seen).count(250) == 1


def test_a_known_size_is_used_at_once() -> None:
    with opened(limited(30, 100, Reply(REFUSED, 400)), page_size=100) as (client, seen):
        read_pages(client, "/agents", "id", ANY_ROW)
    assert sizes(seen) == [100, 100]


@pytest.mark.parametrize(
    ("reply", "requests"), [(Reply(REFUSED, 400), 7), (Reply({"message": "no"}, 403), 1)]
)
def test_a_refusal_for_another_reason_is_shown(reply: Reply, requests: int) -> None:
    with opened(lambda _request: reply) as (client, seen):
        with pytest.raises(TargetError, match=str(reply.content["message"])):
            read_pages(client, "/agents", "id", ANY_ROW)
        assert client.page_size.refused == 0
    assert len(seen) == requests


class TestMissingEnd:
    @pytest.mark.parametrize(("total", "requests"), [(1, 2), (9, 2), (10, 3), (15, 3), (20, 4)])
    def test_it_is_an_end(self, total: int, requests: int) -> None:
        script = limited(total, 10, Reply(REFUSED, 400), MISSING)
        with opened(script, page_size=10) as (client, seen):
            assert len(read_pages(client, "/roles", "id", ANY_ROW)) == total
            assert client.has_missing_end
        assert len(seen) == requests

    def test_a_row_after_it_makes_it_an_error(self) -> None:
        script = limited(25, 10, Reply(REFUSED, 400), MISSING, broken=2)
        with (
            opened(script, page_size=10) as (client, _),
            pytest.raises(TargetError, match="Page does not exist, and the list has more"),
        ):
            read_pages(client, "/roles", "id", ANY_ROW)

    def test_a_known_one_is_not_checked(self) -> None:
        script = limited(20, 10, Reply(REFUSED, 400), MISSING)
        with opened(script, page_size=10, end_of_pages="not_found") as (client, seen):
            read_pages(client, "/roles", "id", ANY_ROW)
        assert len(seen) == 3

    def test_a_missing_list_is_no_empty_one(self) -> None:
        with (
            opened(lambda _request: MISSING) as (client, _),
            pytest.raises(TargetError, match="Page does not exist"),
        ):
            read_pages(client, "/roles", "id", ANY_ROW)
