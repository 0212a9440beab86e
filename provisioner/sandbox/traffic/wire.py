"""Wraps the application: checks the host, logs requests, and applies faults."""

import asyncio
import json
from contextlib import suppress
from email.utils import formatdate

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioner.sandbox.access import is_own_host
from provisioner.sandbox.call import NO_ROW
from provisioner.sandbox.errors import FAULT_PAGE
from provisioner.sandbox.faults import Fault, Faults
from provisioner.sandbox.log import LoggedRequest, RequestLog
from provisioner.sandbox.traffic.lag import Lag

# Key of the scope for the connection's transport, by which a fault breaks the connection.
TRANSPORT = "sandbox.transport"
# Key of the scope for whether the writes of a request are undone.
LOSE = "sandbox.lose"


class Wire:
    """The application with all that applies to every request."""

    def __init__(self, app: ASGIApp, log: RequestLog, faults: Faults, lag: Lag) -> None:
        """Wrap the application.

        Args:
            app: answers requests.
            log: the log of all requests.
            faults: the rules of faults.
            lag: hides new objects at first.
        """
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
