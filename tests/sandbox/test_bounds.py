"""Requests that are too large, too slow, too many, or sent by somebody else's page."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPResponse

import pytest

from provisioner.sandbox import connections
from provisioner.sandbox.switches import Switches
from tests.sandbox.api import KEY, Api, Start

MOST = 1000
OWN_KEY = f"apikey: {KEY}"
REFUSAL = {"message": f"Request body too large, at most {MOST} bytes are allowed"}


@pytest.fixture
def small(start: Start) -> Api:
    """Run a sandbox that reads short bodies only."""
    return start(switches=Switches(max_body_bytes=MOST))


def connect(api: Api) -> socket.socket:
    return socket.create_connection(("127.0.0.1", api.sandbox.port), timeout=20)


def head(method: str, path: str, *headers: str, host: str = "localhost") -> bytes:
    lines = [f"{method} /api/v3{path} HTTP/1.1", f"Host: {host}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def status(client: socket.socket) -> int:
    """Read the next answer to its end, and return its status."""
    with HTTPResponse(client) as response:
        response.begin()
        response.read()
        return response.status


@pytest.mark.parametrize("length", ["Content-Length: 999", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("key", ["X-Nothing: 1", "apikey: wrong"])
def test_without_a_key_no_body_is_waited_for(api: Api, length: str, key: str) -> None:
    with connect(api) as client:
        client.sendall(head("POST", "/agents", key, length))
        assert status(client) == 403


def test_a_body_of_the_allowed_length_is_read(small: Api) -> None:
    response = small.send("POST", "/agents", data=b"x" * MOST)
    assert (response.status_code, response.json()) == (
        400,
        {"message": "Bad JSON format: Syntax error"},
    )


@pytest.mark.parametrize("path", ["/agents", "/files", "/apikeys/_login"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_longer_body_is_413(small: Api, path: str, chunked: bool) -> None:
    def parts() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        yield from [b"x" * 100] * 10

    data = parts() if chunked else b"".join(parts())
    content_type = "multipart/form-data; boundary=b" if path == "/files" else "application/json"
    response = small.send("POST", path, data=data, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()) == (413, REFUSAL)
    assert small.get("/agents")


def test_a_length_that_only_the_header_claims_is_413(small: Api) -> None:
    with connect(small) as client:
        client.sendall(head("PUT", "/agents/x", OWN_KEY, f"Content-Length: {MOST + 1}"))
        assert status(client) == 413


def test_a_body_without_an_end_ends_the_connection(small: Api) -> None:
    chunk = b"3e8\r\n" + b"x" * MOST + b"\r\n"
    with connect(small) as client:
        client.sendall(head("POST", "/agents", OWN_KEY, "Transfer-Encoding: chunked"))
        client.sendall(chunk * 2)
        assert status(client) == 413
        with suppress(ConnectionError):
            client.sendall(chunk * 2)
            assert client.recv(1) == b""


@pytest.mark.parametrize("part", [b"GET /" + b"x" * 1000, b"GET / HTTP/1.1\r\nX: "])
def test_an_endless_head_is_431(api: Api, part: bytes) -> None:
    with connect(api) as client:
        client.sendall(part + b"x" * connections.MOST_HEAD_BYTES)
        assert status(client) == 431
    assert api.get("/agents")


def test_a_body_longer_than_a_head_may_be_is_no_head(api: Api) -> None:
    # Head and body arrive together.
    body = b'{"name": "' + b"x" * connections.MOST_HEAD_BYTES + b'"}'
    with connect(api) as client:
        client.sendall(head("POST", "/agents", OWN_KEY, f"Content-Length: {len(body)}") + body)
        assert status(client) == 400
        client.sendall(head("GET", "/agents", OWN_KEY))
        assert status(client) == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1.2.3:1", "[::1]:8080"]
)
def test_a_host_of_this_machine_is_served(api: Api, host: str) -> None:
    with connect(api) as client:
        client.sendall(head("GET", "/ping", host=host))
        assert status(client) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("", "acme.example", "acme.example:8080", "10.0.0.1", "0.0.0.0", "[::]", "[::1"),  # noqa: S104
        *("localhost.acme.example", "127.0.0.1.acme.example", "127.0.0.1@acme.example"),
        *("localhost\r\nHost: acme.example", "localhost, acme.example", "2130706433"),
    ],
)
@pytest.mark.parametrize("path", ["/ping", "/agents", "/nothing"])
def test_another_host_is_421(api: Api, host: str, path: str) -> None:
    with connect(api) as client:
        client.sendall(head("GET", path, OWN_KEY, host=host))
        assert status(client) == 421


def test_a_request_without_a_host_is_421(api: Api) -> None:
    with connect(api) as client:
        client.sendall(f"GET /api/v3/agents HTTP/1.0\r\n{OWN_KEY}\r\n\r\n".encode())
        assert status(client) == 421


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /api/v3/ag", b"\r\n", head("POST", "/agents", OWN_KEY, "Content-Length: 5") + b"x"],
)
def test_a_request_that_does_not_arrive_ends_its_connection(
    api: Api, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.05)
    with connect(api) as client, suppress(ConnectionResetError):
        client.sendall(beginning)
        assert client.recv(1) == b""


@pytest.mark.parametrize("beginning", [b"", b"GET /", head("GET", "/agents", "X: 1")[:-4]])
def test_slow_clients_do_not_stop_others(start: Start, beginning: bytes) -> None:
    api = start(connections=3)
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(api)) for _ in range(6)]
        for client in slow:
            client.sendall(beginning)
        assert len(api.get("/agents")) == 1
        with suppress(ConnectionResetError):
            assert slow[0].recv(1) == b""


def test_a_connection_that_is_one_too_many_is_503_while_all_are_at_work(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start(connections=1)
    monkeypatch.setattr(connections.Connection, "waits_for_client", False)
    with connect(api) as first, connect(api) as second:
        assert status(second) == 503
        first.sendall(head("GET", "/agents", OWN_KEY))
        assert status(first) == 200
