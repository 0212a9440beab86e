"""Wraps the application: checks the host, logs requests, and applies faults and delays."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from email.utils import formatdate
from typing import NamedTuple, TextIO

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioner.sandbox.access import is_own_host
from provisioner.sandbox.call import NO_ROW
from provisioner.sandbox.errors import FAULT_PAGE
from provisioner.sandbox.faults import Fault, Faults
from provisioner.sandbox.switches import Switches

_MOST_ENTRIES = 1_000_000


class LoggedRequest(NamedTuple):
    """One request; the status is 0 if the connection was dropped without an answer."""

    method: str
    path: str
    status: int


class RequestLog:
    """The last million requests since the start; any thread may read it."""

    def __init__(self, file: TextIO | None = None) -> None:
        """Start without entries.

        Args:
            file: also gets each request, as a line with method, path and status.
        """
        self._entries: deque[LoggedRequest] = deque(maxlen=_MOST_ENTRIES)
        self._lock = threading.Lock()
        self._file = file

    def add(self, entry: LoggedRequest) -> None:
        """Append a request."""
        with self._lock:
            self._entries.append(entry)
            if self._file:
                print(*entry, file=self._file, flush=True)

    def entries(self) -> list[LoggedRequest]:
        """Return the requests so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()


_ROOT = "/api/v3"
_CREATIONS = {f"{_ROOT}/{path}" for path in ("agents", "agents/undelete", "departments", "roles")}
_GRID = f"{_ROOT}/grid/agents"
_SERVICES = "update"
"""The last part of the path that writes services of members."""


class Lag:
    """The delays of one sandbox. Only the server's thread uses it."""

    def __init__(self, switches: Switches) -> None:
        """Start with an account that shows everything."""
        self._requests = switches.lag_new_objects
        self._hidden: dict[str, int] = {}

    def hides(self, scope: Scope) -> bool:
        """Return whether a request is for something new that is not shown yet."""
        for part in scope["path"].split("/"):
            if self._hidden.get(part):
                self._hidden[part] -= 1
                return True
        return False

    def note(self, scope: Scope, messages: Sequence[Message]) -> None:
        """Hide what a successful write has created, until the grid of agents is read."""
        if scope["path"] == _GRID:
            self._hidden.clear()
        elif messages and messages[0]["status"] == 200 and scope["method"] != "GET":
            self._note_new(scope, messages)

    def _note_new(self, scope: Scope, messages: Sequence[Message]) -> None:
        """Hide the object that a request has created."""
        path = scope["path"]
        if self._requests and scope["method"] == "POST" and path in _CREATIONS:
            new = _id_of(messages[1]["body"])
            if new is not None:
                self._hidden[str(new)] = self._requests
        is_membership = path.startswith(f"{_ROOT}/departments/") and path.count("/") == 5
        if self._requests and scope["method"] == "PUT" and is_membership:
            self._hidden[_SERVICES] = self._requests


def _id_of(body: bytes) -> object:
    """Return the id in the answer to a creation; None if the answer does not show it."""
    row = json.loads(body) if body.startswith(b"{") else {}
    return row.get("id") or row.get("department_id")


# Key of the scope for the connection's transport, by which a fault breaks the connection.
TRANSPORT = "sandbox.transport"
# Key of the scope for whether the writes of a request are undone.
LOSE = "sandbox.lose"


class Wire:
    """The application with all that applies to every request."""

    def __init__(self, app: ASGIApp, log: RequestLog, faults: Faults, lag: Lag) -> None:
        """Wrap the application."""
        self._app = app
        self._log = log
        self._faults = faults
        self._lag = lag
        self._last: dict[tuple[str, str, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_own_host(scope["headers"]):
            self._log.add(LoggedRequest(scope["method"], scope["path"], 421))
            await _misdirected()(scope, receive, send)
            return
        # The vendor's spec had trailing slashes until 2020-06-19; both forms are in use.
        scope["path"] = scope["path"].rstrip("/")
        fault = self._faults.fault_of(scope["method"], scope["path"])
        messages = await self._messages(fault, scope, receive)
        status = messages[0]["status"] if messages else 0
        # Logged before the answer is sent, so that a test finds its own request in the log.
        self._log.add(LoggedRequest(scope["method"], scope["path"], status))
        for message in messages:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["date"] = formatdate(usegmt=True)
            await send(message)
        if fault and fault.kind in {"drop", "truncate"}:
            scope[TRANSPORT].close()

    async def _messages(self, fault: Fault | None, scope: Scope, receive: Receive) -> list[Message]:
        """Return the messages of the answer; none where the connection breaks instead."""
        kind = fault.kind if fault else ""
        if fault and kind in {"status", "html", "drop"}:
            if fault.lands:
                await _collect(self._app, scope, receive)
            return await _collect(_failure(fault), scope, receive) if kind != "drop" else []
        if fault and kind == "delay":
            await asyncio.sleep(fault.seconds)
        scope[LOSE] = kind == "lose"
        read = (scope["method"], scope["path"], scope["query_string"])
        if kind == "lag" and read in self._last:
            return self._last[read]
        if self._lag.hides(scope):
            return await _collect(_missing(), scope, receive)
        messages = await _collect(self._app, scope, receive)
        self._lag.note(scope, messages)
        if scope["method"] == "GET" and self._faults.lagging:
            self._last[read] = messages
        return _half(messages) if kind == "truncate" else messages


def _misdirected() -> Response:
    content = json.dumps({"message": "The sandbox answers at 127.0.0.1 and localhost only"})
    return Response(content, 421, media_type="application/json")


def _missing() -> Response:
    return Response(json.dumps({"message": NO_ROW}), 404, media_type="application/json")


def _failure(fault: Fault) -> Response:
    if fault.kind == "html":
        return Response(FAULT_PAGE, fault.status, media_type="text/html")
    headers = {"Retry-After": "1"} if fault.status == 429 else {}
    content = json.dumps({"message": "Fault on purpose"})
    return Response(content, fault.status, headers, "application/json")


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    # The framework raises an error again after it has been answered.
    with suppress(Exception):
        await app(scope, receive, keep)
    return messages


def _half(messages: list[Message]) -> list[Message]:
    start, body = messages
    content = body["body"]
    return [start, {**body, "body": content[: len(content) // 2], "more_body": True}]
