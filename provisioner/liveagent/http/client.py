"""A client of API v3: sends requests, retries them where that is safe, and decodes the answers.

The levels, from the outside: `Client.call` decodes, `_request` retries, `Sender.send` waits for
the limits of requests per minute, and `Transport.send` keeps one answer within its bounds.
"""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote, urljoin

from provisioner.diagnostics import RejectedError, TargetError, UnansweredError
from provisioner.documents.files.attachments import Attachment
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.contents import API_ROOT, Content, decoded
from provisioner.liveagent.http.pacing import Pacer, PageSize, Slots
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.http.request_meter import RequestMeter
from provisioner.liveagent.http.retries import Retries
from provisioner.liveagent.http.sending import Look, Prepare, Sender
from provisioner.liveagent.http.transport import Transport
from provisioner.model.assumptions import AccountCapabilities
from provisioner.redaction import MASK, hide

Result = TypeVar("Result")


def quoted(identifier: object) -> str:
    """Return an id as a part of a path, and a float as a whole number.

    The models declare some ids as floats (D); in paths they are whole numbers.
    """
    if isinstance(identifier, float) and identifier.is_integer():
        identifier = int(identifier)
    return quote(str(identifier), safe="")


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
        clock: returns the seconds by which looks are timed.
        reserve: keeps places below the limit per minute; see `Pacer.reserve`.
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
        self.clock, self.reserve = pacer.clock, pacer.reserve
        self._transport = Transport(account, api_key, connections)
        self._sender = Sender(self._transport, pacer, self.meter, on_answer)

    def __repr__(self) -> str:
        """Show the address and never the key."""
        return f"Client({self.root!r})"

    def is_own_key(self, text: object) -> bool:
        """Return whether a text from an answer is the API key of this client.

        The transport masks the key in answers unless it is too short to be masked.
        """
        return text in (MASK, self._api_key)

    def guard_by(self, guard: Callable[[bool], None]) -> None:
        """Call something right before each request from now on; see `Sender.guard`."""
        self._sender.guard = guard

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
        slots: Slots | None = None,
    ) -> Content:
        """Make one request and return the decoded content of its answer.

        `path` is quoted, and below `/api/v3`. A `repeatable` request may take effect twice without
        harm; None: unless it is a POST. `slots` keep a place for it below the limit per minute.

        Raises:
            RejectedError: the account declined the request.
            UnansweredError: no usable answer came, after all retries.
            TargetError: an answer that API v3 does not give.
        """
        answer = self._request(
            method, path, repeatable=repeatable, slots=slots, params=params, body=body
        )
        return decoded(method, path, answer)

    def write(
        self,
        method: str,
        path: str,
        prepare: Prepare,
        *,
        params: Mapping[str, str | int] | None = None,
        repeatable: bool = True,
    ) -> Any:
        """Make a write that relies on a look, and return the content of its answer.

        A `repeatable` write may take effect twice without harm. `prepare` is called before each
        try, so that whatever a try waits for, it goes out on a look that is not too old.

        Returns:
            The decoded JSON, or None if there was nothing to write.

        Raises:
            TargetError: see `call`; or `prepare` raised it.
        """
        sent = False

        def send(again: bool) -> Answer | None:
            nonlocal sent
            try:
                return self._sender.send_prepared(
                    method, API_ROOT + path, params, partial(prepare, sent), again=again
                )
            except UnansweredError as error:
                sent = sent or error.sent
                raise
            except TargetError as error:
                # An earlier try may have taken effect before this look.
                error.uncertain = error.uncertain or sent
                raise

        answer = self._retried(method, repeatable, send)
        return decoded(method, path, answer).content if answer else None

    def look(
        self,
        path: str,
        slots: Slots,
        params: Mapping[str, str | int] | None = None,
        *,
        again: bool = False,
    ) -> Look:
        """Read something right before a write; the tries of the write repeat it.

        `again` is whether the last try of the same look failed.

        Raises:
            TargetError: see `call`.
        """
        try:
            answer, sent = self._sender.send(
                "GET", API_ROOT + path, {"params": params}, slots, again=again
            )
        except UnansweredError as error:
            error.sent = False  # the write itself
            raise
        return Look(decoded("GET", path, answer).content, sent)

    def upload(self, path: str, file: Attachment) -> Content:
        """Send a file as a form; see `call`. A file that is uploaded twice does no harm."""
        form = {"file": (file.name, file.content, file.type)}
        return decoded("POST", path, self._request("POST", path, repeatable=True, files=form))

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

    def delete(self, path: str, prepare: Prepare | None = None) -> None:
        """Delete an object; an object that is already gone is no error. See `write`.

        Raises:
            TargetError: it was not deleted.
        """
        try:
            if prepare:
                self.write("DELETE", path, prepare)
            else:
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
        slots: Slots | None = None,
        **request: Any,
    ) -> Answer:
        """Return the successful answer to one request, with retries if they are safe."""
        may_repeat = method != "POST" if repeatable is None else repeatable
        return self._retried(
            method,
            may_repeat,
            lambda again: self._sender.send(method, root + path, request, slots, again=again)[0],
        )

    def _retried(self, method: str, may_repeat: bool, send: Callable[[bool], Result]) -> Result:
        """Return the result of sending a request, with retries if they are safe.

        `send` takes whether it is a retry.
        """
        tries = count()
        with self._counting:
            self.requests += 1
        try:
            return self.retries.run(
                lambda: send(next(tries) > 0), lambda error: may_repeat or not error.sent
            )
        except UnansweredError as error:
            error.uncertain = error.sent and method != "GET"
            raise
