"""The ASGI application: runs a request's operation in a transaction and answers it."""

import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders, QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioner.sandbox.access import RateLimit, authenticate, require_scope
from provisioner.sandbox.bodies import read_body, reshapes, shaped
from provisioner.sandbox.call import Answer, Call, Operation
from provisioner.sandbox.database import Database
from provisioner.sandbox.errors import (
    FAULT_PAGE,
    STATUS,
    ApiError,
    InvalidError,
    TooLargeError,
    TooManyRequestsError,
)
from provisioner.sandbox.fields import Field, JsonObject, Upload
from provisioner.sandbox.openapi import document, viewer
from provisioner.sandbox.routes import Surface, operations
from provisioner.sandbox.store.snapshots import Snapshots
from provisioner.sandbox.switches import Switches
from provisioner.sandbox.wire import LOSE

BASE = "/api/v3"
SURFACE_HEADER = "api_surface"

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(
    surface: Surface,
    database: Database,
    snapshots: Snapshots,
    switches: Switches,
    limit: RateLimit,
) -> Starlette:
    """Return the application that serves a surface.

    Only this application's thread may use the database.
    """
    handlers: dict[Any, Any] = {
        ApiError: _answer_error,
        HTTPException: _answer_unrouted,
        Exception: _answer_fault,
    }
    described = _document_endpoint(surface, switches)
    routes = [Route(f"{BASE}/openapi.json", described, methods=["GET"]), *viewer.routes()]
    for operation in operations(surface, switches):
        endpoint = _endpoint(operation, database, snapshots, switches, limit)
        paths = [BASE + operation.path, *filter(None, [operation.alias])]
        routes += [Route(path, endpoint, methods=[operation.method]) for path in paths]
    middleware = [Middleware(_SurfaceHeader)] if surface == "full" else []
    return Starlette(routes=routes, exception_handlers=handlers, middleware=middleware)


class _SurfaceHeader:
    """Adds a header with the name of the extended surface to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[SURFACE_HEADER] = "extended"
            await send(message)

        await self._app(scope, receive, send_with_header)


def _document_endpoint(surface: Surface, switches: Switches) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return Response(document.text(surface, switches), media_type="application/json")

    return answer


def _endpoint(
    operation: Operation,
    database: Database,
    snapshots: Snapshots,
    switches: Switches,
    limit: RateLimit,
) -> Endpoint:
    async def answer(request: Request) -> Response:
        # The key is checked first: the sandbox reads no body of a request without one.
        caller = {} if operation.public else authenticate(database, request, limit)
        if caller:
            require_scope(database, caller, operation, request.path_params)
        bounded = _BoundedRequest(request, switches.max_body_bytes)
        content = await (_form(bounded) if operation.form else bounded.body())
        query = _read_query(operation.query, request.query_params)
        is_list = operation.method == "GET"
        state = snapshots.database(operation.path, query, database) if is_list else database
        with state.transaction(write=operation.writes, keep=not request.scope.get(LOSE)):
            call = Call(
                database=state,
                switches=switches,
                path=request.path_params,
                query=query,
                body=read_body(operation, content, switches),
                caller=caller,
            )
            result = operation.handler(call)
        if operation.writes and not operation.answers_fully and switches.write_answer != "object":
            return _bare(switches.write_answer)
        return _respond(result, operation, switches)

    return answer


class _BoundedRequest(Request):
    """A request with a limit for the size of its body."""

    def __init__(self, request: Request, limit: int) -> None:
        super().__init__(request.scope, request.receive)
        self._limit = limit

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the parts of the body.

        Raises:
            TooLargeError: it exceeds the limit, by its header or while it is read.
        """
        declared = self.headers.get("content-length", "0")
        self._check(int(declared) if declared.isdecimal() else 0)
        size = 0
        async for part in super().stream():
            size += len(part)
            self._check(size)
            yield part

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise TooLargeError(f"Request body too large, at most {self._limit} bytes are allowed")


async def _form(request: Request) -> JsonObject:
    try:
        async with request.form() as form:
            return {
                name: value
                if isinstance(value, str)
                else Upload(value.filename or "", value.content_type or "", await value.read())
                for name, value in form.items()
            }
    except FormParserError as error:
        # Starlette answers 400 itself only since 1.8.
        raise InvalidError("Invalid multipart data.") from error


def _read_query(fields: Iterable[Field], given: QueryParams) -> dict[str, object]:
    query: dict[str, object] = {}
    for field in fields:
        text = given.get(field.name)
        if text is not None:
            number = field.kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text)
            query[field.name] = field.check(int(text) if number else text)
        elif field.required:
            raise InvalidError(f"Missing required parameter '{field.name}'")
        elif field.default is not None:
            query[field.name] = field.default
    return query


def _bare(form: str) -> Response:
    """Return the answer to a write that does not show the written object."""
    if form == "no_content":
        return Response(status_code=204)
    if form == "braces":
        return _json({}, 200)
    return Response("OK" if form == "text" else b"", media_type="text/plain")


def _respond(result: object, operation: Operation, switches: Switches) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    if answer.media_type:
        return Response(answer.value, answer.status, answer.headers, answer.media_type)
    value = shaped(answer.value, operation, switches) if reshapes(switches) else answer.value
    return _json(value, answer.status, answer.headers)


def _json(value: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(value, separators=(",", ":"))
    return Response(content, status, headers, "application/json")


def _answer_error(_request: Request, error: ApiError) -> Response:
    headers = {}
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after)
    return _json({"message": str(error)}, STATUS[type(error)], headers)


def _answer_unrouted(request: Request, error: HTTPException) -> Response:
    if error.status_code != 405:
        return _json({"message": error.detail}, error.status_code)
    routes: list[Route] = request.app.routes
    matching = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = sorted({method for route in matching for method in route.methods or ()} - {"HEAD"})
    allowed = ", ".join(methods)
    message = f"Method not allowed. Must be one of: {allowed}"  # D: changelog 2024-05-06
    return _json({"message": message}, 405, {"Allow": allowed})


def _answer_fault(_request: Request, _error: Exception) -> Response:
    return Response(FAULT_PAGE, 500, media_type="text/html")
