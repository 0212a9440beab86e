"""The client against a server with scripted answers: the right result or a clear error."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioner.diagnostics import ProvisionerError, RejectedError, TargetError, UnansweredError
from provisioner.liveagent.http import bounded_connections, retries
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.bounded_connections import LIMIT_WAIT_SECONDS
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.retries import TRIES, TRIES_AFTER_FAULT
from provisioner.liveagent.rows.lists import read_cursor, read_pages, read_whole
from provisioner.liveagent.rows.row_checks import record
from provisioner.model.assumptions import ASSUMPTIONS
from tests.unit.liveagent.scripted import Reply, Request, Script, scripted

KEY = "secret-of-the-account"

ANY_ROW = record()
PAGE_SIZE = ASSUMPTIONS["page_size"].default


@contextmanager
def client(script: Script) -> Iterator[tuple[Client, list[Request], list[float]]]:
    """Yield a client of a scripted server, the requests it made and the waits it took."""
    waits: list[float] = []
    with scripted(script) as (url, seen):
        pacer = Pacer(0, clock=lambda: sum(waits), sleep=waits.append)
        running = Client(url, KEY, pacer=pacer)
        yield running, seen, waits
        running.close()


def code(error: pytest.ExceptionInfo[ProvisionerError]) -> str:
    return error.value.diagnostics[0].code


class TestCall:
    def test_sends_the_key_in_the_header_only(self) -> None:
        with client(lambda _request: Reply({"ok": 1})) as (api, seen, _):
            assert api.call("PUT", "/x", params={"a": "b"}, body={"c": 1}).content == {"ok": 1}
        (request,) = seen
        assert request.headers["apikey"] == KEY
        assert KEY not in f"{request.path}{request.query}{request.body}{api!r}"
        assert (request.method, request.path, request.body) == ("PUT", "/api/v3/x", {"c": 1})

    def test_a_file_is_no_json(self) -> None:
        with client(lambda _request: Reply(raw=b"\x89PNG")) as (api, seen, _):
            assert api.download("/files/x") == b"\x89PNG"
        assert seen[0].headers["Accept"] == "*/*"

    @pytest.mark.parametrize("ending", ["", "/", "/api/v3", "/api/v3/"])
    def test_takes_the_address_with_or_without_the_root(self, ending: str) -> None:
        with scripted(lambda _request: Reply([])) as (url, seen):
            Client(url + ending, KEY, pacer=Pacer(0)).call("GET", "/agents")
        assert seen[0].path == "/api/v3/agents"

    @pytest.mark.parametrize(
        ("reply", "expected", "words"),
        [
            (Reply({"message": "no such row"}, 404), "target-error", "404 Not Found: no such row"),
            (Reply({"message": "ApiKey not found"}, 403), "target-refused", "ApiKey not found"),
            (Reply({"message": "blocked"}, 401), "target-refused", "blocked"),
            (Reply({"message": "oops"}, 500), "target-error", "500 Internal Server Error: oops"),
            (
                Reply(raw=b"<html>Slim Application Error", status=500),
                "target-error",
                "not an answer",
            ),
            (Reply(["no", "message"], 400), "target-error", "400 Bad Request (not an answer"),
            (Reply(raw=b"<html>Sign in", status=200), "target-not-liveagent", "not JSON"),
            (Reply(raw=b"", status=200), "target-not-liveagent", "not JSON"),
            (
                Reply(raw=b"", status=302, headers={"Location": "https://sso.example/"}),
                "target-not-liveagent",
                "redirected to https://sso.example/",
            ),
            (Reply(raw=b'[{"id": 1}', cut=True), "target-unreachable", "in the middle"),
            (None, "target-unreachable", "the connection broke before an answer came"),
        ],
    )
    def test_names_the_call_and_what_went_wrong(
        self, reply: Reply | None, expected: str, words: str
    ) -> None:
        with client(lambda _request: reply) as (api, _, _), pytest.raises(TargetError) as error:
            api.call("GET", "/agents")
        assert code(error) == expected
        assert "GET /api/v3/agents" in str(error.value)
        assert words in str(error.value)
        assert KEY not in str(error.value.diagnostics)

    def test_distinguishes_a_refused_request_from_a_broken_server(self) -> None:
        refusal = client(lambda _request: Reply({"message": "no"}, 400))
        with refusal as (api, _, _), pytest.raises(RejectedError) as error:
            api.call("POST", "/agents", body={})
        assert error.value.status == 400

    def test_reports_a_closed_port(self) -> None:
        with scripted(lambda _request: Reply([])) as (url, _):
            pass
        with pytest.raises(TargetError) as error:
            Client(url, KEY, pacer=Pacer(0)).call("GET", "/agents")
        assert code(error) == "target-unreachable"

    def test_shortens_a_long_message(self) -> None:
        long = Reply({"message": "x" * 10_000}, 400)
        with client(lambda _request: long) as (api, _, _), pytest.raises(TargetError) as error:
            api.call("GET", "/agents")
        assert len(str(error.value)) < 500


class TestLimit:
    def test_waits_as_long_as_the_account_asks_and_retries(self) -> None:
        replies = [Reply({"message": "slow"}, 429, {"Retry-After": "7"}), Reply([])]
        with client(lambda _request: replies.pop(0)) as (api, seen, waits):
            assert api.call("POST", "/agents", body={"a": 1}).content == []
        assert [request.body for request in seen] == [{"a": 1}, {"a": 1}]
        assert [round(wait) for wait in waits] == [8]

    def test_waits_a_default_time_without_a_retry_after(self) -> None:
        replies = [Reply({"message": "slow"}, 429, {"Retry-After": "soon"}), Reply([])]
        with client(lambda _request: replies.pop(0)) as (api, _, waits):
            api.call("GET", "/agents")
        assert waits == [10]

    def test_waits_until_a_date_by_the_account_s_own_clock(self) -> None:
        """The account's clock and this machine's need not agree."""
        headers = {
            "Retry-After": "Fri, 01 Jan 1999 00:00:07 GMT",
            "Date": "Fri, 01 Jan 1999 00:00:00 GMT",
        }
        assert Answer(429, "", headers, b"").asked_wait(otherwise=10) == 7.5

    @pytest.mark.parametrize(
        ("asked", "seconds"),
        [
            ("0", 0.5),
            ("-5", 10),
            ("9" * 400, 60.5),
            ("2.5", 10),
            ("Fri, 01 Jan 1999 00:00:00 GMT", 0.5),
            ("Fri, 01 Jan 2999 00:00:00 GMT", 60.5),
            ("Fri, 99 Jan 99999 99:99:99 GMT", 10),
            ("\u0663", 10),
            ("", 10),
        ],
    )
    def test_no_answer_makes_a_run_wait_longer_than_a_minute_at_a_time(
        self, asked: str, seconds: float
    ) -> None:
        answer = Answer(429, "", {"Retry-After": asked}, b"")
        assert answer.asked_wait(otherwise=10) == seconds

    def test_an_account_that_never_stops_asking_is_given_up(self) -> None:
        busy = Reply({"message": "slow"}, 429, {"Retry-After": "59"})
        with client(lambda _request: busy) as (api, seen, waits):
            with pytest.raises(TargetError, match="asked 16 times to wait") as error:
                api.call("POST", "/agents", body={})
            assert code(error) == "rate-limited"
            assert not error.value.uncertain
        assert len(seen) == 16
        assert sum(waits) <= LIMIT_WAIT_SECONDS

    def test_a_limit_that_is_met_for_minutes_is_no_error(self) -> None:
        replies = [Reply({"message": "slow"}, 429, {"Retry-After": "1"})] * 30 + [Reply([])]
        with client(lambda _request: replies.pop(0)) as (api, seen, waits):
            assert api.call("POST", "/agents", body={}).content == []
        assert len(seen) == 31
        assert len(waits) == 30


class TestAgain:
    """Requests without an answer."""

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize(
        "trouble", [None, Reply(status=502), Reply(status=503), Reply(status=504)]
    )
    def test_what_may_take_effect_twice_is_sent_again(
        self, method: str, trouble: Reply | None
    ) -> None:
        replies = [trouble] * (TRIES - 1) + [Reply({"fine": 1})]
        with client(lambda _request: replies.pop(0)) as (api, seen, _):
            assert api.call(method, "/x").content == {"fine": 1}
            assert api.requests == 1
        assert len(seen) == TRIES

    @pytest.mark.parametrize("trouble", [None, Reply(status=503), Reply(status=500)])
    def test_a_post_is_not(self, trouble: Reply | None) -> None:
        with client(lambda _request: trouble) as (api, seen, _):
            with pytest.raises(UnansweredError) as error:
                api.call("POST", "/agents", body={})
            assert error.value.sent
        assert len(seen) == 1

    def test_a_post_that_may_be_repeated_is(self) -> None:
        replies = [None, Reply({})]
        with client(lambda _request: replies.pop(0)) as (api, seen, _):
            api.call("POST", "/x", repeatable=True)
        assert len(seen) == 2

    def test_what_was_never_sent_is_sent_again_and_then_given_up(self) -> None:
        waits: list[float] = []
        api = Client("http://127.0.0.1:9", KEY, pacer=Pacer(0, sleep=waits.append))
        with pytest.raises(UnansweredError) as error:
            api.call("POST", "/agents", body={})
        assert not error.value.sent
        assert len(waits) == TRIES - 1
        assert f"(tried {TRIES} times)" in str(error.value)

    def test_a_fault_of_the_server_is_not_tried_as_often(self) -> None:
        fault = Reply(raw=b"<html>", status=500)
        with client(lambda _request: fault) as (api, seen, _), pytest.raises(UnansweredError):
            api.call("GET", "/agents")
        assert len(seen) == TRIES_AFTER_FAULT

    @pytest.mark.parametrize("status", [400, 404, 409, 501])
    def test_a_refusal_is_not_sent_again(self, status: int) -> None:
        refusal = Reply({"message": "no"}, status)
        with client(lambda _request: refusal) as (api, seen, _), pytest.raises(TargetError):
            api.call("GET", "/agents")
        assert len(seen) == 1

    def test_waits_longer_each_time_by_chance_and_as_long_as_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retries, "FIRST_SECONDS", 0.5)
        waits: list[float] = []
        replies = [None, None, Reply(status=503, headers={"Retry-After": "7"}), Reply([])]
        with scripted(lambda _request: replies.pop(0)) as (url, _):
            pacer = Pacer(0, sleep=lambda _seconds: None)
            api = Client(
                url, KEY, pacer=pacer, on_retry=lambda _what, seconds, _why: waits.append(seconds)
            )
            api.call("GET", "/agents")
            api.close()
        assert 0 <= waits[0] <= 0.5
        assert 0 <= waits[1] <= 1
        assert waits[2] == 7.5

    def test_a_run_that_stops_waits_no_more_and_reports_the_tries(self) -> None:
        with scripted(lambda _request: Reply(status=503)) as (url, seen):
            pacer = Pacer(0, sleep=lambda _seconds: pacer.stop())
            api = Client(url, KEY, pacer=pacer)
            with pytest.raises(UnansweredError, match="503"):
                api.call("PUT", "/x")
            api.close()
        assert len(seen) == 1


def paged(total: int, cap: int) -> Script:
    """Serve a list of rows by page, with a cap of the server's own."""

    def answer(request: Request) -> Reply:
        size = min(int(request.query["_perPage"]), cap)
        start = (int(request.query["_page"]) - 1) * size
        return Reply([{"id": number} for number in range(total)[start : start + size]])

    return answer


