"""Connections whose answers have a deadline and a most number of bytes.

The time-outs of `requests` hold for a single read: a server that sends a byte now and then never
meets them, least of all in its headers, which are read in one call. So the bounds are kept at the
lowest level, where each read from the socket passes.
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

from provisioner.liveagent.http import bounds

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class OutOfTimeError(TimeoutError):
    """The answer was not whole at the deadline of its call."""


class AnswerTooLargeError(OSError):
    """The answer has more bytes than an answer may have."""


class _Call(threading.local):
    """What is left of the bounds of the call that a thread is making."""

    ends_at = 0.0
    bytes_left = 0

    def seconds_left(self) -> float:
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise OutOfTimeError(f"no whole answer within {bounds.CALL_SECONDS} s")
        return seconds

    def take(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise AnswerTooLargeError


_call = _Call()


@contextmanager
def bounded_call() -> Iterator[None]:
    """Bound the call that is made within, from its connection to its last byte."""
    _call.ends_at = time.monotonic() + bounds.CALL_SECONDS
    _call.bytes_left = bounds.ANSWER_BYTES
    yield


class _BoundedSocket(io.RawIOBase):
    """Reads from a socket within the bounds of the thread's call."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # Not the socket itself: it stays open until this, too, is closed.
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        self._connection.settimeout(min(bounds.READ_SECONDS, _call.seconds_left()))
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
            # The last answer on this connection may have left little.
            self.sock.settimeout(min(bounds.READ_SECONDS, _call.seconds_left()))
        super().request(*args, **options)


class _BoundedTLSConnection(_BoundedConnection, HTTPSConnection):
    pass


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLSConnection


_POOLS = {"http": _BoundedPool, "https": _BoundedTLSPool}


class BoundedAdapter(HTTPAdapter):
    """Sends requests over bounded connections; only within `bounded_call`."""

    poolmanager: PoolManager

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the pools of connections through a proxy. SOCKS has connections of its own."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager
