"""A client of API v3: sends requests, retries them where that is safe, and decodes the answers.

The levels, from the outside: `Client.call` decodes, `_request` retries, `_send_within_limit` waits
for the limits of requests per minute, and `Transport.send` keeps one answer within its bounds.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote, urljoin

from provisioner.diagnostics import RejectedError, TargetError, UnansweredError
from provisioner.documents.files.attachments import Attachment
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.answers import Answer, is_error
from provisioner.liveagent.http.pacing import Pacer, PageSize
from provisioner.liveagent.http.refusals import (
    GONE,
    TOO_MANY_REQUESTS,
    not_liveagent,
    rate_limited,
    refusal,
    rejected,
)
from provisioner.liveagent.http.request_meter import RequestMeter
from provisioner.liveagent.http.retries import Retries
from provisioner.liveagent.http.transport import Transport
from provisioner.model.assumptions import AccountCapabilities
from provisioner.redaction import MASK, hide

API_ROOT = "/api/v3"


def quoted(identifier: object) -> str:
    """Return an id as a part of a path, and a float as a whole number.

    The models declare some ids as floats (D); in paths they are whole numbers.
    """
    if isinstance(identifier, float) and identifier.is_integer():
        identifier = int(identifier)
    return quote(str(identifier), safe="")


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a successful answer.

    Attributes:
        content: the decoded JSON; None if a write was answered without any.
        headers: by name, in any letter case.
    """

    content: Any
    headers: Mapping[str, str]