class TestPages:
    @pytest.mark.parametrize("cap", [7, PAGE_SIZE])
    @pytest.mark.parametrize("total", [0, 1, 7, 14, 20])
    def test_reads_to_the_end_whatever_the_servers_cap(self, total: int, cap: int) -> None:
        with client(paged(total, cap)) as (api, _, _):
            rows = read_pages(api, "/agents", "id", ANY_ROW)
        assert [row["id"] for row in rows] == list(range(total))

    @pytest.mark.parametrize("total", [8, PAGE_SIZE, PAGE_SIZE + 1])
    def test_a_short_page_is_no_proof_of_the_end(self, total: int) -> None:
        with client(paged(total, PAGE_SIZE)) as (api, seen, _):
            assert len(read_pages(api, "/agents", "id", ANY_ROW)) == total
        assert len(seen) == -(-total // PAGE_SIZE) + 1

    def test_refuses_a_server_that_ignores_the_page(self) -> None:
        everything = Reply([{"id": 1}])
        with client(lambda _request: everything) as (api, _, _):
            with pytest.raises(TargetError, match='id "1" came twice') as error:
                read_pages(api, "/agents", "id", ANY_ROW)
            assert code(error) == "short-read"

    @pytest.mark.parametrize("reply", [Reply({"rows": []}), Reply([1]), Reply(None)])
    def test_refuses_what_is_no_list(self, reply: Reply) -> None:
        with client(lambda _request: reply) as (api, _, _), pytest.raises(TargetError) as error:
            read_whole(api, "/roles/permissions", "name", ANY_ROW)
        assert code(error) == "target-not-liveagent"

    def test_refuses_rows_without_identity(self) -> None:
        with (
            client(lambda _request: Reply([{"name": "x"}])) as (api, _, _),
            pytest.raises(TargetError, match="a row has no id"),
        ):
            read_pages(api, "/agents", "id", ANY_ROW)

    def test_a_connection_lost_on_a_later_page_is_an_error_not_a_short_list(self) -> None:
        def answer(request: Request) -> Reply | None:
            return None if request.query["_page"] == "3" else paged(100, 7)(request)

        with client(answer) as (api, _, _), pytest.raises(TargetError) as error:
            read_pages(api, "/agents", "id", ANY_ROW)
        assert code(error) == "target-unreachable"


Pages = dict[str, tuple[list[dict[str, int]], str]]
"""Cursor to the rows of its page and the cursor behind them."""


def by_cursor(pages: Pages) -> Script:
    """Serve a list by cursor."""

    def answer(request: Request) -> Reply:
        rows, following = pages[request.query.get("_cursor", "")]
        return Reply(rows, headers={"next_page_cursor": following} if following else {})

    return answer


def test_cursors_are_followed_until_there_is_none() -> None:
    pages: Pages = {"": ([{"id": 1}], "two"), "two": ([{"id": 2}], "end"), "end": ([], "")}
    with client(by_cursor(pages)) as (api, _, _):
        assert [row["id"] for row in read_cursor(api, "/grid/agents", "id", ANY_ROW)] == [1, 2]


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"": ([{"id": 1}], "x"), "x": ([{"id": 2}], "x")}, "page 2: the list never ends"),
        (
            {"": ([{"id": 1}], "x"), "x": ([{"id": 2}], "y"), "y": ([{"id": 3}], "x")},
            "page 3: the list never ends",
        ),
        ({"": ([{"id": 1}], "x"), "x": ([], "y")}, "page 2: an empty page names a further page"),
        ({"": ([], "x")}, "page 1: an empty page names a further page"),
        ({"": ([{"id": 1}], "x"), "x": ([{"id": 1}], "y")}, 'page 2: id "1" came twice'),
    ],
)
def test_a_list_by_cursor_that_does_not_end_is_an_error(pages: Pages, words: str) -> None:
    with client(by_cursor(pages)) as (api, _, _), pytest.raises(TargetError, match=words):
        read_cursor(api, "/grid/agents", "id", ANY_ROW)


