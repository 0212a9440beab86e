"""The limits of a request to an account, and HTTP connections that enforce time and size.

An account, or a server that answers in its place, must not be able to block a run or to fill the
memory. `docs/recovery.md` lists the same limits.

The time-outs of `requests` apply to single reads: a server that sends a byte now and then never
exceeds them, in headers least of all, which are read in one call. So the limits are enforced at the
lowest level, in each read from the socket.
"""

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class OutOfTimeError(TimeoutError):
    """The answer was not complete within the time of a request."""


class AnswerTooLargeError(OSError):
    """The answer is larger than `ANSWER_BYTES`."""


class _Call(threading.local):
    """The remaining time and bytes of the request that a thread is making."""

    ends_at = 0.0
    bytes_left = 0

    def seconds_left(self) -> float:
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise OutOfTimeError(f"no whole answer within {CALL_SECONDS} s")
        return seconds

    def take(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise AnswerTooLargeError


_call = _Call()


@contextmanager
def bounded_call() -> Iterator[None]:
    """Limit the request that is made inside, from its connection to its last byte."""
    _call.ends_at = time.monotonic() + CALL_SECONDS
    _call.bytes_left = ANSWER_BYTES
    yield


class _BoundedSocket(io.RawIOBase):
    """Reads from a socket within the limits of the thread's request."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # A file of the socket keeps the socket open until both are closed.
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        self._connection.settimeout(min(READ_SECONDS, _call.seconds_left()))
        count = self._raw.readinto(buffer)
        _call.take(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_BoundedSocket(sock))


class _BoundedConnection(HTTPConnection):
    response_class = _BoundedResponse

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is not None:
            # The previous answer on this connection may have left a short time-out.
            self.sock.settimeout(min(READ_SECONDS, _call.seconds_left()))
        super().request(*args, **options)


class _BoundedTLSConnection(_BoundedConnection, HTTPSConnection):
    pass


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLSConnection


_POOLS = {"http": _BoundedPool, "https": _BoundedTLSPool}


class BoundedAdapter(HTTPAdapter):
    """Sends requests over bounded connections; to be used inside `bounded_call`."""

    poolmanager: PoolManager

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the pools of connections through a proxy; SOCKS keeps its own kind."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


CONNECT_SECONDS = 10
"""Time to connect to one address of the account's host."""

READ_SECONDS = 60
"""Time between two bytes of an answer."""

CALL_SECONDS = 120
"""Time from the start of a request to the last byte of its answer, without the look-up of the host
name, which the resolver of the system limits."""

ANSWER_BYTES = 64 * 1024 * 1024
"""Size of an answer, both compressed and decompressed. A page of 500 agents has about 1 MiB."""

ANSWER_DEPTH = 32
"""Levels of nested arrays and objects in an answer. API v3 has 5 (D: the models)."""

PAGES = 10_000
"""Pages of one list. With the smallest documented page, 10 rows, these are 100,000 rows (D)."""

ROWS = 500_000
"""Rows of one list."""

LIMIT_WAIT_SECONDS = 900
"""Total time that one request waits because the account answers 429."""

ONE_WAIT_SECONDS = 60.0
"""Longest single wait for a Retry-After; after it the request is sent again."""

DEFAULT_WAIT_SECONDS = 10.0
"""Wait after a 429 without a usable Retry-After (U: what LiveAgent sends)."""
