"""Bounds of a call: a whole answer in time, and no more bytes than an answer may have."""

import gzip
import zlib
from collections.abc import Iterator
from itertools import count, repeat
from typing import Any

import pytest

from provisioner.diagnostics import TargetError
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from tests.unit.liveagent.raw import Answering, raw_server
from tests.unit.liveagent.scripted import Reply, scripted

KEY = "secret-of-the-account"
HEAD = b"HTTP/1.1 200 OK\r\n"


class Clock:
    """Time that goes on a second with each look at it."""

    def __init__(self) -> None:
        self._looks = count()

    def monotonic(self) -> float:
        return float(next(self._looks))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_connections, "time", Clock())


def call(answer: Answering, method: str = "GET") -> Any:
    with raw_server(answer) as port:
        client = Client(f"http://127.0.0.1:{port}", KEY, pacer=Pacer(0, sleep=lambda _s: None))
        try:
            return client.call(method, "/agents", body=None if method == "GET" else {}).content
        finally:
            client.close()


def refused(answer: Answering, method: str = "GET") -> TargetError:
    with pytest.raises(TargetError) as raised:
        call(answer, method)
    return raised.value


def endless(start: bytes, piece: bytes) -> Answering:
    def answer(_connection: object) -> Iterator[bytes]:
        yield start
        yield from repeat(piece)

    return answer


DRIPS = {
    "a status line that never ends": endless(b"HTTP/1.1 200 ", b"O"),
    "a header now and then": endless(HEAD, b"A: b\r\n"),
    "interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body byte by byte": endless(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "chunk by chunk": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a body up to the end of the connection": endless(HEAD + b"\r\n", b" "),
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_never_ends_is_ended(
    answer: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = bounded_connections._BoundedSocket
    monkeypatch.setattr(reader, "readinto", one_byte(reader.readinto))
    error = refused(answer, "POST")
    assert error.diagnostics[0].code == "target-unreachable"
    assert error.uncertain


def one_byte(readinto: Any) -> Any:
    """Return a read that gets one byte at a time, as from a server that drips."""

    def read(self: Any, buffer: Any) -> Any:
        return readinto(self, memoryview(buffer)[:1])

    return read


FLOODS = {
    "of the body": endless(HEAD + b"\r\n", b"[" * 65536),
    "of chunks": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b" " * 32770),
    "of one chunk's size": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
    "of a trailer": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A" * 65536),
    "of interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
}


@pytest.mark.parametrize("answer", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_not_kept(answer: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_connections, "CALL_SECONDS", 1e9)
    monkeypatch.setattr(bounded_connections, "ANSWER_BYTES", 1024 * 1024)
    words = str(refused(answer))
    assert "the answer has more than" in words or "the answer is not HTTP" in words


def test_a_length_that_is_announced_is_not_believed() -> None:
    def answer(_connection: object) -> Iterator[bytes]:
        yield HEAD + b"Content-Length: 99999999999999\r\n\r\n[]"

    assert "in the middle of the answer" in str(refused(answer))


def compressed(content: bytes, encoding: str) -> Reply:
    return Reply(raw=content, headers={"Content-Encoding": encoding})


def content(reply: Reply) -> Any:
    with scripted(lambda _request: reply) as (url, _):
        client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
        try:
            return client.call("GET", "/agents").content
        finally:
            client.close()


@pytest.mark.parametrize(
    "reply",
    [
        compressed(gzip.compress(b'{"a": 1}'), "gzip"),
        compressed(gzip.compress(b'{"a":') + gzip.compress(b" 1}"), "GZIP"),
        compressed(zlib.compress(b'{"a": 1}'), "deflate"),
        compressed(b'{"a": 1}', "identity"),
        Reply(raw=b'\xef\xbb\xbf{"a": 1}'),
    ],
    ids=["gzip", "gzip of two members", "deflate", "identity", "byte order mark"],
)
def test_an_answer_is_decompressed(reply: Reply) -> None:
    assert content(reply) == {"a": 1}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (compressed(gzip.compress(b" " * (64 * 1024 * 1024 + 1)), "gzip"), "more than 64 MiB"),
        (compressed(b"[]", "br"), 'is compressed as "br", not as gzip'),
        (compressed(b"[]", "gzip, gzip"), 'is compressed as "gzip, gzip"'),
        (compressed(b"[]", "gzip"), "has a broken compression"),
        (compressed(gzip.compress(b"[]")[:-4], "gzip"), "in the middle of its compressed content"),
        (Reply(raw=b"[" * 100_000), "not JSON"),
        (Reply(raw=b"[" * 40 + b"]" * 40), "not JSON"),
        (Reply(raw=b"1" * 5000), "not JSON"),
        (Reply(raw=b"[NaN]"), "not JSON"),
        (Reply(raw=b"[1e999]"), "not JSON"),
        (Reply(raw=b'["\xff"]'), "not JSON"),
        (Reply(raw=b'[{"id": 1}'), "not JSON"),
    ],
)
def test_a_body_that_is_no_answer_is_refused(reply: Reply, words: str) -> None:
    with pytest.raises(TargetError, match=words) as raised:
        content(reply)
    assert raised.value.diagnostics[0].code == "target-not-liveagent"