@pytest.mark.parametrize(("bound", "value"), [("PAGES", 3), ("ROWS", 25)])
def test_a_list_without_end_is_ended(
    bound: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_connections, bound, value)
    with client(paged(1000, 10)) as (api, _, _):
        with pytest.raises(TargetError, match="the list does not end") as error:
            read_pages(api, "/agents", "id", ANY_ROW)
        assert code(error) == "target-not-liveagent"


class TestEnvironment:
    """Proxies and certificates, as requests' users expect them."""

    def test_a_proxy_gets_the_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with scripted(lambda _request: Reply({"from": "proxy"})) as (url, seen):
            monkeypatch.setenv("HTTP_PROXY", url)
            api = Client("http://acme.example", KEY, pacer=Pacer(0))
            assert api.call("GET", "/agents").content == {"from": "proxy"}
            api.close()
        assert len(seen) == 1

    def test_an_account_that_needs_no_proxy_is_asked_itself(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with client(lambda _request: Reply([])) as (api, seen, _):
            api.call("GET", "/agents")
        assert len(seen) == 1

    def test_nobody_s_netrc_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login x password y\n", encoding="utf-8")
        monkeypatch.setenv("NETRC", str(netrc))
        with client(lambda _request: Reply([])) as (api, seen, _):
            api.call("GET", "/agents")
        assert "Authorization" not in seen[0].headers