class Client:
    """Makes requests to one account, from several threads at once.

    Attributes:
        root: the address of the API.
        connections: how many may be open at once.
        capabilities: what is known of the account's behaviour.
        retries: retries requests.
        page_size: the rows to request in a page.
        meter: measures what is sent.
        has_missing_end: whether a page after the last one was answered 404.
        requests: how many requests were made so far; retries are not counted.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        pacer: Pacer,
        on_retry: Callable[[str, float, str], None] = lambda _what, _seconds, _why: None,
        on_answer: Callable[[str, int], None] = lambda _call, _status: None,
        connections: int = 16,
        meter: RequestMeter | None = None,
        capabilities: AccountCapabilities = AccountCapabilities(),  # noqa: B008
    ) -> None:
        """Make a client and redact its key from all output from now on.

        Args:
            url: the account's address, with or without `/api/v3`.
            api_key: a key of API v3.
            pacer: asked before each request.
            on_retry: called before each retry with what is missing, the seconds until then, and the
                error of the last try.
            on_answer: called after each answer with method and path, and the status.
            connections: how many may be open at once.
            meter: counts each request; None for one of its own.
            capabilities: what is known of the account's behaviour.

        Raises:
            TargetError: the address is malformed, or the CA bundle is missing.
        """
        hide(api_key)
        account = url.rstrip("/").removesuffix(API_ROOT)
        self.root = account + API_ROOT
        self.connections = connections
        self.capabilities = capabilities
        self.requests = 0
        self.retries = Retries(pacer, on_retry, capabilities["list_lag_seconds"])
        self.page_size = PageSize(capabilities["page_size"])
        self.meter = meter or RequestMeter()
        self.has_missing_end = False
        self._api_key = api_key
        self._counting = threading.Lock()
        self._pacer = pacer
        self._on_answer = on_answer
        self._transport = Transport(account, api_key, connections)

    def __repr__(self) -> str:
        """Show the address and never the key."""
        return f"Client({self.root!r})"

    def is_own_key(self, text: object) -> bool:
        """Return whether a text from an answer is the API key of this client.

        The transport masks the key in answers unless it is too short to be masked.
        """
        return text in (MASK, self._api_key)

    def stop(self) -> None:
        """Make no further request that would have to wait for a limit."""
        self._pacer.stop()

    def close(self) -> None:
        """Close the connections, and begin no further wait."""
        self.stop()
        self._transport.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> Content:
        """Make one request and return the decoded content of its answer.

        `path` is quoted, and below `/api/v3`. A `repeatable` request may take effect twice without
        harm; None: unless it is a POST.

        Raises:
            RejectedError: the account declined the request.
            UnansweredError: no usable answer came, after all retries.
            TargetError: an answer that API v3 does not give.
        """
        answer = self._request(method, path, repeatable=repeatable, params=params, body=body)
        return _decoded(method, path, answer)

    def upload(self, path: str, file: Attachment) -> Content:
        """Send a file as a form; see `call`. A file that is uploaded twice does no harm."""
        form = {"file": (file.name, file.content, file.type)}
        return _decoded("POST", path, self._request("POST", path, repeatable=True, files=form))

    def download(self, path: str) -> bytes:
        """Return the content of a file; see `call`."""
        return self._request("GET", path, headers={"Accept": "*/*"}).body

    def has_picture(self, address: str) -> bool:
        """Return whether an address of a picture leads to the account itself.

        The key is sent to no other server. Other calls of the API are not made: some GET requests
        have an effect (D: `GET /devices/_app_` creates a device).

        Args:
            address: the address as the account shows it, absolute or not.
        """
        path = self._path_of(address)
        is_call = path.startswith(API_ROOT) and not path.startswith(f"{API_ROOT}/files/")
        return bool(address) and path.startswith("/") and not is_call and ".." not in path

    def picture(self, address: str) -> bytes:
        """Return the content of a picture of the account; see `call`."""
        path = self._path_of(address)
        return self._request("GET", path, root="", headers={"Accept": "*/*"}).body

    def _path_of(self, address: str) -> str:
        account = self.root.removesuffix(API_ROOT)
        return urljoin(f"{account}/", address).removeprefix(account)

    def delete(self, path: str) -> None:
        """Delete an object; an object that is already gone is no error.

        Raises:
            TargetError: it was not deleted.
        """
        try:
            self.call("DELETE", path)
        except RejectedError as error:
            if error.status not in GONE:
                raise

    def _request(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool | None = None,
        root: str = API_ROOT,
        **request: Any,
    ) -> Answer:
        """Return the successful answer to one request, with retries if they are safe."""
        with self._counting:
            self.requests += 1
        may_repeat = method != "POST" if repeatable is None else repeatable
        tries = count()
        try:
            return self.retries.run(
                lambda: self._send_within_limit(method, root + path, request, tries),
                lambda error: may_repeat or not error.sent,
            )
        except UnansweredError as error:
            error.uncertain = error.sent and method != "GET"
            raise

    def _send_within_limit(
        self, method: str, path: str, request: Mapping[str, Any], tries: Iterator[int]
    ) -> Answer:
        """Send a request within the limits of requests per minute, ours and the account's.

        `tries` counts how many times the request was sent before.

        A request that is answered 429 has had no effect, so it is sent again after a wait, until
        the waits add up to the longest total.
        """
        call, waited, asked = f"{method} {path}", 0.0, 0
        while True:
            self._pacer.wait()
            self.meter.sent(again=next(tries) > 0)
            answer = self._transport.send(method, path, **request)
            self._on_answer(call, answer.status)
            if answer.status != TOO_MANY_REQUESTS:
                break
            seconds = answer.asked_wait(bounded_connections.DEFAULT_WAIT_SECONDS)
            waited, asked = waited + seconds, asked + 1
            if waited > bounded_connections.LIMIT_WAIT_SECONDS:
                raise TargetError(rate_limited(call, asked))
            self._pacer.hold(seconds)
        if not answer.succeeded:
            raise refusal(call, answer)
        return answer


def _decoded(method: str, path: str, answer: Answer) -> Content:
    """Return the JSON of a successful answer; a write may be answered without any.

    The answers of writes are documented as objects, but nothing depends on that: what was written
    is read back (U).

    Raises:
        RejectedError: the content is an error.
        TargetError: it is not JSON, or an HTML page as the answer to a write. Then its effect is
            uncertain.
    """
    call = f"{method} {API_ROOT}{path}"
    try:
        content = answer.content()
    except ValueError as error:
        if method != "GET" and not answer.is_page():
            return Content(None, answer.headers)
        diagnostic = not_liveagent(call, "the answer is not JSON")
        if method == "GET":
            raise TargetError(diagnostic) from error
        # Something between us and the account may have answered after the account did the work.
        failure = UnansweredError(diagnostic, status=answer.status)
        failure.uncertain = True
        raise failure from error
    if is_error(content):
        raise rejected(call, answer)
    return Content(content, answer.headers)
