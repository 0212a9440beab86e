"""Limits of connections: size and time of a request, number of clients, file descriptors."""

import asyncio
import json
import os
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from provisioner.sandbox.wire import TRANSPORT

MOST_CONNECTIONS = 100
MOST_HEAD_BYTES = 64 * 1024
"""Request line and headers together."""

REQUEST_SECONDS = 30.0
"""A request that takes longer to arrive ends the connection."""


class Connection(HttpToolsProtocol):
    """Uvicorn's protocol with limits. It also gives its transport to the application.

    The transport lets a fault break the connection. With too many connections, the one that has
    waited longest for its client is closed, so that slow clients don't block others.
    """

    def __init__(self, *, most: int, most_body_bytes: int, **uvicorn_arguments: Any) -> None:
        """Make the protocol of one connection.

        Args:
            most: the largest number of connections.
            most_body_bytes: the largest body. As many further bytes are discarded before the
                connection ends.
            uvicorn_arguments: passed on to uvicorn.
        """
        super().__init__(**uvicorn_arguments)
        self._most = most
        self._most_body_bytes = most_body_bytes
        self._in_head = True
        self._head_bytes = 0
        self._body_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._waits_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a client; with too many connections, close another one or refuse it."""
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        self._start_deadline()
        others = [one for one in self._others() if not one.transport.is_closing()]
        if len(others) < self._most:
            return
        if waiting := [one for one in others if one.waits_for_client]:
            min(waiting, key=lambda one: one._waits_since).transport.abort()  # noqa: SLF001
        else:
            self._refuse("503 Service Unavailable", "Too many connections")

    def _others(self) -> "list[Connection]":
        return [cast("Connection", one) for one in self.connections if one is not self]

    @property
    def waits_for_client(self) -> bool:
        """Whether the connection waits for the client to send or to read."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is None or cycle.response_complete or cycle.more_body or self.flow.write_paused

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the deadline of a client that has gone."""
        super().connection_lost(exc)
        self._end_deadline()

    def data_received(self, data: bytes) -> None:
        """Parse what arrives; a head only up to its bound."""
        if self._deadline is None and self._in_head:
            self._start_deadline()
        while data and not self.transport.is_closing():
            part = data
            if self._in_head:
                part = data[: MOST_HEAD_BYTES - self._head_bytes]
                self._head_bytes += len(part)
            data = data[len(part) :]
            super().data_received(part)
            if self._in_head and self._head_bytes >= MOST_HEAD_BYTES:
                self._refuse("431 Request Header Fields Too Large", "Request head too large")

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[TRANSPORT] = self.transport

    def on_headers_complete(self) -> None:
        """Start the application with the request."""
        self._in_head, self._head_bytes, self._body_bytes = False, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Receive a part of the body; after the answer it is discarded, up to a limit."""
        self._body_bytes += len(body)
        if self.cycle.response_complete and self._body_bytes > 2 * self._most_body_bytes:
            self.transport.abort()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the deadline: the request has arrived."""
        self._in_head = True
        self._end_deadline()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Note when the connection starts to wait for the client again."""
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: str, message: str) -> None:
        content = json.dumps({"message": message})
        self.transport.write(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n{content}".encode()
        )
        self.transport.close()


SERVER_DESCRIPTORS = 8
"""Descriptors of a running server: its listener, event loop and database (measured)."""

SPARE_DESCRIPTORS = 12
"""Descriptors for all else that the process opens: files, pipes to git, a lock, a record."""


def descriptors_for_connections(most: int) -> int:
    """Return the number of descriptors for connections of a server that starts now."""
    wanted = most + SERVER_DESCRIPTORS + SPARE_DESCRIPTORS
    taken: list[int] = []
    try:
        while len(taken) < wanted:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:  # none is left
        pass
    finally:
        for descriptor in taken:
            os.close(descriptor)
    return max(0, len(taken) - SERVER_DESCRIPTORS - SPARE_DESCRIPTORS)
